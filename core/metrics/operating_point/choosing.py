"""One threshold out of all that there are."""

from __future__ import annotations

from math import ceil
from typing import Literal

import numpy as np

from core.metrics.operating_point.found import Steps

Reach = Literal["reached", "coarse", "unreached"]
"""Whether a threshold gives the parent's number of detections: *coarse*, where it lies between two
steps of the scores; *unreached*, where even the lowest threshold gives fewer."""

SAME_COUNT = 0.01  # so far from the parent's number is its number: sampling alone does more


def same_count(steps: Steps, near: float) -> tuple[float, Reach]:
    """The threshold that gives the wanted number of detections, and of those loses least.

    Where scores come in steps so large that none gives it, the better one of the two beside it;
    where there are too few detections at any score, the one that loses least of all. What is
    equally good is decided by the count, then by how `near` the threshold is to that one.
    `steps` are of at least one detection.
    """
    gap = steps.detections - steps.wanted
    allowed = ceil(SAME_COUNT * steps.wanted)
    reach: Reach = "reached"
    places = np.flatnonzero(np.abs(gap) <= allowed)
    if not len(places) and gap[-1] < 0:
        reach, places = "unreached", np.arange(len(gap))
    elif not len(places):
        above = int(np.searchsorted(gap, 0))
        reach, places = "coarse", np.arange(max(0, above - 1), above + 1)
    changed, off = steps.changed[places], np.abs(gap[places])
    order = np.lexsort((off, changed))
    best = places[(changed == changed[order[0]]) & (off == off[order[0]])]
    return steps.threshold(steps.nearest(best, near), near), reach


def best_f1(steps: Steps, near: float) -> float:
    """The threshold of the highest F1; of equally good ones, the one nearest to `near`.

    `steps` are of at least one detection.
    """
    f1 = steps.f1
    return steps.threshold(steps.nearest(np.flatnonzero(f1 == f1.max()), near), near)
