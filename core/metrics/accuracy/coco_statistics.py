"""The twelve COCO statistics, of detections that may come part by part.

Source of the formulas: cocoapi, ``COCOeval.accumulate`` and ``summarize``. Held equal to it, and to
the last bit to faster-coco-eval, by the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.metrics.accuracy.average_precision import RECALL_POINTS, hits_needed
from core.metrics.accuracy.coco_matching import AREAS, LEVELS, MOST, ROW, CocoPart
from core.metrics.accuracy.rows_by_class import RowsByClass
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.arrays import Real
from core.metrics.matching.candidates import prepare
from core.metrics.matching.chunks import chunks, in_order, on_all_cores

STATISTICS = (
    "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl",
)  # fmt: skip
_PRECISIONS = (
    ("AP", 0, slice(None)), ("AP50", 0, slice(0, 1)), ("AP75", 0, slice(5, 6)),
    ("APs", 1, slice(None)), ("APm", 2, slice(None)), ("APl", 3, slice(None)),
)  # fmt: skip
_NONE = -1.0
"""Stands where there is nothing to be found, as in COCO's own arrays."""


@dataclass(frozen=True, eq=False)
class CocoStatistics:
    """What COCO's evaluation says of one model.

    Attributes:
        values: the twelve statistics by name; None where there is no ground truth to tell by.
        class_ids: int64 ``[K]``: the classes that were evaluated.
        precision: float64 ``[10, 101, K]``: at each IoU threshold and recall 0, .01, ... 1, over
            boxes of all sizes; NaN for a class without ground truth.
    """

    values: dict[str, float | None]
    class_ids: NDArray[np.int64]
    precision: Real

    def class_ap(self) -> dict[int, tuple[float, float]]:
        """AP@[.50:.95] and AP50 by class id, of the classes with ground truth."""
        mean, half = self.precision.mean(axis=(0, 1)), self.precision[0].mean(axis=0)
        return {
            int(class_id): (float(mean[place]), float(half[place]))
            for place, class_id in enumerate(self.class_ids)
            if not np.isnan(mean[place])
        }


def coco_statistics(truth: GroundTruth, detections: DetectionTable) -> CocoStatistics:
    """Evaluate detections on the images of `truth`, in the classes that it knows."""

    def part(images: range) -> CocoPart:
        some = truth.part(images)
        return CocoPart.of(some, prepare(some.table, some.judged(detections.part(images))))

    offsets = detections.offsets + truth.table.offsets + truth.ignored.offsets
    found = CocoByParts(max(1, len(truth.class_names)))
    for one in in_order(part, chunks(offsets)):
        found.add(one)
    return found.statistics(truth.mapped)


class CocoByParts:
    """Collects what parts of the images come to, some 16 bytes a detection; not in memory for long.

    `folder` as in `RowsByClass`.
    """

    def __init__(self, classes: int, folder: Path | None = None) -> None:
        self._rows = [RowsByClass(ROW, classes, folder) for _ in AREAS]
        self._wanted = np.zeros((len(AREAS), classes), np.int64)
        self._surest = np.zeros((len(MOST) - 1, LEVELS, classes), np.int64)

    def add(self, part: CocoPart) -> None:
        """Parts are added in the order of their images."""
        for into, class_ids, rows in zip(self._rows, part.class_ids, part.rows, strict=True):
            into.add(class_ids, rows)
        self._wanted += part.wanted
        self._surest += part.right

    def statistics(self, mapped: NDArray[np.bool_]) -> CocoStatistics:
        """Of the classes that are `mapped`, bool ``[C]``; all that was collected is forgotten."""
        class_ids = np.flatnonzero(mapped)
        precision = np.full((len(AREAS), LEVELS, len(RECALL_POINTS), len(class_ids)), _NONE)
        recall = np.full((len(AREAS), LEVELS, len(class_ids)), _NONE)

        def of_class(place: int) -> None:
            class_id = int(class_ids[place])
            for number, rows in enumerate(self._rows):
                wanted = int(self._wanted[number, class_id])
                if wanted:
                    found = _precision(rows.ranked(class_id), wanted)
                    precision[number, :, :, place], recall[number, :, place] = found

        try:
            on_all_cores(of_class, range(len(class_ids)))
        finally:
            for rows in self._rows:
                rows.close()
        values = {name: _mean(precision[area, own]) for name, area, own in _PRECISIONS}
        there = self._wanted[0, class_ids]
        for most, right in zip(MOST, self._surest[:, :, class_ids], strict=False):
            share = np.where(there > 0, right / np.maximum(there, 1), _NONE)
            values[f"AR{most}"] = _mean(share)
        names = (f"AR{MOST[-1]}", "ARs", "ARm", "ARl")
        values |= {name: _mean(one) for name, one in zip(names, recall, strict=True)}
        of_all = precision[0]
        return CocoStatistics(
            values, class_ids.astype(np.int64), np.where(of_all > _NONE, of_all, np.nan)
        )


def _mean(values: Real) -> float | None:
    known = values[values > _NONE]
    return float(np.mean(known)) if len(known) else None


def _precision(rows: NDArray[Any], wanted: int) -> tuple[Real, Real]:
    """Of the ranked detections of a class: float64 ``[10, 101]`` and the recall ``[10]``."""
    precision, recall = np.zeros((LEVELS, len(RECALL_POINTS))), np.zeros(LEVELS)
    needed = hits_needed(np.array([wanted]))[0]
    right, ignored = (np.ascontiguousarray(rows[name]) for name in ("right", "ignored"))
    all_count = not ignored.any()
    for level in range(LEVELS):
        places = np.flatnonzero(right & np.uint16(1 << level))
        hits = len(places)
        if not all_count:
            out = (ignored >> np.uint16(level)) & np.uint16(1)
            places -= np.cumsum(out, dtype=np.int64)[places]
        at = np.arange(1, hits + 1) / (places + 1.0)
        best = np.maximum.accumulate(at[::-1])[::-1]
        reached = needed <= hits
        precision[level, reached] = best[needed[reached] - 1]
        recall[level] = hits / wanted
    return precision, recall
