"""Kinds of errors after TIDE (Bolya, Foley, Hays, Hoffman: "TIDE: A General Toolbox for Identifying
Object Detection Errors", ECCV 2020), and what each costs in AP50.

A wrong detection is, in this order: *localisation* (it overlaps a box of its class by .1 to .5),
*class* (a box of another class by .5 or more), *duplicate* (a found box of its class by .5 or
more), *background* (no box by .1), else *both* (a box of another class by .1 to .5). *Missed* is
a box that no detection reaches and that no class or localisation error would be, if corrected.
The cost is AP50 after correcting that kind alone, less AP50.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.error_costs import KINDS, ErrorColumns, ErrorCosts, ErrorKind
from core.metrics.accuracy.judging import Judged
from core.metrics.matching.matching import Ranked, overlapping_pairs, ranks_within
from core.metrics.matching.thresholds import ScoreThresholds
from core.values import Value

_NEAR, _RIGHT = 0.1, 0.5
Places = NDArray[np.intp]


class ErrorCost(Value):
    """How many errors of one kind there are from the score thresholds on, and what they cost.

    `cost` is the gain in AP50, 0..1, if all errors of this kind, at every score, were fixed.
    """

    count: int
    cost: float


@dataclass(frozen=True, eq=False)
class Errors:
    """One model's errors by the ground truth, at every score.

    Attributes:
        wrong: intp ``[N]``, places of the wrong detections in the ranked order of `judged`.
        kinds: int8 ``[N]``, of each its kind's place in `KINDS`.
        targets: intp ``[N]``, the box that each is about, in the ranked order of the boxes.
    """

    judged: Judged
    wrong: Places
    kinds: NDArray[np.int8]
    targets: Places

    @staticmethod
    def of(judged: Judged) -> Errors:
        """Find and sort out the errors."""
        right = judged.hits.levels & 1 > 0
        counted = judged.hits.active_a & (judged.ignored & 1 == 0)
        wrong = np.flatnonzero(counted & ~right)
        kinds, targets = _kinds(judged, wrong, _used(judged))
        return Errors(judged, wrong, kinds, targets)

    def at(self, scores: ScoreThresholds) -> dict[ErrorKind, ErrorCost]:
        """Every kind, counted from the threshold of its class on."""
        return {
            kind: ErrorCost(count=self.count(kind, scores), cost=cost)
            for kind, cost in self.costs.items()
        }

    def count(self, kind: ErrorKind, scores: ScoreThresholds) -> int:
        """How many errors of a kind there are from these thresholds on."""
        return len(self.images(kind, scores))

    def images(self, kind: ErrorKind, scores: ScoreThresholds) -> NDArray[np.int32]:
        """The image of each error of a kind, from these thresholds on: one entry an error."""
        a, b = self.judged.candidates.a, self.judged.candidates.b
        seen = self._seen(scores)
        sure = seen[self.wrong]
        if kind != "missed":
            mine = self.wrong[(self.kinds == KINDS.index(kind)) & sure]
            return np.asarray(a.images[mine], np.int32)
        alone = np.ones(len(b.scores), bool)
        hits = self.judged.hits
        alone[hits.b[seen[hits.a]]] = False
        alone[self.targets[(self.kinds <= 1) & sure]] = False  # mendable errors about them
        return np.asarray(b.images[alone], np.int32)

    def _seen(self, scores: ScoreThresholds) -> NDArray[np.bool_]:
        """Bool ``[Ka]``: the detections from the threshold of their own class on."""
        a = self.judged.candidates.a
        lowest = scores.by_class(a.table.class_names)
        classes = a.ranked.keys % max(1, self.judged.candidates.class_count)
        return np.asarray(a.scores >= lowest[classes], np.bool_)

    @cached_property
    def costs(self) -> dict[ErrorKind, float]:
        """What fixing all of each kind, at every score, would gain in AP50."""
        found = ErrorCosts(self.judged.candidates.class_count)
        found.add(self.columns)
        return found.costs()

    @property
    def columns(self) -> ErrorColumns:
        """What the costs are made of."""
        a, b = self.judged.candidates.a, self.judged.candidates.b
        classes = self.judged.candidates.class_count
        wrong, kinds, targets, used = self.wrong, self.kinds, self.targets, _used(self.judged)
        best = _best_for_target(a.scores[wrong], kinds, targets, used)
        class_b = np.asarray(b.ranked.keys % classes, np.int32)
        kind_of, fixed_class = np.full(len(a.scores), -1, np.int8), np.full(len(a.scores), -1)
        kind_of[wrong] = kinds
        fixed_class[wrong[best]] = class_b[targets[best]]
        reached = np.zeros(len(used), bool)
        reached[targets[(kinds == 0) | (kinds == 1)]] = True
        return ErrorColumns(
            scores=a.scores,
            class_ids=np.asarray(a.ranked.keys % classes, np.int32),
            right=self.judged.hits.levels & 1 > 0,
            counted=self.judged.hits.active_a & (self.judged.ignored & 1 == 0),
            kinds=kind_of,
            fixed_class=fixed_class.astype(np.int32),
            object_classes=class_b,
            reached=used | reached,
        )


def error_kinds(judged: Judged, scores: ScoreThresholds) -> dict[ErrorKind, ErrorCost]:
    """Every kind; errors are counted from the thresholds on."""
    return Errors.of(judged).at(scores)


def _used(judged: Judged) -> NDArray[np.bool_]:
    """Bool ``[Kb]``: boxes that a detection finds at IoU .50."""
    used = np.zeros(len(judged.candidates.b.scores), bool)
    used[judged.hits.b] = True
    return used


def _kinds(
    judged: Judged, wrong: Places, used: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], Places]:
    """Of each wrong detection: its kind's place in `KINDS`, and the box that it is about."""
    candidates = judged.candidates
    side_a, side_b, classes = candidates.a, candidates.b, candidates.class_count
    in_a, place_a = _by_image(side_a.ranked, wrong, side_a.images)
    in_b, place_b = _by_image(side_b.ranked, np.arange(len(used)), side_b.images)
    pairs = overlapping_pairs(side_a.table, in_a, side_b.table, in_b, 1e-9)
    box = place_b[pairs.b]
    own = side_a.ranked.keys[wrong[place_a[pairs.a]]] % classes == side_b.ranked.keys[box] % classes
    where = place_a[pairs.a]

    def best(chosen: NDArray[np.bool_]) -> tuple[NDArray[np.float64], Places]:
        order = np.flatnonzero(chosen)
        order = order[np.argsort(pairs.iou[order], kind="stable")]
        iou, target = np.zeros(len(wrong)), np.zeros(len(wrong), np.intp)
        iou[where[order]], target[where[order]] = pairs.iou[order], box[order]
        return iou, target

    same, same_box = best(own)
    other, other_box = best(~own)
    taken, _ = best(own & used[box])
    kinds = np.full(len(wrong), KINDS.index("both"), np.int8)
    kinds[np.maximum(same, other) < _NEAR] = KINDS.index("background")
    kinds[taken >= _RIGHT] = KINDS.index("duplicate")
    kinds[other >= _RIGHT] = KINDS.index("class")
    kinds[(same >= _NEAR) & (same < _RIGHT)] = KINDS.index("localisation")
    return kinds, np.where(kinds == KINDS.index("class"), other_box, same_box)


def _by_image(
    ranked: Ranked, places: Places, images: NDArray[np.int32]
) -> tuple[Ranked, NDArray[np.intp]]:
    order = np.argsort(images[places], kind="stable")
    keys = images[places][order]
    return Ranked(ranked.rows[places][order], keys, ranks_within(keys)), order


def _best_for_target(
    scores: NDArray[np.float32], kinds: NDArray[np.int8], targets: Places, used: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Bool ``[N]``: the surest of the errors about one box that is not found otherwise."""
    mendable = np.flatnonzero((kinds <= 1) & ~used[targets])
    order = mendable[np.argsort(-scores[mendable], kind="stable")]
    _, first = np.unique(targets[order], return_index=True)
    best = np.zeros(len(scores), bool)
    best[order[first]] = True
    return best
