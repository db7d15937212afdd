"""What it costs to read images out of tar shards, against the same images as files.

    .venv/bin/python -m tests.benchmarks.tar_reading [--images N] [--per-shard N] [--blocks N]

Images as cameras have them, and the same with boxes beside them in shards of so many members, as
WebDataset writes them. Blocks of images from all over are hashed, decoded, and detected on, in
turns from files and from shards, in another order each time; ends with one line of JSON: seconds of
a core, the median of the blocks' ratios, shards over files, with its 95% interval (bootstrap over
blocks). Such seconds may be counted on a busy machine.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from msgspec.structs import replace

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.importing.service import plan_import
from core.inference.image_by_image import Run, prepare
from core.inference.loading import load_images
from core.inference.predicting import predict_with
from core.inference.processor import this_processor
from core.inference.processor_words import processor_name
from core.inference.settings import TRUE_F32
from core.jobs.planned import run_planned
from core.metrics.speed.statistics import ratio_interval
from core.models.stored import StoredModel, load_stored
from core.predict.parts import hash_of_image
from core.sample import sample
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support.images import write_many
from tests.support.unwinding import unwind_when_ended

WIDTH, HEIGHT = 900, 700


def make_shards(images: Path, folder: Path, per_shard: int) -> None:
    """The images of a folder with boxes beside them, two members each."""
    folder.mkdir()
    about = json.dumps([{"bbox": [1, 2, 30, 40], "category": "square"}]).encode()
    paths = sorted(images.iterdir())
    each = max(1, per_shard // 2)
    for first in range(0, len(paths), each):
        with tarfile.open(folder / f"shard-{first // each:06}.tar", "w") as archive:
            for path in paths[first : first + each]:
                archive.add(path, path.name)
                sidecar = tarfile.TarInfo(f"{path.stem}.json")
                sidecar.size = len(about)
                archive.addfile(sidecar, io.BytesIO(about))


def steps(model: StoredModel, xml: Path) -> dict[str, Callable[[Dataset, range], Any]]:
    """What is done with a block of images."""
    detector, compiled = model.card.detector, prepare([Run(xml, TRUE_F32)])

    def hashed(dataset: Dataset, block: range) -> None:
        for image in block:
            hash_of_image(dataset.path(image))

    def decoded(dataset: Dataset, block: range) -> None:
        assert not any(one.problem for one in load_images(dataset, block, detector))

    def detected(dataset: Dataset, block: range) -> None:
        names = dataset.images[block.start : block.stop]
        predict_with(compiled, detector, replace(dataset, images=names, annotations=()))

    return {"hashed": hashed, "decoded": decoded, "detected": detected}


def main() -> int:
    """Measure, and say so in JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--per-shard", type=int, default=20_000)
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--block", type=int, default=100, help="images of one")
    options = parser.parse_args()
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        workspace = Workspace(folder / "workspace")
        planned = plan_import(workspace, sample().model, sample().validation)
        run_planned(workspace, planned).outcome.require()
        xml = model_of(workspace.projects()[0])
        files = write_many(folder / "files", options.images, WIDTH, HEIGHT)
        make_shards(files, folder / "shards", options.per_shard)
        datasets = {one: open_dataset(folder / one) for one in ("files", "shards")}
        assert len({len(one.images) for one in datasets.values()}) == 1
        looked_at = options.blocks * options.block
        found: dict[str, Any] = {"images": options.images, "members": options.per_shard}
        for step, do in steps(load_stored(xml), xml).items():
            spent: dict[str, list[float]] = {one: [] for one in datasets}
            places = chance.sample(range(options.images - options.block), options.blocks)
            for block in (range(first, first + options.block) for first in places):
                for one in chance.sample(list(datasets), 2):
                    before = process_time()
                    do(datasets[one], block)
                    spent[one].append(process_time() - before)
            ratio = ratio_interval(spent["shards"], spent["files"])
            found[step] = {
                "ratio": [round(each, 4) for each in (ratio.value, ratio.low, ratio.high)],
                "files_ms": round(1000 * float(np.sum(spent["files"])) / looked_at, 4),
                "shards_ms": round(1000 * float(np.sum(spent["shards"])) / looked_at, 4),
            }
            print(f"{step}: {found[step]}", file=sys.stderr)
    found["processor"] = processor_name(this_processor())
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
