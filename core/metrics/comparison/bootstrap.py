"""How sure a mean average precision is: a bootstrap over images, at a cost that hardly grows.

Images are drawn again, with repetition, and AP is computed for each draw (Efron 1979; percentile
interval, centred on the exact figure). Two things bound the work. More than `GROUPS` images are
put into that many random groups, which are drawn instead; and of each class's ranking only the
counts in at most `BINS` ranges are kept, so that a draw is a product of two small matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.average_precision import COCO_THRESHOLDS
from core.metrics.arrays import Real
from core.metrics.comparison.comparison import Comparison
from core.metrics.matching.candidates import Candidates, prepare
from core.metrics.matching.chunks import on_all_cores
from core.metrics.matching.statuses import Status
from core.values import Value

Whole = NDArray[np.int64]
Indices = NDArray[np.signedinteger]

DRAWS, GROUPS, BINS = 300, 400, 100
FEWEST_IMAGES = 20
"""Below that, an interval looks narrower than it is: it comes from what was measured alone."""


class Interval(Value):
    """A figure and its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Rankings:
    """Detections ranked by class, and what there is to be found.

    Attributes:
        images: int32 ``[K]``: the image of each detection, by class and then by falling score.
        class_bounds: int64 ``[C+1]``: where each class begins.
        hits, ignored: uint16 ``[K]``: bit t is set where the detection is right, or does not
            count (on a crowd), at COCO threshold t.
        reference_images, reference_classes: ``[R]``, of each box to be found.
    """

    images: NDArray[np.int32]
    class_bounds: Whole
    hits: NDArray[np.uint16]
    ignored: NDArray[np.uint16] | None
    reference_images: Indices
    reference_classes: Indices


@dataclass(frozen=True, eq=False)
class Draws:
    """How often each group of images is drawn: float32 ``[D+1, G]``, first once each.

    `group_of_image` int32 ``[I]``.
    """

    weights: NDArray[np.float32]
    group_of_image: NDArray[np.int32]


def draw_images(images: int, seed: int = 0) -> Draws:
    """The draws; the same seed gives the same ones, for a fair difference of two models."""
    random = np.random.default_rng(seed)
    groups = max(1, min(images, GROUPS))
    group_of_image = (random.permutation(images) % groups).astype(np.int32)
    weights = random.multinomial(groups, np.full(groups, 1 / groups), DRAWS)
    whole = np.ones((1, groups))
    return Draws(np.concatenate([whole, weights]).astype(np.float32), group_of_image)


class _Unwanted(Exception):
    """Nobody waits for the interval any more."""


def drawn_map(
    rankings: Rankings,
    draws: Draws,
    wanted: Callable[[], bool] = lambda: True,
    levels: Sequence[int] = range(len(COCO_THRESHOLDS)),
) -> Real:
    """Float64 ``[D+1]``: AP@[.50:.95] of each draw, over the classes in it; NaN without any.

    `levels` are the thresholds that it is the mean of. A class a core at a time, so that the
    counts of few are held.
    """
    return drawn_maps(rankings, draws, [list(levels)], wanted)[0]


def drawn_maps(
    rankings: Rankings,
    draws: Draws,
    means: Sequence[Sequence[int]],
    wanted: Callable[[], bool] = lambda: True,
) -> list[Real]:
    """As `drawn_map`, for several means over thresholds: each class is ranked and drawn once."""
    wanted_images, class_ids = rankings.reference_images, rankings.reference_classes
    classes = len(rankings.class_bounds) - 1
    ranked = RankedClasses(
        np.flatnonzero(np.diff(rankings.class_bounds)).tolist(),
        lambda number: _of_class(rankings, number),
        reference_counts(draws, wanted_images, class_ids, classes),
    )
    return drawn_by_class(ranked, draws, means, wanted)


OfClass = tuple[NDArray[np.int32], NDArray[np.uint16], NDArray[np.uint16] | None]
"""`images`, `hits` and `ignored` of one class, as in `Rankings`."""


@dataclass(frozen=True, eq=False)
class RankedClasses:
    """Rankings whose classes are asked for one by one, in any thread.

    Attributes:
        classes: those that have detections.
        of_class: the ranking of one.
        references: see `reference_counts`.
    """

    classes: Sequence[int]
    of_class: Callable[[int], OfClass]
    references: Whole


def _of_class(rankings: Rankings, number: int) -> OfClass:
    rows = slice(*rankings.class_bounds[number : number + 2].tolist())
    ignored = None if rankings.ignored is None else rankings.ignored[rows]
    return rankings.images[rows], rankings.hits[rows], ignored


def drawn_by_class(
    ranked: RankedClasses,
    draws: Draws,
    means: Sequence[Sequence[int]],
    wanted: Callable[[], bool] = lambda: True,
) -> list[Real]:
    """As `drawn_maps`."""
    references = draws.weights @ ranked.references.astype(np.float32)
    present = references > 0
    levels = sorted({level for mean in means for level in mean})
    rows = [[levels.index(level) for level in mean] for mean in means]

    def of_class(number: int) -> list[Real]:
        if not wanted():
            raise _Unwanted
        ranking = _Ranking.of(ranked.of_class(number), draws)
        there = np.maximum(references[:, number], 1)
        ap = _average_precision(ranking.found(levels), ranking.seen(levels), there)
        return [ap[some].sum(axis=0) * present[:, number] for some in rows]

    found = on_all_cores(of_class, ranked.classes)
    drawn = []
    for place, mean in enumerate(means):
        total = np.zeros(len(draws.weights))
        for of_one in found:  # in the order of the classes: sums are the same to the last bit
            total += of_one[place]
        counts = present.sum(axis=1) * len(mean)
        drawn.append(np.where(counts > 0, total / np.maximum(counts, 1), np.nan))
    return drawn


def interval(value: float, drawn: Real) -> Interval:
    """The 95% interval of `value`; `drawn` float64 ``[D+1]`` has the undisturbed draw first.

    The draws' spread is taken around their median. AP of a draw is too high on average (images
    that come twice agree with themselves, and rare classes drop out), which says nothing about
    other images.
    """
    spread = drawn[1:]
    spread = spread[~np.isnan(spread)]
    low, high = 0.0, 0.0
    if len(spread):
        low, high = np.percentile(spread - np.median(spread), [2.5, 97.5])
    return Interval(value=value, low=value + float(low), high=value + float(high))


def agreement_interval(
    comparison: Comparison,
    candidates: Candidates | None = None,
    wanted: Callable[[], bool] = lambda: True,
) -> Interval | None:
    """The agreement of a comparison with its 95% interval over images; None without agreement.

    Takes from a tenth of a second to a few seconds: for a job, or once a slider rests. None, too,
    where `wanted` says meanwhile that it is no longer wanted.
    """
    value = comparison.summary.agreement
    if value is None:
        return None
    candidates = candidates or prepare(comparison.parent, comparison.optimized)
    a, b = candidates.a, candidates.b
    active = comparison.status_of_optimized[a.ranked.rows] != Status.HIDDEN
    levels = np.zeros(len(active), np.uint16)
    levels[active] = comparison.classes.ap_input.levels
    active = active[a.class_order]
    order = a.class_order[active]
    references = comparison.status_of_parent[b.ranked.rows] != Status.HIDDEN
    rankings = Rankings(
        images=a.images[order],
        class_bounds=np.append(0, np.cumsum(active))[a.class_bounds],
        hits=levels[order],
        ignored=None,
        reference_images=b.images[references],
        reference_classes=b.ranked.keys[references] % candidates.class_count,
    )
    del active, levels, order, references  # of millions of boxes
    return interval_of_agreement(value, rankings, len(comparison.parent), wanted)


def interval_of_agreement(
    value: float, rankings: Rankings, images: int, wanted: Callable[[], bool] = lambda: True
) -> Interval | None:
    """The 95% interval of an agreement, by its rankings; None where it is no longer wanted."""
    try:
        drawn = drawn_map(rankings, draw_images(images), wanted)
    except _Unwanted:
        return None
    found = interval(value, drawn)
    return Interval(value=value, low=max(0.0, found.low), high=min(1.0, found.high))


def reference_counts(draws: Draws, images: Indices, class_ids: Indices, classes: int) -> Whole:
    """Int64 ``[G, C]``: how many boxes there are to be found of each class, by group of images."""
    groups = draws.weights.shape[1]
    owners = draws.group_of_image[images] * np.int64(classes)
    owners += class_ids
    return np.bincount(owners, None, groups * classes).reshape(groups, classes)


@dataclass(frozen=True, eq=False)
class _Ranking:
    """The detections of one class, best score first, by group of images and range of the ranking.

    `cell` int64 ``[K]`` is ``bin * groups + group``; `hits` and `ignored` as in `Rankings`.
    """

    cell: NDArray[np.int64]
    bins: int
    weights: NDArray[np.float32]
    hits: NDArray[np.uint16]
    ignored: NDArray[np.uint16] | None

    @staticmethod
    def of(ranking: OfClass, draws: Draws) -> _Ranking:
        """Of a class, which has detections."""
        images, hits, ignored = ranking
        length, groups = len(images), draws.weights.shape[1]
        bins = min(length, BINS)
        cell = np.arange(length) * bins // length * groups + draws.group_of_image[images]
        return _Ranking(cell, bins, draws.weights, hits, ignored)

    def found(self, levels: Sequence[int]) -> NDArray[np.float32]:
        """Float32 ``[L, bins, D+1]``: right ones in the first bins, by threshold and draw."""
        return self._drawn([self.hits & np.uint16(1 << level) > 0 for level in levels])

    def seen(self, levels: Sequence[int]) -> NDArray[np.float32]:
        """The same of those that count; ``[1, bins, D+1]`` where those are the same at all."""
        if self.ignored is None:
            return self._drawn([np.ones(len(self.cell), np.bool_)])
        return self._drawn([self.ignored & np.uint16(1 << level) == 0 for level in levels])

    def _drawn(self, chosen: Sequence[NDArray[np.bool_]]) -> NDArray[np.float32]:
        groups = self.weights.shape[1]
        counts = np.empty((len(chosen), self.bins, groups), np.float32)
        for into, some in zip(counts, chosen, strict=True):
            table = np.bincount(self.cell[some], minlength=self.bins * groups)
            into[:] = table.reshape(-1, groups).cumsum(axis=0)
        drawn = counts.reshape(-1, groups) @ self.weights.T
        return drawn.reshape(len(chosen), self.bins, -1)


def _average_precision(
    found: NDArray[np.float32], seen: NDArray[np.float32], there: NDArray[np.float32]
) -> Real:
    """Float64 ``[L, D]``: COCO's AP of a class by what was `found` and `seen` in its first bins.

    Both float32 ``[L, bins, D]``; `there` ``[D]`` is how much there is to be found. Precision at
    101 recalls, each the best at that recall or beyond.
    """
    precision = found / np.maximum(seen, 1)
    for below in range(precision.shape[1] - 1, 0, -1):  # faster than maximum.accumulate
        above = precision[:, below - 1]
        np.maximum(above, precision[:, below], out=above)
    reached = np.floor(found / there * 100 + 1e-4) + (found > 0)
    reached[:, 1:] -= reached[:, :-1].copy()
    return np.asarray(np.einsum("lbd,lbd->ld", reached, precision, dtype=np.float64)) / 101
