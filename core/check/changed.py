"""The share of detections that changed, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.detection.joining import Both
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Interval, draw_images
from core.metrics.comparison.by_parts import numbered
from core.metrics.comparison.changed import changed_share
from core.metrics.comparison.comparison import compare
from core.metrics.matching.chunks import in_order
from core.metrics.matching.thresholds import Thresholds


def changed_interval(
    parts: Iterable[Both], images: int, thresholds: Thresholds
) -> tuple[Interval, bool]:
    """The share of both models' detections that appears, vanishes, changes class or moves.

    In 0..1, from the score threshold on, with its 95% bootstrap interval over images. Moved is
    what overlaps less than `shifted_iou` with its match. 0 where neither finds anything; whether
    one does is said, too. `parts` are both models' detections in all `images`, one after the other.
    """
    draws = draw_images(images)
    groups = draws.weights.shape[1]

    def counted(some: tuple[int, Both]) -> Real:
        first, both = some
        rows = compare(*both, thresholds).images
        group = draws.group_of_image[first + rows.image]
        counts = rows.parent, rows.optimized, rows.matches - rows.shifted
        return np.array([np.bincount(group, weights=one, minlength=groups) for one in counts])

    totals = sum(in_order(counted, numbered(parts)), np.zeros((3, groups)))
    parent, optimized, unchanged = totals @ draws.weights.T.astype(np.float64)
    shares = changed_share(parent, optimized, unchanged)
    value = float(shares[0])
    low, high = np.percentile(shares[1:], [2.5, 97.5])
    found = Interval(value=value, low=min(value, float(low)), high=max(value, float(high)))
    return found, bool(totals[:2].any())
