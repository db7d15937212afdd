"""Tables of detections, written down or drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import Detections, DetectionTable

CLASSES = ("cat", "dog", "bird")
Row = tuple[float, float, float, float, float, int]
"""x1, y1, x2, y2, score, class id."""


def detections(rows: Sequence[Row]) -> Detections:
    """The detections of one image."""
    columns = np.array(rows, np.float64).reshape(-1, 6)
    return Detections(
        columns[:, :4].astype(np.float32),
        columns[:, 4].astype(np.float32),
        columns[:, 5].astype(np.int32),
    )


def table(*images: Sequence[Row], classes: Sequence[str] = CLASSES) -> DetectionTable:
    """A table with these rows for each image; the images are called 0.jpg, 1.jpg, ..."""
    return DetectionTable.build(
        [f"{number}.jpg" for number in range(len(images))],
        [(640, 480)] * len(images),
        [detections(rows) for rows in images],
        classes,
    )


def with_images(
    table: DetectionTable, images: Sequence[int] | NDArray[np.integer]
) -> DetectionTable:
    """A table of these images, in this order; one may come more than once."""
    starts, ends = table.offsets[:-1][images], table.offsets[1:][images]
    rows = np.concatenate(
        [np.zeros(0, np.int64), *(np.arange(*both) for both in zip(starts, ends, strict=True))]
    )
    return replace(
        table,
        image_names=tuple(table.image_names[image] for image in images),
        image_sizes=table.image_sizes[images],
        offsets=np.concatenate([[0], np.cumsum(ends - starts)]).astype(np.int64),
        boxes=table.boxes[rows],
        scores=table.scores[rows],
        class_ids=table.class_ids[rows],
    )


def random_pair(seed: int, classes: int = 3) -> tuple[DetectionTable, DetectionTable]:
    """Two models' detections on the same few images; the second is like the first, disturbed.

    Coordinates are whole numbers, so that overlaps are computed exactly, and often tie.
    """
    random = np.random.default_rng(seed)
    parents: list[list[Row]] = []
    optimized: list[list[Row]] = []
    for _ in range(int(random.integers(1, 5))):
        boxes = [_random_row(random, classes) for _ in range(int(random.integers(0, 12)))]
        parents.append(boxes)
        kept = [_moved(random, row) for row in boxes if random.random() < 0.85]
        twice = [_moved(random, row) for row in boxes if random.random() < 0.15]
        fresh = [_random_row(random, classes) for _ in range(int(random.integers(0, 4)))]
        optimized.append(kept + twice + fresh)
    names = [f"class {number}" for number in range(classes)]
    return table(*parents, classes=names), table(*optimized, classes=names)


def _random_row(random: np.random.Generator, classes: int) -> Row:
    left, top = (int(side) for side in random.integers(0, 60, 2))
    width, height = (int(side) for side in random.integers(4, 40, 2))
    # few different scores, so that equal ones are common
    score = float(random.integers(0, 21)) / 20
    return left, top, left + width, top + height, score, int(random.integers(0, classes))


def _moved(random: np.random.Generator, row: Row) -> Row:
    left, top, right, bottom, score, class_id = row
    shift = [int(side) for side in random.integers(-3, 4, 4)]
    left, top = max(0, left + shift[0]), max(0, top + shift[1])
    right, bottom = max(left + 1, right + shift[2]), max(top + 1, bottom + shift[3])
    score = min(1.0, max(0.0, score + float(random.integers(-2, 3)) / 20))
    return left, top, right, bottom, score, class_id
