"""How much of its parent's accuracy an optimized model keeps: measured, or estimated.

With ground truth it is the ratio of both models' COCO AP; without, an estimate of that ratio
(`core.metrics.accuracy.accuracy_kept`). The verdict rests on it.
"""

from __future__ import annotations

import numpy as np

from core.detection.detections import DetectionTable
from core.metrics.accuracy.accuracy_kept import LOWEST_SCORE, accuracy_kept_interval
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Interval, draw_images, drawn_map, interval
from core.progress import Step
from core.values import Value

LEAST_AP = 0.02
"""Of the parent: below it the ground truth says nothing of what a model loses."""

NOT_BY_TRUTH = (
    f"By the annotations the parent's AP is below {LEAST_AP:g}: they say nothing of what is kept "
    "of it, which is estimated without them."
)
_DRAWN = 0.9  # of the draws must have an AP: else the interval is of something else


class AccuracyKept(Value):
    """What is left of the parent's accuracy.

    Attributes:
        share: 1 where nothing is lost, with its 95% bootstrap interval over images.
        images: how many it was told on.
        parent_ap, optimized_ap: COCO AP@[.50:.95] by ground truth, whose ratio `share` is; None
            where there is none, and `share` is an estimate.
    """

    share: Interval
    images: int
    parent_ap: float | None = None
    optimized_ap: float | None = None

    @property
    def measured(self) -> bool:
        """Whether it was measured by ground truth."""
        return self.parent_ap is not None


def measured_kept(
    truth: GroundTruth, parent: DetectionTable, optimized: DetectionTable
) -> AccuracyKept | None:
    """The ratio of both models' AP, drawn on the same images.

    None where the parent has no AP of `LEAST_AP` and more: then the ground truth is of other
    classes or other images than the model's, and the ratio of two small numbers says nothing.
    """
    draws = draw_images(len(parent))
    judged = [judge(truth, one) for one in (parent, optimized)]
    parent_ap, optimized_ap = (one.ap() for one in judged)
    whole, left = (drawn_map(one.rankings(), draws) for one in judged)
    known = whole >= LEAST_AP
    if not parent_ap >= LEAST_AP or known.mean() < _DRAWN:  # NaN without ground truth
        return None
    ratio = np.where(known, left / np.where(known, whole, 1), np.nan)
    return AccuracyKept(
        share=interval(optimized_ap / parent_ap, ratio),  # a draw's AP is taken in bins
        images=len(parent),
        parent_ap=parent_ap,
        optimized_ap=optimized_ap,
    )


def known_kept(
    truth: GroundTruth | None,
    parent: DetectionTable,
    optimized: DetectionTable,
    step: Step = lambda *_: None,
) -> AccuracyKept | None:
    """By the ground truth where it says something of the parent, else the estimate."""
    if truth is not None:
        step("Measuring the accuracy", 0, 1)
        measured = measured_kept(truth, parent, optimized)
        if measured is not None:
            return measured
    return estimated_kept(parent, optimized, step)


def estimated_kept(
    parent: DetectionTable, optimized: DetectionTable, step: Step = lambda *_: None
) -> AccuracyKept | None:
    """The estimate, by the parent's detections alone; None where it has none."""
    if not (parent.scores >= LOWEST_SCORE).any():
        return None
    share = accuracy_kept_interval(
        parent,
        optimized,
        lambda done, total: step("Estimating the accuracy kept", done, total),
    )
    return AccuracyKept(share=share, images=len(parent))
