"""COCO AP of both models by some of very many images: soon, until all are measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from core.detection.detections import DetectionTable
from core.detection.joining import Both
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.ranked_ap import RankedByParts, RankedPart, class_ap, mean_ap
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.sampled import SampledAp, sampled_aps, sampling_error
from core.metrics.matching.chunks import in_order
from core.values import Value

_LEVELS = range(10)  # all of COCO's thresholds


class EstimatedAp(Value):
    """What both models' AP and its difference would be of all `of` images, by some `images`."""

    images: int
    of: int
    parent: Interval
    optimized: Interval
    difference: Interval


def estimated_ap(
    truth: GroundTruth, parts: Iterable[Both], images: Sequence[range], of_parts: int
) -> EstimatedAp | None:
    """From some of `of_parts` parts, and the `images` of `truth` that each has.

    None where there is nothing to be found in them.
    """
    classes = max(1, len(truth.class_names))
    ranked = RankedByParts(classes), RankedByParts(classes)
    before = 0
    for own, both in in_order(lambda some: _judged(truth, *some), zip(images, parts, strict=True)):
        for into, one in zip(ranked, both, strict=True):
            into.add(one.behind(before))
        before += len(own)
    part_of_image = np.repeat(np.arange(len(images)), [len(one) for one in images])
    share = len(images) / of_parts
    found: list[SampledAp] = []
    for by_score in ranked:
        rankings = by_score.rankings()
        value = mean_ap(class_ap(rankings, classes))
        if np.isnan(value):
            return None
        found += sampled_aps(rankings, part_of_image, share, [value], [_LEVELS])
    parent, optimized = found
    change = optimized.value - parent.value
    error = sampling_error(optimized.drawn - parent.drawn, share)
    error += abs(optimized.off - parent.off)
    return EstimatedAp(
        images=before,
        of=len(truth.table),
        parent=_interval(parent),
        optimized=_interval(optimized),
        difference=Interval(value=change, low=change - error, high=change + error),
    )


def _judged(
    truth: GroundTruth, images: range, both: Both
) -> tuple[range, tuple[RankedPart, RankedPart]]:
    own = truth.part(images)

    def part(table: DetectionTable) -> RankedPart:
        return judge(own, table).part()

    return images, (part(both[0]), part(both[1]))


def _interval(one: SampledAp) -> Interval:
    """Wider by what was taken off: that is about as large as it may be wrong."""
    low, high = one.interval
    more = abs(one.off)
    return Interval(value=one.value, low=max(0.0, low - more), high=min(1.0, high + more))
