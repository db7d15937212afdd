"""How much of the parent's detections a model made from it reproduces, as one continuous figure.

COCO AP with the parent as ground truth jumps on a few dozen images: it knows only order and ten
steps of overlap, and a class of two boxes weighs as much as one of two hundred. A search needs to
tell small differences on few images, so here every detection counts by its score and its overlap.
"""

from __future__ import annotations

import numpy as np

from core.accuracy.candidates import prepare
from core.accuracy.hits import find_hits
from core.accuracy.thresholds import Thresholds
from core.detection.detections import DetectionTable

LOWEST_SCORE = 0.1
_MATCH = Thresholds(score=LOWEST_SCORE, iou=0.5, per_class_limit=1000)


def soft_agreement(parent: DetectionTable, other: DetectionTable) -> float:
    """In 0..1; 1 where both tables say the same, or neither has any detection.

    With pairs of one class as in a report from score .1 and IoU .5 on, scores s and t, and
    q = (IoU - .45) / .5, at most 1: the sum of 2 q min(s, t) over the pairs, over the sum of all
    scores of both sides. (Dice's coefficient of two sets with weights.)
    """
    candidates = prepare(parent, other)
    hits = find_hits(candidates, _MATCH)
    fit = np.clip((hits.iou - 0.45) / 0.5, 0.0, 1.0)
    lower = np.minimum(candidates.a.scores[hits.a], candidates.b.scores[hits.b])
    shared = 2 * float((fit * lower).sum(dtype=np.float64))
    sides = ((candidates.a.scores, hits.active_a), (candidates.b.scores, hits.active_b))
    whole = sum(float(scores[active].sum(dtype=np.float64)) for scores, active in sides)
    return shared / whole if whole else 1.0
