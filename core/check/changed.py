"""The share of detections that changed, and how sure that is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Interval, draw_images
from core.metrics.comparison.changed import changed_share
from core.metrics.comparison.comparison import compare
from core.metrics.matching.thresholds import Thresholds


def changed_interval(
    parent: DetectionTable, other: DetectionTable, thresholds: Thresholds
) -> Interval:
    """The share of both models' detections that appears, vanishes, changes class or moves.

    In 0..1, from the score threshold on, with its 95% bootstrap interval over images. Moved is
    what overlaps less than `shifted_iou` with its match. 0 where neither finds anything.
    """
    rows = compare(parent, other, thresholds).images
    draws = draw_images(len(parent))
    weights = draws.weights[:, draws.group_of_image[rows.image]]

    def sums(counts: NDArray[np.integer]) -> Real:
        return np.asarray(weights @ counts, np.float64)

    unchanged = sums(rows.matches) - sums(rows.shifted)
    shares = changed_share(sums(rows.parent), sums(rows.optimized), unchanged)
    value = float(shares[0])
    low, high = np.percentile(shares[1:], [2.5, 97.5])
    return Interval(value=value, low=min(value, float(low)), high=max(value, float(high)))
