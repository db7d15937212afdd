"""How much of the parent's accuracy a model made from it keeps, told without annotations.

COCO AP with the parent's detections as ground truth jumps on a few dozen images: it takes a box of
score .31 for as true as one of .95, and a class of two boxes weighs as much as one of two hundred.
A search needs to tell small differences on few images. So here a detection of the parent is true
to the degree of its squared score, and a class weighs as much as its detections.
"""

from __future__ import annotations

import numpy as np

from core.detection.detections import DetectionTable
from core.metrics.arrays import Real
from core.metrics.matching.candidates import prepare
from core.metrics.matching.hits import find_hits
from core.metrics.matching.thresholds import Thresholds

LOWEST_SCORE = 0.01
_MATCH = Thresholds(score=LOWEST_SCORE, iou=0.5, per_class_limit=1000)
_OVERLAPS = np.linspace(
    0.5, 0.85, 8
)  # COCO's without the last two: jitter of a pixel decides there


def accuracy_kept(parent: DetectionTable, other: DetectionTable) -> float:
    """In 0..1: an estimate of `other`'s mAP as a share of the parent's.

    The mean over IoU .50:.05:.85 of AP, where the truth of a detection is the squared score of the
    parent's that it is matched with (from IoU .5 on, one to one), as a share of the AP that the
    parent itself has by this truth; the mean over classes, weighted by the sum of their squared
    scores. 1 where both say the same, or the parent finds nothing.
    """
    candidates = prepare(parent, other)
    hits = find_hits(candidates, _MATCH)
    classes = len(parent.class_names)
    own = candidates.b.scores[hits.active_b].astype(np.float64) ** 2
    own_ids = parent.class_ids[candidates.b.ranked.rows][hits.active_b]
    mass = np.bincount(own_ids, own, classes)
    if not mass.sum():
        return 1.0
    truth = np.zeros((len(_OVERLAPS), len(candidates.a.scores)))
    squared = candidates.b.scores[hits.b].astype(np.float64) ** 2
    truth[:, hits.a] = np.where(hits.iou >= _OVERLAPS[:, None] - 1e-9, squared, 0.0)
    scores, ids = candidates.a.scores, other.class_ids[candidates.a.ranked.rows]
    kept = np.zeros(classes)
    for one in np.flatnonzero(mass):
        rows = np.flatnonzero(hits.active_a & (ids == one))
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        best = np.sort(own[own_ids == one])[::-1]
        kept[one] = _area(truth[:, rows]).mean() / _area(best[None]).mean()
    return float(min(1.0, (kept * mass).sum() / mass.sum()))


def _area(truth: Real) -> Real:
    """Float64 ``[T]``: the area under precision over the truth found, of rankings ``[T, K]``.

    Not yet divided by the whole truth, which the parent's has as well. Precision never rises with
    the truth found, as in COCO's evaluation.
    """
    if not truth.shape[1]:
        return np.zeros(len(truth))
    precision = np.cumsum(truth, axis=1) / np.arange(1, truth.shape[1] + 1)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((envelope * truth).sum(axis=1))
