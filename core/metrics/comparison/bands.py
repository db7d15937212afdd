"""How many predictions changed, by score: losing sure ones is worse than losing doubtful ones."""

from __future__ import annotations

import numpy as np

from core.metrics.comparison.comparison import Comparison
from core.metrics.matching.statuses import Status
from core.values import Value

EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_CHANGED = Status.MISSED | Status.EXTRA | Status.CLASS_CHANGED | Status.SHIFTED


class ScoreBand(Value):
    """Detections of both models with scores from `low` to below `high` (the last: up to 1).

    `changed` of the `detections` appear, vanish, change class or move.
    """

    low: float
    high: float
    detections: int
    changed: int


def score_bands(comparison: Comparison) -> tuple[ScoreBand, ...]:
    """The bands that have detections, by rising score; those below the threshold do not count."""
    scores = np.concatenate([comparison.parent.scores, comparison.optimized.scores])
    statuses = np.concatenate([comparison.status_of_parent, comparison.status_of_optimized])
    bands = np.searchsorted(np.array(EDGES, np.float32), scores, side="right") - 1
    shown = statuses != Status.HIDDEN
    counts = np.bincount(bands[shown], minlength=len(EDGES)).tolist()
    changed = np.bincount(bands[statuses & _CHANGED > 0], minlength=len(EDGES)).tolist()
    return tuple(
        ScoreBand(low=low, high=high, detections=count, changed=other)
        for low, high, count, other in zip(EDGES, (*EDGES[1:], 1.0), counts, changed, strict=True)
        if count
    )
