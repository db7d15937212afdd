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
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.accuracy.average_precision import ap_of_classes
from core.accuracy.judging import Judged
from core.accuracy.matching import Ranked, overlapping_pairs, ranks_within
from core.values import Value

ErrorKind = Literal["class", "localisation", "both", "duplicate", "background", "missed"]
KINDS: tuple[ErrorKind, ...] = (
    "class", "localisation", "both", "duplicate", "background", "missed",
)  # fmt: skip
_NEAR, _RIGHT = 0.1, 0.5
Places = NDArray[np.intp]


class ErrorCost(Value):
    """How many errors of one kind there are from the score threshold on, and what they cost.

    `cost` is the gain in AP50, 0..1, if all errors of this kind, at every score, were mended.
    """

    count: int
    cost: float


@dataclass(frozen=True, eq=False)
class _Found:
    """Detections as AP sees them: float32 scores, intp classes, bool right; rows of one order."""

    scores: NDArray[np.float32]
    classes: NDArray[np.int64]
    right: NDArray[np.bool_]

    def ap50(self, references: NDArray[np.int64], kept: NDArray[np.bool_] | None = None) -> float:
        kept = np.ones(len(self.scores), bool) if kept is None else kept
        classes, right = self.classes[kept], self.right[kept]
        order = np.lexsort((-self.scores[kept], classes))
        bounds = np.searchsorted(classes[order], np.arange(len(references) + 1))
        ap = ap_of_classes(right[order], bounds, references)
        known = ap[~np.isnan(ap)]
        return float(known.mean()) if len(known) else 0.0


def error_kinds(judged: Judged, score: float) -> dict[ErrorKind, ErrorCost]:
    """Every kind; `score` is the threshold from which errors are counted."""
    a, b = judged.candidates.a, judged.candidates.b
    classes = judged.candidates.class_count
    right = judged.hits.levels & 1 > 0
    counted = judged.hits.active_a & (judged.ignored & 1 == 0)
    wrong = np.flatnonzero(counted & ~right)
    used = np.zeros(len(b.scores), bool)
    used[judged.hits.b] = True  # at IoU .50
    kinds, targets = _kinds(judged, wrong, used)
    best = _best_for_target(a.scores[wrong], kinds, targets, used)
    reached = np.zeros(len(used), bool)
    reached[targets[(kinds == 0) | (kinds == 1)]] = True
    missed = ~used & ~reached
    class_a = np.asarray(a.ranked.keys % classes, np.int64)
    class_b = np.asarray(b.ranked.keys % classes, np.int64)
    found = _Found(a.scores, class_a, right)
    references = np.bincount(class_b, minlength=classes)
    base = found.ap50(references, counted)
    result: dict[ErrorKind, ErrorCost] = {}
    sure = a.scores[wrong] >= np.float32(score)
    for number, kind in enumerate(KINDS[:-1]):
        mine = kinds == number
        mended_right, mended_class, kept = right.copy(), class_a.copy(), counted.copy()
        kept[wrong[mine]] = False
        if kind in ("class", "localisation"):
            mended = wrong[mine & best]
            kept[mended] = mended_right[mended] = True
            mended_class[mended] = class_b[targets[mine & best]]
        after = _Found(a.scores, mended_class, mended_right).ap50(references, kept)
        result[kind] = ErrorCost(count=int((mine & sure).sum()), cost=after - base)
    without = np.bincount(class_b[~missed], minlength=classes)
    after = found.ap50(without, counted)
    result["missed"] = ErrorCost(
        count=_missed_from(judged, score, targets[(kinds <= 1) & sure]), cost=after - base
    )
    return result


def _missed_from(judged: Judged, score: float, reached: Places) -> int:
    """Boxes that no detection with that score finds, or is a mendable error about."""
    sure = judged.candidates.a.scores[judged.hits.a] >= np.float32(score)
    alone = np.ones(len(judged.candidates.b.scores), bool)
    alone[judged.hits.b[sure]] = False
    alone[reached] = False
    return int(alone.sum())


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
