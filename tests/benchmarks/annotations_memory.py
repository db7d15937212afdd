"""What the figures of a report on annotations take in memory, by the number of images.

Run: ``python -m tests.benchmarks.annotations_memory [IMAGES ...]``. Two models of 20 detections an
image and 10 objects, made part by part from seeds, so that nothing but the job's own work holds
them; each size in a process of its own. Prints what the ground truth takes, the peak, what of it is
above the ground truth for each detection of one model, and the processor's time; the last line
is JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import psutil

from core.detection.detections import DetectionTable
from core.detection.joining import Both
from core.inference.processor import this_processor
from core.metrics.accuracy.annotated import accuracy_by_parts
from core.metrics.accuracy.truth import GroundTruth
from tests.benchmarks.accuracy_speed import DETECTIONS, made
from tests.support.truth import truth_of

SIZES = (30_000, 100_000)
PART = 2_000  # images


def parts(images: int) -> Iterator[Both]:
    """Both models' detections, with names that count through."""
    for first in range(0, images, PART):
        some = range(first, min(first + PART, images))
        names = tuple(f"val/{number:012d}.jpg" for number in some)
        parent, optimized = made(len(some), seed=first)
        yield replace(parent, image_names=names), replace(optimized, image_names=names)


def truth_by_parts(images: int) -> GroundTruth:
    """Every second box of a third model."""
    tables: list[DetectionTable] = []
    for parent, _ in parts(images):
        objects = made(len(parent), seed=10**6 + len(tables))[0]
        mixed = np.arange(len(parent.scores)) % 3 == 0
        boxes = np.where(mixed[:, None], objects.boxes, parent.boxes)[::2]
        class_ids = np.where(mixed, objects.class_ids, parent.class_ids)[::2]
        tables.append(
            replace(
                parent,
                offsets=parent.offsets // 2,
                boxes=boxes,
                scores=parent.scores[::2],
                class_ids=class_ids,
            )
        )
    return truth_of(DetectionTable.joined(tables, tables[0].class_names))


def measure(images: int, answer: Connection) -> None:
    """One size."""
    truth = truth_by_parts(images)
    held = psutil.Process().memory_info().rss
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        found = accuracy_by_parts(truth, lambda: parts(images), folder=Path(folder))
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert found.parent.ap is not None
    answer.send((held, peak, seconds, found.parent.ap.value))


def main() -> None:
    """Measure the sizes that are named, or two."""
    spawn, line = multiprocessing.get_context("spawn"), []
    for images in [int(text) for text in sys.argv[1:]] or SIZES:
        here, there = spawn.Pipe(duplex=False)
        child = spawn.Process(target=measure, args=(images, there))
        child.start()
        there.close()
        held, peak, seconds, ap = here.recv()
        child.join()
        each = (peak - held) / (images * DETECTIONS)
        print(
            f"{images:,} images: with the ground truth {held / 2**20:.0f} MB, peak "
            f"{peak / 2**20:.0f} MB, {each:.0f} bytes more for each detection of one model; "
            f"{seconds:.1f} s of the processor; AP {ap:.4f}",
            flush=True,
        )
        line.append({"images": images, "held_bytes": held, "peak_bytes": peak, "cpu": seconds})
    print(json.dumps({"processor": this_processor().name, "sizes": line}))


if __name__ == "__main__":
    main()
