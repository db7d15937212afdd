"""A million images on disk: listing them, opening a COCO file of 2 GB, and reading all its boxes.

Run: ``python -m tests.benchmarks.million_dataset [--images N] [--gigabytes G] [--folder DIR]``. A
seeded generator writes small JPEGs, 1000 to a folder, and one COCO file with 10 objects an
image, whose outlines fill it up to that size. Each step is done in a process of its own, whose peak
memory is measured; the last line is JSON: seconds and bytes of each. ``--folder`` keeps what was
made, and takes what exists.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.images.encode import jpeg
from core.inference.processor import this_processor

PER_FOLDER, OBJECTS, CLASSES, SIDE = 1000, 10, 80, 64


def name(image: int) -> str:
    return f"part {image // PER_FOLDER:04d}/image {image:07d}.jpg"


def make(folder: Path, images: int, size_bytes: int) -> Path:
    """The images, and the COCO file beside their folder; what is there is left."""
    path = folder / "annotations" / "instances_images.json"
    if path.exists():
        return path
    pixels = jpeg(np.zeros((SIDE, SIDE, 3), np.uint8))
    for image in range(images):
        place = folder / "images" / name(image)
        if image % PER_FOLDER == 0:
            place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pixels)
    path.parent.mkdir(exist_ok=True)
    temporary, random = path.with_suffix(".part"), np.random.default_rng(0)
    room = max(0, size_bytes // (images * OBJECTS) - 130)
    outline = ",".join(["12.5"] * max(6, room // 5))
    with temporary.open("w") as file:
        file.write('{"info": {"year": 2026}, "images": [')
        for image in range(images):
            comma = "," if image else ""
            file.write(
                f'{comma}{{"id": {image}, "file_name": "{name(image)}", '
                f'"width": {SIDE}, "height": {SIDE}}}'
            )
        file.write('], "annotations": [')
        for image in range(images):
            sides = random.uniform(1, 30, (OBJECTS, 4)).round(2).tolist()
            of_class = random.integers(0, CLASSES, OBJECTS).tolist()
            file.write("," if image else "")
            file.write(
                ",".join(
                    f'{{"id": {image * OBJECTS + n}, "image_id": {image}, '
                    f'"category_id": {one + 1}, "bbox": {box}, "area": {box[2] * box[3]:.2f}, '
                    f'"iscrowd": 0, "segmentation": [[{outline}]]}}'
                    for n, (box, one) in enumerate(zip(sides, of_class, strict=True))
                )
            )
        classes = ",".join(f'{{"id": {n + 1}, "name": "class {n}"}}' for n in range(CLASSES))
        file.write(f'], "categories": [{classes}]}}')
    temporary.rename(path)
    return path


def folder_alone(folder: Path) -> str:
    return f"{len(open_dataset(folder / 'images').images):,} images"


def opened(folder: Path) -> str:
    return f"{len(open_dataset(folder).images):,} images"


def read(folder: Path) -> str:
    dataset = open_dataset(folder)
    found = read_annotations(dataset, lambda done: None)
    return f"{len(found.class_ids):,} boxes, {len(found.problems)} kinds of problems"


STEPS: dict[str, Callable[[Path], str]] = {
    "folder": folder_alone, "coco_opened": opened, "coco_read": read,
}  # fmt: skip


def measure(step: str, folder: Path, answer: Connection) -> None:
    start = time.perf_counter()
    said = STEPS[step](folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{step}: {said}: {seconds:.1f} s, peak memory {peak / 2**20:.0f} MB", flush=True)
    answer.send((round(seconds, 2), peak))


def main() -> None:
    """Make what is missing, measure each step, and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    line: dict[str, Any] = {"images": options.images, "processor": this_processor().name}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        file = make(folder, options.images, round(options.gigabytes * 1e9))
        line["file_bytes"] = file.stat().st_size
        print(f"{line['file_bytes'] / 1e9:.2f} GB of COCO", flush=True)
        for step in STEPS:
            here, there = spawn.Pipe(duplex=False)
            child = spawn.Process(target=measure, args=(step, folder, there))
            child.start()
            there.close()
            line[f"{step}_seconds"], line[f"{step}_peak_memory_bytes"] = here.recv()
            child.join()
    print(json.dumps(line))


if __name__ == "__main__":
    main()
