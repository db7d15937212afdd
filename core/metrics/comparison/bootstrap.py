"""How sure a mean average precision is: a bootstrap over images, at a cost that hardly grows.

Images are drawn again, with repetition, and AP is computed for each draw (Efron 1979; percentile
interval, centred on the exact figure). Two things bound the work. More than `GROUPS` images are
put into that many random groups, which are drawn instead; and of each class's ranking only the
counts in at most `BINS` ranges are kept, so that a draw is a product of two small matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.average_precision import COCO_THRESHOLDS
from core.metrics.arrays import Real
from core.metrics.comparison.comparison import Comparison
from core.metrics.matching.candidates import Candidates, prepare
from core.metrics.matching.statuses import Status
from core.values import Value

Whole = NDArray[np.int64]
Indices = NDArray[np.signedinteger]

DRAWS, GROUPS, BINS = 300, 400, 100
FEWEST_IMAGES = 20
"""Below that, an interval looks narrower than it is: it comes from what was measured alone."""
_CELLS = 400_000  # of a block of draws: they fit in the processor's cache


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


def drawn_map(rankings: Rankings, draws: Draws, go_on: Callable[[], bool] = lambda: True) -> Real:
    """Float64 ``[D+1]``: AP@[.50:.95] of each draw, over the classes in it; NaN without any.

    One threshold after the other, so that the counts of only one are held.
    """
    bins = _Bins.of(rankings, draws)
    references = draws.weights @ bins.references
    present = references > 0
    total = np.zeros(len(draws.weights))
    block = max(1, _CELLS // max(1, len(bins.class_of_bin)))
    hits = seen = None
    for number in range(len(COCO_THRESHOLDS) if len(bins.class_of_bin) else 0):
        del hits  # before the next ones are there
        hits = bins.count(rankings.hits, number)
        if seen is None or rankings.ignored is not None:
            seen = bins.counted(rankings.ignored, number)
        for low in range(0, len(total), block):
            if not go_on():
                raise _Unwanted
            rows = slice(low, low + block)
            ap = bins.ap(draws.weights[rows], references[rows], hits, seen)
            total[rows] += (ap * present[rows][:, bins.classes]).sum(axis=1)
    counts = present.sum(axis=1) * len(COCO_THRESHOLDS)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)


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
    go_on: Callable[[], bool] = lambda: True,
) -> Interval | None:
    """The agreement of a comparison with its 95% interval over images; None without agreement.

    Takes from a tenth of a second to a few seconds: for a job, or once a slider rests. None, too,
    where `go_on` says meanwhile that it is no longer wanted.
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
    try:
        drawn = drawn_map(rankings, draw_images(len(comparison.parent)), go_on)
    except _Unwanted:
        return None
    found = interval(value, drawn)
    return Interval(value=value, low=max(0.0, found.low), high=min(1.0, found.high))


@dataclass(frozen=True, eq=False)
class _Bins:
    """Which group of images and stretch of a class's ranking each detection falls into.

    `cell` int32 ``[K]`` is ``bin * groups + group``, with bins counted from the class's first:
    a class is counted in a table that stays in the processor's cache. `class_bounds` int64
    ``[C+1]`` says where each class begins in `cell`; `references` float32 ``[G, C]``;
    `class_of_bin` intp ``[B]``; `starts` intp ``[C']`` are where the `classes` with bins begin.
    """

    cell: NDArray[np.int32]
    class_bounds: Whole
    groups: int
    references: NDArray[np.float32]
    class_of_bin: NDArray[np.intp]
    starts: NDArray[np.intp]

    @staticmethod
    def of(rankings: Rankings, draws: Draws) -> _Bins:
        lengths = np.diff(rankings.class_bounds)
        classes, groups = len(lengths), draws.weights.shape[1]
        sizes = np.minimum(lengths, BINS)
        class_of_bin = np.repeat(np.arange(classes), sizes)
        starts = np.cumsum(sizes) - sizes
        cell = draws.group_of_image[rankings.images]
        for one in np.flatnonzero(lengths):  # millions of rows, but few classes
            rows = slice(*rankings.class_bounds[one : one + 2].tolist())
            bins = np.arange(lengths[one]) * sizes[one] // lengths[one]
            cell[rows] += (bins * groups).astype(np.int32)
        owners = draws.group_of_image[rankings.reference_images] * np.int64(classes)
        owners += rankings.reference_classes
        references = np.bincount(owners, None, groups * classes)
        return _Bins(
            cell,
            rankings.class_bounds,
            groups,
            references.astype(np.float32).reshape(groups, classes),
            class_of_bin,
            starts[sizes > 0],
        )

    @property
    def classes(self) -> NDArray[np.intp]:
        """Intp ``[C']``: the classes that have bins."""
        return self.class_of_bin[self.starts]

    def count(self, levels: NDArray[np.uint16], number: int) -> NDArray[np.float32]:
        """Float32 ``[G, B]``: detections whose bit is set."""
        bit = np.uint16(1 << number)
        counts = np.empty((len(self.class_of_bin), self.groups), np.float32)
        ends = np.append(self.starts[1:], len(counts))
        for one, low, high in zip(self.classes, self.starts, ends, strict=True):
            rows = slice(*self.class_bounds[one : one + 2].tolist())
            chosen = self.cell[rows][levels[rows] & bit > 0]
            table = np.bincount(chosen, minlength=(high - low) * self.groups)
            counts[low:high] = table.reshape(-1, self.groups)
        return counts.T

    def counted(self, ignored: NDArray[np.uint16] | None, number: int) -> NDArray[np.float32]:
        """Float32 ``[G, B]``: detections that count."""
        if ignored is not None:
            return self.count(~ignored, number)
        return self.count(np.ones(len(self.cell), np.uint16), 0)

    def ap(
        self,
        weights: NDArray[np.float32],
        references: NDArray[np.float32],
        hits: NDArray[np.float32],
        seen: NDArray[np.float32],
    ) -> Real:
        """Float64 ``[D, C']``: AP of each class with bins, in these draws."""
        recalled = np.maximum(references, 1)[:, self.class_of_bin]
        steps = 2.0 * (references.shape[1] - self.class_of_bin)
        found = self._cumulated(weights @ hits)
        all_seen = np.maximum(self._cumulated(weights @ seen), 1)
        envelope = np.maximum.accumulate((found / all_seen + steps)[:, ::-1], axis=1)[:, ::-1]
        reached = np.floor(found / recalled * 100 + 1e-4) + (found > 0)
        reached[:, 1:] -= np.where(np.diff(self.class_of_bin) == 0, reached[:, :-1], 0)
        return np.add.reduceat(reached * (envelope - steps), self.starts, axis=1) / 101

    def _cumulated(self, counts: NDArray[np.float32]) -> NDArray[np.float32]:
        """Running sums along each class's bins."""
        sums = np.cumsum(counts, axis=1)
        before = (sums - counts)[:, self.starts]
        lengths = np.diff(np.append(self.starts, counts.shape[1]))
        return np.asarray(sums - np.repeat(before, lengths, axis=1), np.float32)
