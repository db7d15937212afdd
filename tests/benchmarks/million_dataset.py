"""A million images on disk: listed, opened, all boxes read, checked; as files and as tar shards.

Run: ``python -m tests.benchmarks.million_dataset [--images N] [--gigabytes G] [--folder DIR]
[--steps NAME ...]``. A seeded generator writes small JPEGs, no two alike, 1000 to a folder, and one
COCO file with 10 objects an image, whose outlines fill it up to that size; and the same images with
boxes beside them in tar shards of 10 000. Checked is each as the program checks a dataset, and at
last the shards against the files, which are all alike: more cannot be. Each step is done in a
process of its own, whose peak memory is measured, and the longest time without a word of progress;
the last line is JSON: seconds and bytes of each. ``--folder`` keeps what was made, and takes what
exists.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from core.dataset_making.job import CheckDatasetJob
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.datasets.source import DatasetSource
from core.images.encode import jpeg
from core.inference.processor import this_processor
from core.jobs.context import JobContext
from tests.support.images import commented
from tests.support.unwinding import unwind_when_ended

PER_FOLDER, PER_SHARD, OBJECTS, CLASSES, SIDE = 1000, 10_000, 10, 80, 64


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
        place.write_bytes(commented(pixels, image))
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
        for image, objects in enumerate(drawn(random, images)):
            file.write("," if image else "")
            file.write(
                ",".join(
                    f'{{"id": {image * OBJECTS + n}, "image_id": {image}, '
                    f'"category_id": {one + 1}, "bbox": {box}, "area": {box[2] * box[3]:.2f}, '
                    f'"iscrowd": 0, "segmentation": [[{outline}]]}}'
                    for n, (box, one) in enumerate(objects)
                )
            )
        classes = ",".join(f'{{"id": {n + 1}, "name": "class {n}"}}' for n in range(CLASSES))
        file.write(f'], "categories": [{classes}]}}')
    temporary.rename(path)
    return path


def drawn(random: np.random.Generator, images: int) -> Iterator[list[tuple[list[float], int]]]:
    """The box and class of each object of each image."""
    for first in range(0, images, PER_FOLDER):
        some = min(PER_FOLDER, images - first)
        boxes = random.uniform(1, 30, (some, OBJECTS, 4)).round(2).tolist()
        classes = random.integers(0, CLASSES, (some, OBJECTS)).tolist()
        for own, ids in zip(boxes, classes, strict=True):
            yield list(zip(own, ids, strict=True))


def make_shards(folder: Path, images: int) -> None:
    """The same as shards of samples, as WebDataset's writer makes them; what is there is left."""
    pixels, random = jpeg(np.zeros((SIDE, SIDE, 3), np.uint8)), np.random.default_rng(0)
    time_of_member = tarfile.TarInfo("x")
    time_of_member.mtime = 1_700_000_000.5
    pax = time_of_member.tobuf(tarfile.PAX_FORMAT)[:1024]  # before each member's own header
    folder.mkdir(exist_ok=True)
    for first in range(0, images, PER_SHARD):
        path = folder / f"shard-{first // PER_SHARD:06d}.tar"
        if path.exists():
            continue
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            some = min(PER_SHARD, images - first)
            for image, objects in enumerate(drawn(random, some), start=first):
                said = ",".join(f'{{"bbox":{box},"category":"class {n}"}}' for box, n in objects)
                for suffix, data in (
                    ("jpg", commented(pixels, image)),
                    ("json", f"[{said}]".encode()),
                ):
                    member = tarfile.TarInfo(f"{image:09d}.{suffix}")
                    member.size = len(data)
                    header = pax + member.tobuf(tarfile.USTAR_FORMAT)
                    file.write(header + data + bytes(-len(data) % 512))
            file.write(bytes(1024))
        temporary.rename(path)


class Progress:
    """Hears of it, and knows the longest time without."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.perf_counter()

    def __call__(self, done: int) -> None:
        """A word of it."""
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


def folder_alone(folder: Path, progress: Progress) -> str:
    return f"{len(open_dataset(folder / 'images', found=progress).images):,} images"


def opened(folder: Path, progress: Progress) -> str:
    return f"{len(open_dataset(folder, found=progress).images):,} images"


def read(folder: Path, progress: Progress) -> str:
    dataset = open_dataset(folder, found=progress)
    found = read_annotations(dataset, progress)
    return f"{len(found.class_ids):,} boxes, {len(found.problems)} kinds of problems"


def checked(folder: Path, progress: Progress, against: Path | None = None) -> str:
    other = DatasetSource(path=against, role="calibration") if against else None
    job = CheckDatasetJob(dataset=DatasetSource(path=folder), against=other)
    with tempfile.TemporaryDirectory() as place:
        context = JobContext(Path(place), lambda message: progress(0), threading.Event())
        found = job.run(context)
    facts = found.facts
    return f"{facts.images:,} images, {facts.boxes:,} boxes, {len(found.shared):,} in both"


def shards_checked(folder: Path, progress: Progress) -> str:
    return checked(folder / "shards", progress)


def checked_against(folder: Path, progress: Progress) -> str:
    return checked(folder / "shards", progress, folder / "images")


def shards_opened(folder: Path, progress: Progress) -> str:
    return opened(folder / "shards", progress)


def shards_read(folder: Path, progress: Progress) -> str:
    return read(folder / "shards", progress)


STEPS: dict[str, Callable[[Path, Progress], str]] = {
    "folder": folder_alone, "coco_opened": opened, "coco_read": read,
    "shards_first": shards_opened, "shards_again": shards_opened, "shards_read": shards_read,
    "coco_checked": checked, "shards_checked": shards_checked, "checked_against": checked_against,
}  # fmt: skip


def measure(step: str, folder: Path, answer: Connection) -> None:
    start, progress = time.perf_counter(), Progress()
    said = STEPS[step](folder, progress)
    progress(0)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"{step}: {said}: {seconds:.1f} s, peak memory {peak / 2**20:.0f} MB, "
        f"longest silence {progress.longest:.1f} s",
        flush=True,
    )
    answer.send((round(seconds, 2), peak, round(progress.longest, 2)))


def main() -> None:
    """Make what is missing, measure each step, and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    line: dict[str, Any] = {"images": options.images, "processor": this_processor().name}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        file = make(folder, options.images, round(options.gigabytes * 1e9))
        make_shards(folder / "shards", options.images)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        line["file_bytes"] = file.stat().st_size
        print(f"{line['file_bytes'] / 1e9:.2f} GB of COCO", flush=True)
        for step in options.steps:
            here, there = spawn.Pipe(duplex=False)
            child = spawn.Process(target=measure, args=(step, folder, there))
            child.start()
            there.close()
            seconds, peak, silent = here.recv()
            line |= {f"{step}_seconds": seconds, f"{step}_peak_memory_bytes": peak}
            line[f"{step}_longest_silence_seconds"] = silent
            child.join()
    print(json.dumps(line))


if __name__ == "__main__":
    unwind_when_ended()
    main()
