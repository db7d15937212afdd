"""COCO's matching of some images, for boxes of every size: which detections are right, and which do
not count.

Source of the rules: cocoapi, ``COCOeval.evaluateImg``. For a range of sizes, objects outside of it
are ignored as crowds are: a detection takes one only where no object that counts is left to it,
and neither is right nor wrong then; nor is one that takes nothing and is outside itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.detection.boxes import paired_shared
from core.metrics.accuracy.average_precision import COCO_THRESHOLDS
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.matching.candidates import Candidates
from core.metrics.matching.matching import (
    Pairs,
    bars_of,
    matched_pairs,
    overlapping_pairs,
    rank,
)

AREAS = ((0.0, 1e10), (0.0, 32.0**2), (32.0**2, 96.0**2), (96.0**2, 1e10))
"""All sizes, small, medium, large: square pixels, both ends belong to it."""
LIMIT = 100
"""Detections of an image and class that COCO looks at, the surest."""
MOST = (1, 10, LIMIT)
"""How many of those recall is told of."""
ROW = np.dtype([("score", np.float32), ("right", np.uint16), ("ignored", np.uint16)])
"""Of a detection; bit t is set where that is so at COCO threshold t."""
LEVELS = len(COCO_THRESHOLDS)
_ALL = np.uint16((1 << LEVELS) - 1)
_FIRST = (_ALL >> np.arange(LEVELS, -1, -1, dtype=np.uint16)).astype(np.uint16)
"""The first n bits, by n."""

Bits = NDArray[np.uint16]
Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CocoPart:
    """What some images come to.

    Attributes:
        class_ids, rows: int32 ``[K]`` and `ROW` ``[K]`` for each range of `AREAS`: the detections
            that count at any threshold, in the order of their images.
        wanted: int64 ``[A, C]``: objects that count.
        right: int64 ``[2, T, C]``: right ones of all sizes among the surest of an image and class,
            for all of `MOST` but the last.
    """

    class_ids: tuple[NDArray[np.int32], ...]
    rows: tuple[NDArray[np.void], ...]
    wanted: Whole
    right: Whole

    @staticmethod
    def of(truth: GroundTruth, candidates: Candidates) -> CocoPart:
        """By the candidates of `truth.table` and of the detections that can be judged."""
        a, b, classes = candidates.a, candidates.b, candidates.class_count
        ranks = a.ranked.ranks
        active = ranks < MOST[-1]
        class_ids = a.classes_of(np.arange(len(ranks)))
        own_area = _areas(a.table.boxes.take(a.ranked.rows, axis=0))
        wanted_classes, sizes = b.table.class_ids.take(b.ranked.rows), truth.areas[b.ranked.rows]
        pairs = _all_pairs(truth, candidates, active, own_area)
        found = _Matched.of(pairs, ranks, len(sizes))
        chosen_ids, rows, wanted = [], [], []
        surest = np.zeros((len(MOST) - 1, LEVELS, classes), np.int64)
        for number, (low, high) in enumerate(AREAS):
            outside = (sizes < low) | (sizes > high)
            right, ignored = found.bits(outside, len(ranks))
            other = (own_area < low) | (own_area > high)
            ignored[other] |= _ALL & ~right[other]
            chosen = np.flatnonzero(active & (ignored != _ALL))
            one = np.empty(len(chosen), ROW)
            one["score"], one["right"], one["ignored"] = (
                column.take(chosen) for column in (a.scores, right, ignored)
            )
            chosen_ids.append(class_ids.take(chosen))
            rows.append(one)
            wanted.append(np.bincount(wanted_classes[~outside], minlength=classes))
            if number == 0:
                for place, most in enumerate(MOST[:-1]):
                    first = np.flatnonzero((ranks < most) & (right > 0))
                    surest[place] = _by_level(right.take(first), class_ids.take(first), classes)
        return CocoPart(tuple(chosen_ids), tuple(rows), np.stack(wanted), surest)


def _areas(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Width times height as COCO has it: of a box that is turned inside out, less than nothing,

    so that it is outside of every range.
    """
    corners = boxes.astype(np.float64)
    return np.asarray((corners[:, 2:] - corners[:, :2]).prod(axis=1))


def _by_level(bits: Bits, class_ids: NDArray[np.int32], classes: int) -> Whole:
    """Int64 ``[T, C]``: how many have each bit."""
    counted = [
        np.bincount(class_ids[bits & np.uint16(1 << level) > 0], minlength=classes)
        for level in range(LEVELS)
    ]
    return np.stack(counted)


def _all_pairs(
    truth: GroundTruth, candidates: Candidates, active: Mask, own_area: NDArray[np.float64]
) -> Pairs:
    """Detections with objects, and with crowds, which are numbered behind them.

    Of a crowd, what counts is how much of the detection lies on it.
    """
    objects = candidates.pairs(float(COCO_THRESHOLDS[0]))
    objects = objects.where(active.take(objects.a))
    if not len(truth.ignored.scores):
        return objects
    side = candidates.a
    crowds = rank(truth.ignored, 0.0, len(truth.ignored.scores))
    near = overlapping_pairs(side.table, side.ranked, truth.ignored, crowds, 0.0)
    near = near.where(active.take(near.a))
    boxes = side.table.boxes[side.ranked.rows[near.a]], truth.ignored.boxes[crowds.rows[near.b]]
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = paired_shared(*boxes) / own_area.take(near.a)
    close = np.flatnonzero(covered >= COCO_THRESHOLDS[0])
    a = np.concatenate([objects.a, near.a.take(close)])
    b = np.concatenate([objects.b, near.b.take(close) + np.int32(len(candidates.b.scores))])
    whole = Pairs(a, b, np.concatenate([objects.iou, covered.take(close)]))
    return whole.where(np.argsort(a, kind="stable"))


@dataclass(frozen=True, eq=False)
class _Matched:
    """Pairs without rivals, whose outcome no size changes, and the others."""

    easy: Pairs
    hard: Pairs
    ranks: NDArray[np.signedinteger]
    objects: int
    levels: Bits  # of the easy ones: at which thresholds they match

    @staticmethod
    def of(pairs: Pairs, ranks: NDArray[np.signedinteger], objects: int) -> _Matched:
        """Of all pairs; from b number `objects` on they are crowds."""
        if not len(pairs):
            return _Matched(pairs, pairs, ranks, objects, np.zeros(0, np.uint16))
        same = pairs.a[1:] == pairs.a[:-1]
        simple = ~(np.append(False, same) | np.append(same, False))
        simple &= (pairs.b >= objects) | (np.bincount(pairs.b).take(pairs.b) == 1)
        easy, hard = pairs.where(simple), pairs.where(~simple)
        depth = np.searchsorted(bars_of(COCO_THRESHOLDS), easy.iou, side="right")
        return _Matched(easy, hard, ranks, objects, _FIRST.take(depth))

    def bits(self, outside: Mask, detections: int) -> tuple[Bits, Bits]:
        """Uint16 ``[Ka]`` twice: right, and on something ignored; `outside` says which objects."""
        right, ignored = np.zeros(detections, np.uint16), np.zeros(detections, np.uint16)
        crowds = max(self.easy.b.max(initial=-1), self.hard.b.max(initial=-1)) + 1
        least = np.append(outside, np.ones(max(0, crowds - self.objects), bool))
        none = least.take(self.easy.b)
        right[self.easy.a[~none]] = self.levels[~none]
        ignored[self.easy.a[none]] = self.levels[none]
        level, place = matched_pairs(self.hard, self.ranks, COCO_THRESHOLDS, least, self.objects)
        a, none = self.hard.a[place], least[self.hard.b[place]]
        for number in range(LEVELS):
            mine, bit = level == number, np.uint16(1 << number)
            right[a[mine & ~none]] |= bit
            ignored[a[mine & none]] |= bit
        return right, ignored
