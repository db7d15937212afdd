"""One-to-one matching of two sets of detections, over a whole dataset at once.

Per image and class, with A sorted by score: each A takes the still free B that it overlaps
most, if their IoU reaches the threshold (the greedy rule of the COCO evaluation; of equal
overlaps the later B is taken, as there).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.detection.boxes import paired_iou
from core.detection.detections import DetectionTable
from core.metrics.arrays import Real
from core.metrics.matching.sorting import rising, rising_then_falling

Indices = NDArray[np.signedinteger]
Places = NDArray[np.intp]
_CHUNK = 60_000  # pairs at a time: they fit in the processor's cache


@dataclass(frozen=True, eq=False)
class Ranked:
    """The rows of a table that count, in groups of one image and class, best score first.

    Attributes:
        rows: ``[K]``, indices into the table.
        keys: ``[K]``, ``image * classes + class``, rising.
        ranks: ``[K]``, place within the group, from 0.

    All are int32 where that is enough, as it nearly always is, else int64.
    """

    rows: Indices
    keys: Indices
    ranks: Indices


def rank(table: DetectionTable, score_threshold: float, per_class_limit: int) -> Ranked:
    """The rows with at least that score, at most so many of one image and class."""
    classes = max(1, len(table.class_names))
    largest = max(len(table) * classes, len(table.scores))
    kind: type[np.int32] | type[np.int64] = np.int32 if largest < 2**31 else np.int64
    images: Indices = np.repeat(np.arange(len(table)).astype(kind), np.diff(table.offsets))
    keys: Indices = images * kind(classes) + table.class_ids
    rows: Indices = np.flatnonzero(table.scores >= np.float32(score_threshold)).astype(kind)
    if len(rows) < len(keys):
        keys, images = keys[rows], images[rows]
    order = _in_order(keys, table.scores.take(rows), images)
    rows, keys = rows.take(order), keys.take(order)
    ranks = ranks_within(keys)
    if ranks.max(initial=-1) < per_class_limit:
        return Ranked(rows, keys, ranks)
    kept = ranks < per_class_limit
    return Ranked(rows[kept], keys[kept], ranks[kept])


def _in_order(keys: Indices, scores: NDArray[np.float32], images: Indices) -> NDArray[np.intp]:
    """The order by rising key and, within a key, falling score; equal scores keep theirs."""
    falling = (scores[1:] <= scores[:-1]) | (images[1:] != images[:-1])
    if falling.all():  # as decoders leave them: then only the keys are to be sorted
        return rising(keys)
    return rising_then_falling(keys, scores)


def ranks_within(keys: Indices) -> Indices:
    """``[K]``: how many equal keys come before, in an array whose equal keys are together."""
    places = np.arange(len(keys), dtype=keys.dtype)
    starts = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
    return places - np.maximum.accumulate(np.where(starts, places, places.dtype.type(0)))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of one a and one b that overlap: places in the ranked orders, and their IoU.

    `a` and `b` are int32 ``[P]``, `iou` float64 ``[P]``; sorted by a, then by b.
    """

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    iou: Real

    def __len__(self) -> int:
        return len(self.a)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Pairs:
        """The pairs that an index or boolean array chooses."""
        places = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return Pairs(self.a.take(places), self.b.take(places), self.iou.take(places))


def overlapping_pairs(
    table_a: DetectionTable, a: Ranked, table_b: DetectionTable, b: Ranked, lowest: float
) -> Pairs:
    """Every pair with the same key whose IoU is at least `lowest`."""
    _, bounds_a, bounds_b = grouped(a.keys, b.keys)
    of_group = np.diff(bounds_a)
    counts = np.repeat(np.diff(bounds_b), of_group)
    first = np.repeat(bounds_b[:-1], of_group)
    sides = _corners(table_a, a), _corners(table_b, b)
    bounds = np.append(0, np.cumsum(counts))
    cuts = np.searchsorted(bounds, np.arange(0, bounds[-1], _CHUNK), side="left")
    found = [
        _pairs_of(sides, lowest, first[low:high], counts[low:high], low)
        for low, high in pairwise([0, *np.unique(cuts[1:]).tolist(), len(a.keys)])
    ]
    return Pairs(
        np.concatenate([part.a for part in found]),
        np.concatenate([part.b for part in found]),
        np.concatenate([part.iou for part in found]),
    )


def grouped(a: Indices, b: Indices) -> tuple[Indices, Places, Places]:
    """The different keys of two rising arrays, and where those of each begin in both.

    Keys ``[G]``, of the kind of `a`, and intp ``[G+1]`` twice. Keys are from 0 to 2**62.
    """
    both = np.concatenate([a, b]).astype(np.int64)
    both <<= 1
    both[len(a) :] |= 1  # which of the two it is
    both.sort()
    of_b = both & 1
    both >>= 1
    starts = np.flatnonzero(np.append(True, both[1:] != both[:-1])[: len(both)])
    before_b = np.append(0, np.cumsum(of_b))[np.append(starts, len(both))]
    before_a = np.append(starts, len(both)) - before_b
    return both[starts].astype(a.dtype), before_a, before_b


def _corners(table: DetectionTable, ranked: Ranked) -> NDArray[np.complex128]:
    """The boxes in the ranked order, 16 bytes each: moved as one they take a third of the time."""
    whole = np.ascontiguousarray(table.boxes).reshape(-1).view(np.complex128)
    return whole.take(ranked.rows)


def _pairs_of(
    sides: tuple[NDArray[np.complex128], NDArray[np.complex128]],
    lowest: float,
    first: Places,
    counts: Places,
    before: int,
) -> Pairs:
    """Of some boxes of a, `before` of which others come: each with `counts` of b from `first`."""
    own = np.repeat(np.arange(len(counts)), counts)
    pair_b = np.arange(len(own)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    boxes_a = sides[0][before : before + len(counts)].take(own).view(np.float32).reshape(-1, 4)
    boxes_b = sides[1].take(pair_b).view(np.float32).reshape(-1, 4)
    touch = boxes_a[:, 0] < boxes_b[:, 2]
    touch &= boxes_b[:, 0] < boxes_a[:, 2]
    touch &= boxes_a[:, 1] < boxes_b[:, 3]
    touch &= boxes_b[:, 1] < boxes_a[:, 3]
    places = np.flatnonzero(touch)
    iou = paired_iou(boxes_a[places], boxes_b[places])
    near = iou >= lowest
    places = places[near]
    return Pairs(
        (own[places] + before).astype(np.int32), pair_b[places].astype(np.int32), iou[near]
    )


@dataclass(frozen=True, eq=False)
class Matches:
    """Who is whose partner, for each of T thresholds.

    Attributes:
        partner_of_a: int64 ``[T, len(a)]``, place in b's rows, or -1.
        partner_of_b: int64 ``[T, len(b)]``, place in a's rows, or -1.
        iou: float64 ``[T, len(a)]``, IoU with the partner, 0 without one.
    """

    partner_of_a: Indices
    partner_of_b: Indices
    iou: Real


def match(
    table_a: DetectionTable,
    a: Ranked,
    table_b: DetectionTable,
    b: Ranked,
    iou_thresholds: Real,
) -> Matches:
    """Match the rows `a` of one table with the rows `b` of another, at each threshold."""
    levels = len(iou_thresholds)
    partner_of_a = np.full((levels, len(a.rows)), -1, np.int64)
    partner_of_b = np.full((levels, len(b.rows)), -1, np.int64)
    iou_of_a = np.zeros((levels, len(a.rows)))
    pairs = overlapping_pairs(table_a, a, table_b, b, float(bars_of(iou_thresholds).min()))
    level, place = matched_pairs(pairs, a.ranks, iou_thresholds)
    partner_of_a[level, pairs.a[place]] = pairs.b[place]
    partner_of_b[level, pairs.b[place]] = pairs.a[place]
    iou_of_a[level, pairs.a[place]] = pairs.iou[place]
    return Matches(partner_of_a, partner_of_b, iou_of_a)


def bars_of(iou_thresholds: Real) -> Real:
    """The thresholds as COCO compares them: identical boxes reach even 1."""
    return np.minimum(iou_thresholds, 1 - 1e-10)


def matched_pairs(
    pairs: Pairs,
    ranks_of_a: Indices,
    iou_thresholds: Real,
    least: NDArray[np.bool_] | None = None,
    shared: int | None = None,
) -> tuple[Places, Places]:
    """The pairs that become matches: their level ``[N]`` and their place in `pairs` ``[N]``.

    With `least`, bool by number of b, those b are taken only where no other is left; b from number
    `shared` on may be taken any number of times.
    """
    levels = len(iou_thresholds)
    bars = bars_of(iou_thresholds)[:, None]
    last_b = int(pairs.b.max(initial=-1)) + 1
    taken = np.zeros((levels, last_b), bool)
    liked = pairs.iou.view(np.int64)  # the bits of numbers that are not negative sort as they do
    if least is not None:
        liked = liked | np.where(least.take(pairs.b), 0, 1 << 62)
    found_levels, found_places = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for places in _by_rank(pairs, ranks_of_a):
        iou, pair_b = pairs.iou[places], pairs.b[places]
        starts = np.flatnonzero(np.diff(pairs.a[places], prepend=-1))
        lengths = np.diff(np.append(starts, len(places)))
        free = np.where((iou >= bars) & ~taken[:, pair_b], liked[places], -1)
        best = np.maximum.reduceat(free, starts, axis=1)
        is_best = (free >= 0) & (free == np.repeat(best, lengths, axis=1))
        last = np.maximum.reduceat(np.where(is_best, np.arange(len(places)), -1), starts, axis=1)
        level, segment = np.nonzero(last >= 0)
        chosen = last[level, segment]
        taken[level, pair_b[chosen]] = True
        if shared is not None:
            taken[:, shared:] = False
        found_levels.append(level)
        found_places.append(places[chosen])
    return np.concatenate(found_levels), np.concatenate(found_places)


def _by_rank(pairs: Pairs, ranks_of_a: Indices) -> Iterator[Places]:
    """Places of the pairs of every group's best a, then of every second best, and so on.

    Within a rank no two a share a b, so that a rank can be matched in one step.
    """
    ranks = ranks_of_a[pairs.a]
    order = np.argsort(ranks, kind="stable")
    bounds = np.searchsorted(ranks[order], np.arange(ranks.max(initial=-1) + 2))
    for low, high in pairwise(bounds.tolist()):
        if high > low:
            yield order[low:high]
