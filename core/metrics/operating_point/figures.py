"""What thresholds give on images that they were not chosen on, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Draws, Interval, interval
from core.metrics.comparison.changed import changed_share
from core.metrics.matching.thresholds import ScoreThresholds
from core.metrics.operating_point.found import Found
from core.values import Value

Mask = NDArray[np.bool_]


class Figures(Value):
    """Counts at a model's thresholds, and two shares with their 95% intervals over images.

    Attributes:
        wanted: what there is to be found: the parent's detections, or objects.
        detections: of the model.
        hits: those that find something; `moved` of them lie elsewhere, as a match that has shifted.
        count: detections / wanted.
        changed: the share of both that is changed: see `core.metrics.comparison.changed`. By a
            ground truth nothing moves, so that it is 1 less the F1.
    """

    wanted: int
    detections: int
    hits: int
    moved: int
    count: Interval
    changed: Interval

    @property
    def missed(self) -> int:
        """What is not found."""
        return self.wanted - self.hits

    @property
    def extra(self) -> int:
        """Detections that find nothing."""
        return self.detections - self.hits

    @property
    def f1(self) -> Interval:
        """The harmonic mean of precision and recall."""
        one = self.changed
        return Interval(value=1 - one.value, low=1 - one.high, high=1 - one.low)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Figures, and float64 ``[D+1]`` what `changed` is in each draw of the images."""

    figures: Figures
    changed: Real


def drawn_figures(found: Found, scores: ScoreThresholds, images: Mask, draws: Draws) -> Drawn:
    """The figures on these images, bool ``[I]``; `draws` are of so many images as those are."""
    place = np.cumsum(images) - 1
    left = found.from_score(scores)

    def sums(of: NDArray[np.int32]) -> Real:
        groups = draws.group_of_image[place[of[images[of]]]]
        return np.asarray(draws.weights @ np.bincount(groups, minlength=draws.weights.shape[1]))

    wanted, detections = sums(found.wanted_images), sums(found.images[left])
    hits, moved = (sums(found.images[left & one]) for one in (found.hits, found.moved))
    count = detections / np.maximum(wanted, 1)
    changed = changed_share(wanted, detections, hits - moved)
    figures = Figures(
        wanted=round(wanted[0]),
        detections=round(detections[0]),
        hits=round(hits[0]),
        moved=round(moved[0]),
        count=_bounded(count, float("inf")),
        changed=_bounded(changed, 1.0),
    )
    return Drawn(figures, changed)


def less_changed(before: Drawn, after: Drawn) -> Interval:
    """By how much less is changed after than before, on the same draws of the same images."""
    less = before.changed - after.changed
    return interval(float(less[0]), less)


def _bounded(drawn: Real, most: float) -> Interval:
    found = interval(float(drawn[0]), drawn)
    return Interval(value=found.value, low=max(0.0, found.low), high=min(most, found.high))
