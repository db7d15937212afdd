"""How many predictions changed, by score: losing sure ones is worse than losing doubtful ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.metrics.comparison.comparison import ComparedBoxes
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


def score_bands(comparison: ComparedBoxes) -> tuple[ScoreBand, ...]:
    """The bands that have detections, by rising score; those below the threshold do not count."""
    return bands_of(band_counts(comparison))


def band_counts(comparison: ComparedBoxes) -> NDArray[np.int64]:
    """Int64 ``[2, B]``: the detections of each band, and those of them that changed."""
    scores = np.concatenate([comparison.parent.scores, comparison.optimized.scores])
    statuses = np.concatenate([comparison.status_of_parent, comparison.status_of_optimized])
    bands = np.zeros(len(scores), np.uint8)
    for edge in EDGES[1:]:  # a pass an edge takes less time than a search for each score
        bands += scores >= np.float32(edge)
    chosen = statuses != Status.HIDDEN, statuses & _CHANGED > 0
    return np.stack([np.bincount(bands[some], minlength=len(EDGES)) for some in chosen])


def bands_of(counts: NDArray[np.int64]) -> tuple[ScoreBand, ...]:
    """Those that have detections, of what `band_counts` counted."""
    both = zip(EDGES, (*EDGES[1:], 1.0), *counts.tolist(), strict=True)
    return tuple(
        ScoreBand(low=low, high=high, detections=count, changed=other)
        for low, high, count, other in both
        if count
    )
