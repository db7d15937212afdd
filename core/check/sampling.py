"""Intervals over images of figures that compare two models without annotations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.metrics.accuracy.accuracy_kept import accuracy_kept
from core.metrics.comparison.bootstrap import Interval, interval
from core.metrics.comparison.comparison import compare
from core.metrics.matching.thresholds import Thresholds

KEPT_DRAWS = 150


def kept_interval(
    parent: DetectionTable, other: DetectionTable, go_on: Callable[[int], None]
) -> Interval:
    """The accuracy kept; `go_on` is told of each of `KEPT_DRAWS`, and may raise to stop."""
    random = np.random.default_rng(0)
    value = accuracy_kept(parent, other)
    drawn = [value]
    for number in range(KEPT_DRAWS):
        go_on(number)
        images = random.integers(0, len(parent), len(parent))
        drawn.append(accuracy_kept(with_images(parent, images), with_images(other, images)))
    found = interval(value, np.array(drawn))
    return Interval(value=value, low=max(0.0, found.low), high=min(1.0, found.high))


def changed_interval(
    parent: DetectionTable, other: DetectionTable, thresholds: Thresholds
) -> Interval:
    """The share of both models' detections that appears, vanishes, changes class or moves."""
    rows = compare(parent, other, thresholds).images
    changed = rows.missed + rows.extra + 2 * (rows.class_changed + rows.shifted)
    counts = rows.parent + rows.optimized
    drawn = np.random.default_rng(0).integers(0, len(counts), (2000, len(counts)))
    of_draw = counts[drawn].sum(axis=1)
    shares = changed[drawn].sum(axis=1) / np.maximum(of_draw, 1)
    value = float(changed.sum() / max(1, counts.sum()))
    low, high = np.percentile(shares, [2.5, 97.5])
    return Interval(value=value, low=min(value, float(low)), high=max(value, float(high)))


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
