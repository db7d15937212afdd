"""What counts as changed, everywhere: verdict, limits of a build, operating point.

A detection of either model is unchanged where it has a match in the other model that has not
shifted. Every other one appears, vanishes, changes class or moves. The share is of both models'
detections.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.metrics.arrays import Real

Count = NDArray[np.int64] | Real | int


def changed_detections(parent: Count, optimized: Count, unchanged: Count) -> NDArray[np.float64]:
    """How many of both models' detections; `unchanged` are matches that have not shifted."""
    return np.asarray(parent + optimized - 2 * np.asarray(unchanged), np.float64)


def changed_share(parent: Count, optimized: Count, unchanged: Count) -> NDArray[np.float64]:
    """The same as a share of both models' detections, in 0..1; 0 where there are none."""
    both = np.maximum(np.asarray(parent + optimized, np.float64), 1)
    return np.asarray(changed_detections(parent, optimized, unchanged) / both)
