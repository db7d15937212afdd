"""How much of its parent's accuracy an optimized model keeps: measured, or estimated.

With ground truth it is the ratio of both models' COCO AP; without, an estimate of that ratio
(`core.metrics.accuracy.accuracy_kept`). The verdict rests on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from core.detection.detections import DetectionTable
from core.detection.joining import Both
from core.metrics.accuracy.accuracy_kept import accuracy_kept_by_parts
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.ranked_ap import RankedByParts, RankedPart, class_ap, mean_ap
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import (
    Interval,
    Rankings,
    draw_images,
    drawn_map,
    interval,
)
from core.metrics.comparison.by_parts import numbered
from core.metrics.matching.chunks import in_order
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
    judged = [judge(truth, one) for one in (parent, optimized)]
    rankings = [one.rankings() for one in judged]
    return _kept((rankings[0], rankings[1]), len(parent), len(parent.class_names))


def measured_kept_by_parts(
    truth: GroundTruth, parts: Iterable[tuple[DetectionTable, DetectionTable]]
) -> AccuracyKept | None:
    """The same of detections that come part by part, the images one after the other."""
    classes = len(truth.class_names)
    ranked = RankedByParts(max(1, classes)), RankedByParts(max(1, classes))

    def judged(some: tuple[int, Both]) -> tuple[int, tuple[RankedPart, RankedPart]]:
        first, tables = some
        own = truth.part(range(first, first + len(tables[0])))
        parent, optimized = (judge(own, one).part().behind(first) for one in tables)
        return first, (parent, optimized)

    for _, both in in_order(judged, numbered(parts)):
        for of_model, part in zip(ranked, both, strict=True):
            of_model.add(part)
    rankings = ranked[0].rankings(), ranked[1].rankings()
    return _kept(rankings, len(truth.table), classes)


def ap_by_parts(truth: GroundTruth, tables: Iterable[DetectionTable]) -> float:
    """COCO's AP@[.50:.95] of detections that come part by part; NaN without ground truth."""
    classes = max(1, len(truth.class_names))
    ranked, first = RankedByParts(classes), 0
    for table in tables:
        own = truth.part(range(first, first + len(table)))
        ranked.add(judge(own, table).part().behind(first))
        first += len(table)
    return mean_ap(class_ap(ranked.rankings(), classes))


def _kept(rankings: tuple[Rankings, Rankings], images: int, classes: int) -> AccuracyKept | None:
    draws = draw_images(images)
    parent_ap, optimized_ap = (mean_ap(class_ap(one, max(1, classes))) for one in rankings)
    if not parent_ap >= LEAST_AP:  # NaN without ground truth
        return None
    whole, left = (drawn_map(one, draws) for one in rankings)
    known = whole >= LEAST_AP
    if known.mean() < _DRAWN:
        return None
    ratio = np.where(known, left / np.where(known, whole, 1), np.nan)
    return AccuracyKept(
        share=interval(optimized_ap / parent_ap, ratio),  # a draw's AP is taken in bins
        images=images,
        parent_ap=parent_ap,
        optimized_ap=optimized_ap,
    )


def known_kept_by_parts(
    truth: GroundTruth | None,
    parts: Callable[[], Iterable[tuple[DetectionTable, DetectionTable]]],
    step: Step = lambda *_: None,
) -> AccuracyKept | None:
    """By the ground truth where it says something of the parent, else the estimate.

    Of detections that come part by part each time they are asked for.
    """
    if truth is not None:
        step("Measuring the accuracy", 0, 1)
        measured = measured_kept_by_parts(truth, parts())
        if measured is not None:
            return measured
    return estimated_kept_by_parts(parts(), step)


def estimated_kept_by_parts(
    parts: Iterable[tuple[DetectionTable, DetectionTable]], step: Step = lambda *_: None
) -> AccuracyKept | None:
    """The estimate, by the parent's detections alone; None where it has none."""
    estimate = accuracy_kept_by_parts(
        parts, lambda done, total: step("Estimating the accuracy kept", done, total)
    )
    if not estimate.anything:
        return None
    return AccuracyKept(share=estimate.share, images=estimate.images)
