"""Pascal VOC's average precision: IoU .50, 11-point (VOC 2007) and all-point (from 2010 on).

Source: the VOC devkit's ``VOCevaldet`` and ``VOCap``, without its "+1" for pixels. Unlike COCO, a
detection claims the one box it overlaps most, and is wrong if a surer one has claimed it.

Of boxes that it overlaps alike, of which one is difficult, it claims the other one, as with COCO's
crowds. There the devkit takes the one that stands first in the file, an order that says nothing of
the objects; it matters where one object was annotated twice with the same corners.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.judging import Judged
from core.metrics.accuracy.rows_by_class import RowsByClass
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.arrays import Real
from core.metrics.matching.matching import overlapping_pairs, rank

_IOU = 0.5
_ROW = np.dtype([("score", np.float32), ("right", np.bool_)])


@dataclass(frozen=True, eq=False)
class VocPrecision:
    """Float64 ``[C]`` each: AP of each class, NaN without ground truth."""

    eleven_point: Real
    all_point: Real

    @staticmethod
    def mean(values: Real) -> float | None:
        """Mean AP over the classes with ground truth."""
        known = values[~np.isnan(values)]
        return float(known.mean()) if len(known) else None


@dataclass(frozen=True, eq=False)
class VocClaims:
    """The detections that count, in the order of their images, and which of them are right.

    `class_ids` int32, `scores` float32, `right` bool ``[K]``.
    """

    class_ids: NDArray[np.int32]
    scores: NDArray[np.float32]
    right: NDArray[np.bool_]

    @staticmethod
    def of(truth: GroundTruth, judged: Judged) -> VocClaims:
        """Without those that overlap an ignored box most."""
        side = judged.candidates.a
        right, ignored = _claims(truth, judged)
        class_ids = np.asarray(side.ranked.keys % judged.candidates.class_count, np.int32)
        return VocClaims(class_ids[~ignored], side.scores[~ignored], right[~ignored])

    @property
    def rows(self) -> NDArray[np.void]:
        """For `VocByParts`."""
        rows = np.empty(len(self.scores), _ROW)
        rows["score"], rows["right"] = self.scores, self.right
        return rows


class VocByParts:
    """Collects the detections that count, and ranks them class by class."""

    def __init__(self, classes: int, folder: Path | None = None) -> None:
        self._rows = RowsByClass(_ROW, classes, folder)

    def add(self, claims: VocClaims) -> None:
        """Parts are added in the order of their images."""
        self._rows.add(claims.class_ids, claims.rows)

    def precision(self, references: NDArray[np.int64]) -> VocPrecision:
        """AP of each class, of which there are so many objects, int64 ``[C]``; all is forgotten."""
        result = np.full((2, len(references)), np.nan)
        for class_id in np.flatnonzero(references).tolist():
            hits = self._rows.ranked(class_id)["right"]
            found = np.cumsum(hits)
            recall, precision = found / references[class_id], found / np.arange(1, len(hits) + 1)
            result[:, class_id] = _eleven_point(recall, precision), _area(recall, precision)
        self._rows.close()
        return VocPrecision(result[0], result[1])


def voc_precision(truth: GroundTruth, judged: Judged) -> VocPrecision:
    """VOC's AP of every class; what overlaps an ignored box most does not count."""
    classes = judged.candidates.class_count
    references = np.bincount(truth.table.class_ids, minlength=classes)
    found = VocByParts(classes)
    found.add(VocClaims.of(truth, judged))
    return found.precision(references)


def _claims(truth: GroundTruth, judged: Judged) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Bool ``[Ka]`` twice: detections that are right, and such as do not count."""
    side = judged.candidates.a
    own, other = truth.table, truth.ignored
    best = np.zeros((2, len(side.scores)))
    claimed = np.full(len(side.scores), -1, np.int64)
    for number, table in enumerate((own, other)):
        ranked = rank(table, 0.0, len(table.scores) + 1)
        pairs = overlapping_pairs(side.table, side.ranked, table, ranked, 1e-9)
        # the last write of an a wins: its best, of equal ones the first
        order = np.lexsort((-pairs.b, pairs.iou, pairs.a))
        best[number][pairs.a[order]] = pairs.iou[order]
        if number == 0:
            claimed[pairs.a[order]] = pairs.b[order]
    ignored = (best[1] > best[0]) & (best[1] >= _IOU)
    claims = np.flatnonzero((best[0] >= _IOU) & ~ignored)
    by_score = claims[np.argsort(-side.scores[claims], kind="stable")]
    _, first = np.unique(claimed[by_score], return_index=True)
    right = np.zeros(len(side.scores), bool)
    right[by_score[first]] = True
    return right, ignored


def _eleven_point(recall: Real, precision: Real) -> float:
    points = np.linspace(0, 1, 11)
    best = [precision[recall >= point - 1e-12].max(initial=0.0) for point in points]
    return float(np.mean(best))


def _area(recall: Real, precision: Real) -> float:
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0.0) * envelope).sum())
