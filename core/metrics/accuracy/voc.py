"""Pascal VOC's average precision: IoU .50, 11-point (VOC 2007) and all-point (from 2010 on).

Source: the VOC devkit's ``VOCevaldet`` and ``VOCap``, without its "+1" for pixels. Unlike COCO, a
detection claims the one box it overlaps most, and is wrong if a surer one has claimed it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.judging import Judged
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.arrays import Real
from core.metrics.matching.matching import overlapping_pairs, rank

_IOU = 0.5


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


def voc_precision(truth: GroundTruth, judged: Judged) -> VocPrecision:
    """VOC's AP of every class; what overlaps an ignored box most does not count."""
    side = judged.candidates.a
    right, ignored = _claims(truth, judged)
    classes = judged.candidates.class_count
    references = np.bincount(truth.table.class_ids, minlength=classes)
    result = np.full((2, classes), np.nan)
    order = side.class_order
    for class_id in np.flatnonzero(references):
        places = order[side.class_bounds[class_id] : side.class_bounds[class_id + 1]]
        hits = right[places[~ignored[places]]]
        found = np.cumsum(hits)
        recall, precision = found / references[class_id], found / np.arange(1, len(hits) + 1)
        result[:, class_id] = _eleven_point(recall, precision), _area(recall, precision)
    return VocPrecision(result[0], result[1])


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
