"""Opening a comparison, moving a threshold, sorting and filtering, with 5 000 and 100 000 images;
and COCO's statistics beside faster-coco-eval called directly.

Run: ``python -m tests.benchmarks.accuracy_speed [IMAGES ...]``. Two models, 20 detections an image
each. Every size is measured in a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from core.detection.detections import DetectionTable
from tests.support.unwinding import unwind_when_ended

TARGETS = {5_000: (0.5, 0.1, 0.1, 600), 100_000: (2.0, 0.5, 0.5, 600)}
DETECTIONS, CLASSES, SIZE = 20, 80, 640
REPEATS = 3


def made(images: int, seed: int = 0) -> tuple[DetectionTable, DetectionTable]:
    """Two models' detections: the second's are the first's, moved, some replaced."""
    random = np.random.default_rng(seed)
    rows = images * DETECTIONS
    offsets = np.arange(images + 1, dtype=np.int64) * DETECTIONS
    names = tuple(f"val/{number:012d}.jpg" for number in range(images))
    sizes = np.full((images, 2), SIZE, np.int32)
    classes = tuple(f"class {number}" for number in range(CLASSES))
    own = random.integers(0, CLASSES, (images, 5))  # the classes that an image shows
    class_ids = np.take_along_axis(own, random.integers(0, 5, (images, DETECTIONS)), 1)
    corners = random.random((rows, 2)) * (SIZE - 120)
    sides = 20 + random.random((rows, 2)) * 100
    scores = random.beta(1, 1.5, rows)

    def table(boxes: np.ndarray, scores: np.ndarray, class_ids: np.ndarray) -> DetectionTable:
        order = np.argsort(np.repeat(np.arange(images), DETECTIONS) * 2.0 - scores, kind="stable")
        return DetectionTable(
            names,
            sizes,
            offsets,
            boxes[order].astype(np.float32),
            scores[order].astype(np.float32),
            class_ids.ravel()[order].astype(np.int32),
            classes,
        )

    boxes = np.concatenate([corners, corners + sides], axis=1)
    moved = boxes + random.normal(0, 3, boxes.shape)
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
    fresh = random.random(rows) < 0.1
    moved[fresh] = boxes[random.permutation(rows)[: fresh.sum()]]
    drifted = np.clip(scores + random.normal(0, 0.05, rows), 0.01, 1)
    return table(boxes, scores, class_ids), table(moved, drifted, class_ids)


def timed(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Seconds that a run takes: the median of a few."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def measure(images: int, folder: Path) -> None:
    """Print the figures for so many images."""
    from core.metrics.comparison.bootstrap import agreement_interval
    from core.metrics.comparison.comparison import Thresholds, compare, prepare
    from core.reports.filters import RowFilter, image_mask

    start = time.perf_counter()
    parent = DetectionTable.load(folder / "parent.npz")
    optimized = DetectionTable.load(folder / "optimized.npz")
    candidates = prepare(parent, optimized)
    comparison = compare(parent, optimized, candidates=candidates)
    comparison.classes.precision.sum()
    opening = time.perf_counter() - start
    scores = iter(np.linspace(0.2, 0.5, 2 * REPEATS).tolist())

    def move() -> None:
        thresholds = Thresholds(score=next(scores))
        compare(parent, optimized, thresholds, candidates=candidates)

    def move_advanced() -> None:
        thresholds = Thresholds(score=next(scores))
        moved = compare(parent, optimized, thresholds, candidates=candidates)
        moved.classes.precision.sum()

    moving, advanced = timed(move), timed(move_advanced)
    rows = comparison.images
    sorting = timed(lambda: np.argsort(-rows.matches, kind="stable"))
    wanted = RowFilter(name="99", statuses=("missed",), ranges={"matches": (2, None)})
    filtering = timed(lambda: image_mask(comparison, wanted))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    interval = timed(lambda: agreement_interval(comparison, candidates))
    print(f"{images} images, targets {TARGETS.get(images)} (open, move, sort/filter, MB)")
    print(f"  open {opening:.3f} s; move {moving:.3f} s, advanced table {advanced:.3f} s")
    print(f"  sort {sorting:.3f} s; filter {filtering:.3f} s; peak memory {memory:.0f} MB")
    print(f"  bootstrap of the agreement {interval:.2f} s", flush=True)


def measure_coco(images: int = 5_000) -> None:
    """Print what both ways take."""
    ours, theirs = (median(seconds) for seconds in coco_turns(5, images))
    print(
        f"COCO statistics, {images} images, {images * DETECTIONS} detections: {ours:.2f} s from our"
    )
    print(f"  columns, {theirs:.2f} s by faster-coco-eval directly: {ours / theirs:.2f} times")


def coco_turns(rounds: int, images: int = 5_000) -> tuple[list[float], list[float]]:
    """Seconds of COCO's statistics in turns: from our columns, and from lists of dicts as its users
    have them.
    """
    import faster_coco_eval

    from core.metrics.accuracy.coco_statistics import coco_statistics
    from core.metrics.accuracy.truth import GroundTruth

    truth_table, found = made(images)
    crowds = DetectionTable.build([], [], [], truth_table.class_names)
    crowds = DetectionTable(
        truth_table.image_names,
        truth_table.image_sizes,
        np.zeros(images + 1, np.int64),
        crowds.boxes,
        crowds.scores,
        crowds.class_ids,
        truth_table.class_names,
    )
    sizes = (truth_table.boxes[:, 2:] - truth_table.boxes[:, :2]).astype(np.float64)
    areas = sizes.prod(axis=1)
    truth = GroundTruth(truth_table, areas, crowds, np.zeros(0), np.ones(CLASSES, bool))

    def rows(table: DetectionTable) -> list[dict[str, Any]]:
        boxes = np.concatenate([table.boxes[:, :2], table.boxes[:, 2:] - table.boxes[:, :2]], 1)
        columns = (table.image_indices, table.class_ids, boxes.astype(float), table.scores)
        return [
            {"image_id": image, "category_id": class_id, "bbox": box, "score": score}
            for image, class_id, box, score in zip(*(c.tolist() for c in columns), strict=True)
        ]

    given = {
        "images": [{"id": image} for image in range(images)],
        "categories": [{"id": class_id} for class_id in range(CLASSES)],
        "annotations": [
            {**row, "id": number, "area": area, "iscrowd": 0}
            for number, (row, area) in enumerate(
                zip(rows(truth_table), areas.tolist(), strict=True), 1
            )
        ],
    }
    results = rows(found)

    def directly() -> None:
        coco = faster_coco_eval.COCO(given)
        evaluation = faster_coco_eval.COCOeval_faster(
            coco, coco.loadRes([{**row} for row in results]), "bbox", print_function=lambda *_: None
        )
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()

    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(timed(lambda: coco_statistics(truth, found), 1))
        theirs.append(timed(directly, 1))
    return ours, theirs


def main() -> None:
    """Measure the sizes that are named, or both."""
    sizes = [int(text) for text in sys.argv[1:]] or list(TARGETS)
    spawn = multiprocessing.get_context("spawn")
    coco = spawn.Process(target=measure_coco)  # of its own: a child starts with its peak memory
    coco.start()
    coco.join()
    for images in sizes:
        with tempfile.TemporaryDirectory() as folder:
            writing = spawn.Process(target=_write, args=(images, Path(folder)))
            writing.start()
            writing.join()
            child = spawn.Process(target=measure, args=(images, Path(folder)))
            child.start()
            child.join()


def _write(images: int, folder: Path) -> None:
    parent, optimized = made(images)
    parent.save(folder / "parent.npz")
    optimized.save(folder / "optimized.npz")


if __name__ == "__main__":
    unwind_when_ended()
    main()
