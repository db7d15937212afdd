"""How sure a mean average precision is: a bootstrap over images, at a cost that hardly grows.

Images are drawn again, with repetition, and AP is computed for each draw (Efron 1979; percentile
interval, centred on the exact figure). Two things bound the work. More than `GROUPS` images are
put into that many random groups, which are drawn instead; and of each class's ranking only the
counts in at most `BINS` stretches are kept, so that a draw is a product of two small matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.accuracy.average_precision import COCO_THRESHOLDS
from core.accuracy.candidates import Candidates, prepare
from core.accuracy.comparison import Comparison
from core.accuracy.hits import find_hits
from core.values import Value

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

DRAWS, GROUPS, BINS = 300, 400, 100
_CELLS = 400_000  # of a block of draws: they fit in the processor's cache


class Interval(Value):
    """A figure and its 95 % interval."""

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
        reference_images, reference_classes: of each box to be found.
    """

    images: NDArray[np.int32]
    class_bounds: Whole
    hits: NDArray[np.uint16]
    ignored: NDArray[np.uint16] | None
    reference_images: Whole
    reference_classes: Whole


@dataclass(frozen=True, eq=False)
class Draws:
    """How often each group of images is drawn: float32 ``[D+1, G]``, first once each.

    `group_of_image` int64 ``[I]``.
    """

    weights: NDArray[np.float32]
    group_of_image: Whole


def draw_images(images: int, seed: int = 0) -> Draws:
    """The draws; the same seed gives the same ones, for a fair difference of two models."""
    random = np.random.default_rng(seed)
    groups = max(1, min(images, GROUPS))
    group_of_image = random.permutation(images) % groups
    weights = random.multinomial(groups, np.full(groups, 1 / groups), DRAWS)
    whole = np.ones((1, groups))
    return Draws(np.concatenate([whole, weights]).astype(np.float32), group_of_image)


def drawn_map(rankings: Rankings, draws: Draws) -> Real:
    """Float64 ``[D+1]``: AP@[.50:.95] of each draw, over the classes in it; NaN without any."""
    cells = _Cells.of(rankings, draws)
    block = max(1, _CELLS // max(1, len(cells.class_of_bin)))
    total = len(draws.weights)
    parts = [cells.mean_ap(draws.weights[low : low + block]) for low in range(0, total, block)]
    return np.concatenate(parts)


def interval(value: float, drawn: Real) -> Interval:
    """The 95 % interval of `value`; `drawn` float64 ``[D+1]`` has the undisturbed draw first."""
    spread = drawn[1:] - drawn[0]
    spread = spread[~np.isnan(spread)]
    low, high = np.percentile(spread, [2.5, 97.5]) if len(spread) else (0.0, 0.0)
    return Interval(value=value, low=value + float(low), high=value + float(high))


def agreement_interval(
    comparison: Comparison, candidates: Candidates | None = None
) -> Interval | None:
    """The agreement of a comparison with its 95 % interval over images; None without agreement.

    Takes from a tenth of a second to a few seconds: for a job, or once a slider rests.
    """
    value = comparison.summary.agreement
    if value is None:
        return None
    candidates = candidates or prepare(comparison.parent, comparison.optimized)
    hits = find_hits(candidates, comparison.thresholds)
    a, b = candidates.a, candidates.b
    active = hits.active_a[a.class_order]
    order = a.class_order[active]
    rankings = Rankings(
        images=a.images[order],
        class_bounds=np.append(0, np.cumsum(active))[a.class_bounds],
        hits=hits.levels[order],
        ignored=None,
        reference_images=b.images[hits.active_b].astype(np.int64),
        reference_classes=b.ranked.keys[hits.active_b] % candidates.class_count,
    )
    found = interval(value, drawn_map(rankings, draw_images(len(comparison.parent))))
    return Interval(value=value, low=max(0.0, found.low), high=min(1.0, found.high))


@dataclass(frozen=True, eq=False)
class _Cells:
    """Counts by group of images and stretch of a class's ranking.

    `hits` and `seen` are float32 ``[T, G, B]`` (`seen` ``[1, G, B]`` where nothing is ignored),
    `references` float32 ``[G, C]``; `starts` intp ``[C']`` are where classes with bins begin.
    """

    hits: NDArray[np.float32]
    seen: NDArray[np.float32]
    references: NDArray[np.float32]
    class_of_bin: NDArray[np.intp]
    starts: NDArray[np.intp]

    @staticmethod
    def of(rankings: Rankings, draws: Draws) -> _Cells:
        lengths = np.diff(rankings.class_bounds)
        classes, groups = len(lengths), draws.weights.shape[1]
        sizes = np.minimum(lengths, BINS)
        class_of_bin = np.repeat(np.arange(classes), sizes)
        starts = np.cumsum(sizes) - sizes
        class_of_row = np.repeat(np.arange(classes), lengths)
        place = np.arange(len(class_of_row)) - rankings.class_bounds[class_of_row]
        bins = starts[class_of_row] + place * sizes[class_of_row] // lengths[class_of_row]
        cell = draws.group_of_image[rankings.images] * len(class_of_bin) + bins

        def count(levels: NDArray[np.uint16], number: int) -> NDArray[np.float32]:
            chosen = cell[(levels >> np.uint16(number)) & np.uint16(1) > 0]
            counts = np.bincount(chosen, minlength=groups * len(class_of_bin))
            return counts.astype(np.float32).reshape(groups, -1)

        levels = range(len(COCO_THRESHOLDS))
        counted = None if rankings.ignored is None else ~rankings.ignored
        everything = np.ones(len(cell), np.uint16)
        reference = draws.group_of_image[rankings.reference_images] * classes
        references = np.bincount(reference + rankings.reference_classes, None, groups * classes)
        return _Cells(
            np.stack([count(rankings.hits, number) for number in levels]),
            np.stack([count(counted, number) for number in levels])
            if counted is not None
            else count(everything, 0)[None],
            references.astype(np.float32).reshape(groups, classes),
            class_of_bin,
            starts[sizes > 0],
        )

    def mean_ap(self, weights: NDArray[np.float32]) -> Real:
        """Float64 ``[D]`` of these draws: mean over thresholds and the classes present."""
        references = weights @ self.references
        present = references > 0
        total = np.zeros(len(weights))
        if len(self.class_of_bin):
            recalled = np.maximum(references, 1)[:, self.class_of_bin]
            steps = 2.0 * (references.shape[1] - self.class_of_bin)
            kept = present[:, self.class_of_bin[self.starts]]
            for number in range(len(self.hits)):
                found = self._cumulated(weights @ self.hits[number])
                if number < len(self.seen):
                    seen = np.maximum(self._cumulated(weights @ self.seen[number]), 1)
                envelope = np.maximum.accumulate((found / seen + steps)[:, ::-1], axis=1)[:, ::-1]
                reached = np.floor(found / recalled * 100 + 1e-4) + (found > 0)
                reached[:, 1:] -= np.where(np.diff(self.class_of_bin) == 0, reached[:, :-1], 0)
                ap = np.add.reduceat(reached * (envelope - steps), self.starts, axis=1) / 101
                total += (ap * kept).sum(axis=1)
        counts = present.sum(axis=1) * len(self.hits)
        return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)

    def _cumulated(self, counts: NDArray[np.float32]) -> NDArray[np.float32]:
        """Running sums along each class's bins."""
        sums = np.cumsum(counts, axis=1)
        before = (sums - counts)[:, self.starts]
        lengths = np.diff(np.append(self.starts, counts.shape[1]))
        return np.asarray(sums - np.repeat(before, lengths, axis=1), np.float32)
