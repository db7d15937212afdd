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

Indices = NDArray[np.signedinteger]
Places = NDArray[np.intp]
_CHUNK = 250_000  # pairs at a time: they fit in the processor's cache


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
    numbers: Indices = np.arange(len(table)).astype(kind)
    images = np.repeat(numbers, np.diff(table.offsets))
    keys: Indices = images * kind(classes) + table.class_ids
    rows: Indices = np.flatnonzero(table.scores >= np.float32(score_threshold)).astype(kind)
    rows = rows[_in_order(keys[rows], table.scores[rows], images[rows])]
    keys = keys[rows]
    ranks = ranks_within(keys)
    if ranks.max(initial=-1) < per_class_limit:
        return Ranked(rows, keys, ranks)
    kept = ranks < per_class_limit
    return Ranked(rows[kept], keys[kept], ranks[kept])


def _in_order(keys: Indices, scores: NDArray[np.float32], images: Indices) -> NDArray[np.intp]:
    """The order by rising key and, within a key, falling score; equal scores keep theirs."""
    falling = (scores[1:] <= scores[:-1]) | (images[1:] != images[:-1])
    if falling.all():  # as decoders leave them: then only the keys are to be sorted
        return np.argsort(keys, kind="stable")
    return np.lexsort((-scores, keys))


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
        return Pairs(self.a[chosen], self.b[chosen], self.iou[chosen])


def overlapping_pairs(
    table_a: DetectionTable, a: Ranked, table_b: DetectionTable, b: Ranked, lowest: float
) -> Pairs:
    """Every pair with the same key whose IoU is at least `lowest`."""
    first, last = _partners_range(a.keys, b.keys)
    bounds = np.append(0, np.cumsum(last - first))
    cuts = np.searchsorted(bounds, np.arange(0, bounds[-1], _CHUNK), side="left")
    found = [_pairs_of(table_a, a, table_b, b, lowest, (first, last), slice(0, 0))]
    found += [
        _pairs_of(table_a, a, table_b, b, lowest, (first, last), slice(low, high))
        for low, high in pairwise([*np.unique(cuts).tolist(), len(a.keys)])
        if high > low
    ]
    return Pairs(
        np.concatenate([part.a for part in found]),
        np.concatenate([part.b for part in found]),
        np.concatenate([part.iou for part in found]),
    )


def _partners_range(a: Indices, b: Indices) -> tuple[Indices, Indices]:
    """Where each key of `a` begins and ends in `b`; both rise."""
    starts = np.flatnonzero(np.append(True, a[1:] != a[:-1])[: len(a)])
    lengths = np.diff(np.append(starts, len(a)))
    keys = a[starts]
    first, last = np.searchsorted(b, keys, "left"), np.searchsorted(b, keys, "right")
    return np.repeat(first, lengths), np.repeat(last, lengths)


def _pairs_of(
    table_a: DetectionTable,
    a: Ranked,
    table_b: DetectionTable,
    b: Ranked,
    lowest: float,
    partners: tuple[Indices, Indices],
    chunk: slice,
) -> Pairs:
    first, counts = partners[0][chunk], (partners[1] - partners[0])[chunk]
    pair_a = np.repeat(np.arange(chunk.start, chunk.stop, dtype=np.int32), counts)
    before = np.cumsum(counts) - counts
    pair_b = (np.arange(len(pair_a)) + np.repeat(first - before, counts)).astype(np.int32)
    boxes_a, boxes_b = table_a.boxes[a.rows[pair_a]], table_b.boxes[b.rows[pair_b]]
    touch = (
        (boxes_a[:, 0] < boxes_b[:, 2])
        & (boxes_b[:, 0] < boxes_a[:, 2])
        & (boxes_a[:, 1] < boxes_b[:, 3])
        & (boxes_b[:, 1] < boxes_a[:, 3])
    )
    pair_a, pair_b = pair_a[touch], pair_b[touch]
    iou = paired_iou(boxes_a[touch], boxes_b[touch])
    near = iou >= lowest
    return Pairs(pair_a[near], pair_b[near], iou[near])


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


def matched_pairs(pairs: Pairs, ranks_of_a: Indices, iou_thresholds: Real) -> tuple[Places, Places]:
    """The pairs that become matches: their level ``[N]`` and their place in `pairs` ``[N]``."""
    levels = len(iou_thresholds)
    bars = bars_of(iou_thresholds)[:, None]
    last_b = int(pairs.b.max(initial=-1)) + 1
    taken = np.zeros((levels, last_b), bool)
    found_levels, found_places = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for places in _by_rank(pairs, ranks_of_a):
        iou, pair_b = pairs.iou[places], pairs.b[places]
        starts = np.flatnonzero(np.diff(pairs.a[places], prepend=-1))
        lengths = np.diff(np.append(starts, len(places)))
        open_iou = np.where((iou >= bars) & ~taken[:, pair_b], iou, -1.0)
        best = np.maximum.reduceat(open_iou, starts, axis=1)
        is_best = (open_iou >= 0) & (open_iou == np.repeat(best, lengths, axis=1))
        last = np.maximum.reduceat(np.where(is_best, np.arange(len(places)), -1), starts, axis=1)
        level, segment = np.nonzero(last >= 0)
        chosen = last[level, segment]
        taken[level, pair_b[chosen]] = True
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
