"""The share of detections that changed, and how sure that is."""

from __future__ import annotations

import numpy as np

from core.detection.detections import DetectionTable
from core.metrics.comparison.bootstrap import Interval, draw_images
from core.metrics.comparison.comparison import compare
from core.metrics.comparison.summary import changed_detections
from core.metrics.matching.thresholds import Thresholds


def changed_interval(
    parent: DetectionTable, other: DetectionTable, thresholds: Thresholds
) -> Interval:
    """The share of both models' detections that appears, vanishes, changes class or moves.

    In 0..1, from the score threshold on, with its 95% bootstrap interval over images. Moved is
    what overlaps less than `shifted_iou` with its match. 0 where neither finds anything.
    """
    rows = compare(parent, other, thresholds).images
    changed = changed_detections(rows)
    draws = draw_images(len(parent))
    weights = draws.weights[:, draws.group_of_image[rows.image]]
    shares = (weights @ changed) / np.maximum(weights @ (rows.parent + rows.optimized), 1)
    value = float(shares[0])
    low, high = np.percentile(shares[1:], [2.5, 97.5])
    return Interval(value=value, low=min(value, float(low)), high=max(value, float(high)))
