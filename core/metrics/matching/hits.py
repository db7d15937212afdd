"""Which detections find a partner, at all ten COCO thresholds and at the one that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.average_precision import COCO_THRESHOLDS
from core.metrics.matching.candidates import Candidates, Side
from core.metrics.matching.chunks import on_all_cores
from core.metrics.matching.matching import Pairs, bars_of, matched_pairs
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds

Mask = NDArray[np.bool_]
_BITS = np.left_shift(1, np.arange(len(COCO_THRESHOLDS) + 1)).astype(np.uint16)


@dataclass(frozen=True, eq=False)
class Hits:
    """The outcome of matching; places are those of `Candidates`.

    Attributes:
        active_a, active_b: bool ``[Ka]``, ``[Kb]``: above the score threshold, within the limit.
        levels: uint16 ``[Ka]``: bit t is set where a has a partner at COCO threshold t.
        a, b: int32 ``[M]``: the matches at the threshold that is shown.
        iou: float64 ``[M]`` of those.
    """

    active_a: Mask
    active_b: Mask
    levels: NDArray[np.uint16]
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    iou: NDArray[np.float64]


def find_hits(candidates: Candidates, thresholds: Thresholds) -> Hits:
    """Match everything that counts at these thresholds."""
    parts = candidates.parts
    return _joined(on_all_cores(lambda part: hits_of(part.candidates, thresholds), parts))


def _joined(found: Sequence[Hits]) -> Hits:
    """The outcome for the whole, from that of its parts."""
    if len(found) == 1:
        return found[0]
    before_a = np.cumsum([0, *(len(one.active_a) for one in found[:-1])])
    before_b = np.cumsum([0, *(len(one.active_b) for one in found[:-1])])
    return Hits(
        np.concatenate([one.active_a for one in found]),
        np.concatenate([one.active_b for one in found]),
        np.concatenate([one.levels for one in found]),
        np.concatenate([one.a + np.int32(n) for one, n in zip(found, before_a, strict=True)]),
        np.concatenate([one.b + np.int32(n) for one, n in zip(found, before_b, strict=True)]),
        np.concatenate([one.iou for one in found]),
    )


def hits_of(candidates: Candidates, thresholds: Thresholds) -> Hits:
    """The same, of few enough candidates to be matched in one go.

    Most boxes overlap one box only: those need no turns, and are compared with the bars at once.
    """
    of_parent, of_optimized = thresholds.scores
    active_a = _active(candidates.a, of_optimized, thresholds.per_class_limit)
    active_b = _active(candidates.b, of_parent, thresholds.per_class_limit)
    pairs = candidates.pairs(min(COCO_THRESHOLDS[0], thresholds.iou))
    pairs = pairs.where(active_a.take(pairs.a) & active_b.take(pairs.b))
    levels = np.zeros(len(active_a), np.uint16)
    simple = _without_rivals(pairs, len(active_b))
    easy, hard = pairs.where(simple), pairs.where(~simple)
    del pairs  # of millions of boxes; the two parts are enough
    depth = np.zeros(len(easy), np.uint8)
    for bar in bars_of(COCO_THRESHOLDS):
        depth += easy.iou >= bar
    levels[easy.a] = (_BITS - 1).astype(np.uint16).take(depth)
    bars = np.append(COCO_THRESHOLDS, thresholds.iou)
    level, place = matched_pairs(hard, candidates.a.ranked.ranks, bars)
    for number, bit in enumerate(_BITS[:-1]):
        levels[hard.a[place[level == number]]] |= bit
    shown = easy.where(easy.iou >= bars_of(bars)[-1])
    turned = hard.where(place[level == len(COCO_THRESHOLDS)])
    return Hits(
        active_a,
        active_b,
        levels,
        np.concatenate([shown.a, turned.a]),
        np.concatenate([shown.b, turned.b]),
        np.concatenate([shown.iou, turned.iou]),
    )


def _active(side: Side, lowest: ScoreThresholds, limit: int) -> Mask:
    names = side.table.class_names
    if lowest.classes:
        active = side.scores >= lowest.by_class(names)[side.table.class_ids[side.ranked.rows]]
    else:
        active = side.scores >= np.float32(lowest.score)
    if side.ranked.ranks.max(initial=-1) >= limit:
        active &= side.ranked.ranks < limit
    return np.asarray(active)


def _without_rivals(pairs: Pairs, size_b: int) -> Mask:
    """Bool ``[P]``: neither box of the pair overlaps another candidate."""
    if not len(pairs):
        return np.zeros(0, bool)
    same = pairs.a[1:] == pairs.a[:-1]
    alone = ~(np.append(False, same) | np.append(same, False))
    counts = np.bincount(pairs.b, minlength=size_b)
    return np.asarray(alone & (counts.take(pairs.b) == 1))
