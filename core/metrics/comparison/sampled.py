"""A summary of millions of detections within a second: estimated from some parts of the images.

Which parts, only their sizes decide, so that the same detections have the same estimate. A part is
drawn whole, and images that lie beside each other may be alike: so intervals come from how parts
differ, not images (ratio estimates of a cluster sample: Cochran, Sampling Techniques, chapter 6),
and are narrower the more of all parts were drawn. Those of AP are a bootstrap over the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from msgspec.structs import replace as changed
from numpy.typing import NDArray

from core.detection.joining import Both, joined_parts
from core.metrics.accuracy.ranked_ap import class_ap, of_images
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Draws, Rankings, drawn_maps
from core.metrics.comparison.by_parts import ComparedByParts, Look, compare_prepared
from core.metrics.comparison.changed import changed_detections
from core.metrics.comparison.summary import Agreement, Summary
from core.metrics.matching.candidates import Candidates, prepare
from core.metrics.matching.chunks import in_order, on_all_cores
from core.metrics.matching.thresholds import Thresholds
from core.values import Value

ROWS = 600_000
"""Detections of both models that are looked at: some tenths of a second."""
FEWEST_PARTS = 40
"""With fewer of them, the spread between parts is itself hardly known."""
_TOGETHER = 75_000  # detections of both models that are compared together
_TIMES = 1.96  # standard deviations on either side: 95%
_DRAWS = 60  # of the bootstrap: enough to know a standard deviation
_COUNTS = (
    "optimized", "parent", "matches", "missed", "extra", "class_changed", "shifted", "drifted",
    "images_changed",
)  # fmt: skip
_SHARES = ("changed", "precision", "recall", "mean_iou")
_AP = {"agreement": list(range(10)), "agreement_50": [0]}  # by COCO's thresholds


class Estimate(Value):
    """A summary as it would be of all images, by some of them.

    Attributes:
        summary: counts are scaled up to `of` images; the worst images are those of the sample.
        images: how many were looked at.
        intervals: lowest and highest value of figures by their names, 95%.
    """

    summary: Summary
    images: int
    of: int
    intervals: dict[str, tuple[float, float]]


def sample(rows: Sequence[int], most: int = ROWS) -> list[int]:
    """Numbers of the parts to look at, rising; `rows` are how many detections each has.

    All of them, where the sample would be most of them anyway or too few to know how they differ.
    """
    order = np.random.default_rng(len(rows)).permutation(len(rows))
    upto = np.cumsum(np.asarray(rows, np.int64)[order])
    enough = max(FEWEST_PARTS, int(np.searchsorted(upto, most)) + 1)
    return sorted(order[:enough].tolist()) if 2 * enough < len(rows) else list(range(len(rows)))


@dataclass(frozen=True, eq=False)
class Sampled:
    """Some parts, compared: `images` int64 ``[N]`` are their images' numbers in the whole.

    `part_of_image` intp ``[N]`` counts the parts that were drawn, `share` of all parts were.
    """

    found: ComparedByParts
    images: NDArray[np.int64]
    part_of_image: NDArray[np.intp]
    share: float
    of: int

    def estimate(self) -> Estimate:
        """What that says of the whole."""
        given, totals = self.found.summary, _Totals.over(self)
        factor = self.of / max(1, len(self.images))
        counts = {name: round(getattr(given, name) * factor) for name in _COUNTS}
        aps, intervals = self._aps()
        intervals |= {name: totals.count(name) for name in counts}
        for name, (above, below) in totals.ratios().items():
            value = getattr(given, name)
            if value is not None:
                low, high = totals.ratio(above, below, value)
                shares = name in _SHARES
                intervals[name] = (max(0.0, low), min(1.0, high)) if shares else (low, high)
        return Estimate(
            summary=changed(given, images=self.of, **counts, **aps),
            images=len(self.images),
            of=self.of,
            intervals=intervals,
        )

    def _aps(self) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
        """AP of all images, and its intervals."""
        values = {name: getattr(self.found.summary, name) for name in _AP}
        known = {name: value for name, value in values.items() if value is not None}
        found = sampled_aps(
            self.found.rankings,
            self.part_of_image,
            self.share,
            known.values(),
            [_AP[name] for name in known],
        )
        aps, intervals = {}, {}
        for name, one in zip(known, found, strict=True):
            aps[name], intervals[name] = min(1.0, max(0.0, one.value)), one.interval
        return aps, intervals


@dataclass(frozen=True, eq=False)
class SampledAp:
    """AP of all images by some parts, with what was taken `off` it.

    `drawn` float64 ``[D+1]``: by other parts, as many.
    """

    value: float
    off: float
    share: float
    drawn: Real

    @property
    def interval(self) -> tuple[float, float]:
        """Of 95%, inside 0..1."""
        error = sampling_error(self.drawn, self.share)
        return max(0.0, self.value - error), min(1.0, self.value + error)


def sampling_error(drawn: Real, share: float) -> float:
    """Half of the 95% interval of what was `drawn`, where that `share` of all parts is known."""
    return _TIMES * float(np.nanstd(drawn[1:])) * float(np.sqrt(1 - share))


def sampled_aps(
    rankings: Rankings,
    part_of_image: NDArray[np.intp],
    share: float,
    values: Iterable[float],
    levels: Sequence[Sequence[int]],
) -> list[SampledAp]:
    """AP of all images for each mean over `levels`, whose `values` are those of some parts.

    `part_of_image` and `share` as in `Sampled`. AP of few images is off: few detections of a class
    agree too well with themselves. That falls with their number, so half as many are off by as
    much again, which is taken off.
    """
    classes, odd = len(rankings.class_bounds) - 1, part_of_image % 2 == 1
    halves = on_all_cores(lambda some: class_ap(of_images(rankings, some), classes), (odd, ~odd))
    drawn = drawn_maps(rankings, _draws(part_of_image), [one[::2] for one in levels])
    found = []
    for value, own, of_draws in zip(values, levels, drawn, strict=True):
        means = [Agreement(one[list(own)]).mean for one in halves]
        known = [one for one in means if one is not None]
        off = (float(np.mean(known)) - value if known else 0.0) * (1 - share)
        found.append(SampledAp(value - off, off, share, of_draws))
    return found


def _draws(part_of_image: NDArray[np.intp]) -> Draws:
    parts = int(part_of_image.max(initial=-1)) + 1
    weights = np.random.default_rng(0).multinomial(parts, np.full(parts, 1 / parts), _DRAWS)
    every = np.concatenate([np.ones((1, parts)), weights]).astype(np.float32)
    return Draws(every, part_of_image.astype(np.int32))


@dataclass(frozen=True, eq=False)
class Sample:
    """Parts that were drawn, which are compared at any thresholds: see `Sampled`.

    `groups` are some parts each, ranked once: many small ones would take longer.
    """

    groups: list[Candidates]
    parts: tuple[range, ...]
    of_parts: int
    image_names: Sequence[str]

    @staticmethod
    def of(
        parts: Iterable[Both], images: Sequence[range], of_parts: int, image_names: Sequence[str]
    ) -> Sample:
        """Both models' detections in each part that was drawn, and their `images`.

        `of_parts` is how many parts there are, `image_names` are those of all images.
        """
        groups = list(in_order(lambda some: prepare(*some), joined_parts(parts, _TOGETHER)))
        return Sample(groups, tuple(images), of_parts, image_names)

    @cached_property
    def images(self) -> NDArray[np.int64]:
        """Int64 ``[N]``: the numbers, in the whole, of the images that were drawn."""
        return np.concatenate([np.arange(one.start, one.stop) for one in self.parts])

    def compare(
        self, classes: int, thresholds: Thresholds, look: Look = lambda part, found: None
    ) -> Sampled:
        """Compare what was drawn; `look` see `core.metrics.comparison.by_parts`."""
        names = [self.image_names[image] for image in self.images.tolist()]
        found = compare_prepared(self.groups, names, classes, thresholds, look)
        part_of_image = np.repeat(np.arange(len(self.parts)), [len(one) for one in self.parts])
        share = len(self.parts) / self.of_parts
        return Sampled(found, self.images, part_of_image, share, len(self.image_names))


@dataclass(frozen=True, eq=False)
class _Totals:
    """Sums of the parts that were drawn: float64 ``[P]`` by the names of what is counted."""

    by_name: dict[str, Real]
    share: float
    images: int

    @staticmethod
    def over(sampled: Sampled) -> _Totals:
        rows, found = sampled.found.images, sampled.found
        parts, place = sampled.part_of_image, np.argsort(rows.image)

        def sums(values: NDArray[np.generic]) -> Real:
            return np.asarray(np.bincount(parts, values.astype(np.float64), 1), np.float64)

        counted = {name: getattr(rows, name) for name in _COUNTS[:-1]}
        counted["images_changed"] = rows.different > 0
        by_name = {name: sums(values[place]) for name, values in counted.items()}
        by_name["images"] = sums(np.ones(len(parts)))
        by_name["iou"], by_name["shifts"] = sums(found.iou), sums(found.shifts)
        return _Totals(by_name, sampled.share, sampled.of)

    def ratios(self) -> dict[str, tuple[Real, Real]]:
        """What stands above and below the line of each figure."""
        one = self.by_name
        optimized, parent, matches = one["optimized"], one["parent"], one["matches"]
        moved = changed_detections(parent, optimized, matches - one["shifted"])
        return {
            "changed": (moved, parent + optimized),
            "precision": (matches, optimized),
            "recall": (matches, parent),
            "mean_iou": (one["iou"], matches),
            "score_shift": (one["shifts"], matches),
        }

    def count(self, name: str) -> tuple[float, float]:
        """How many there are in all images."""
        above, below = self.by_name[name], self.by_name["images"]
        low, high = self.ratio(above, below, float(above.sum() / max(1.0, below.sum())))
        return max(0.0, low * self.images), high * self.images

    def ratio(self, above: Real, below: Real, value: float) -> tuple[float, float]:
        """The ends of the interval around `value`, the ratio of both sums."""
        parts = len(above)
        if parts < 2:
            return value, value
        spread = float(((above - value * below) ** 2).sum() / (parts - 1))
        error = np.sqrt((1 - self.share) * spread / parts) / max(float(below.mean()), 1e-12)
        return value - _TIMES * float(error), value + _TIMES * float(error)
