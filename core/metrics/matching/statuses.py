"""What became of each box: matched, shifted, drifted, of another class, missed, extra."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from core.metrics.arrays import Real
from core.metrics.matching.candidates import Candidates, Side
from core.metrics.matching.hits import Hits
from core.metrics.matching.matching import Ranked, matched_pairs, overlapping_pairs, ranks_within
from core.metrics.matching.sorting import rising_then_falling
from core.metrics.matching.thresholds import Thresholds

Indices = NDArray[np.signedinteger]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

_HALF, _QUARTER = 0.5, 0.25


class Status(IntFlag):
    """Of one box. A match may be shifted and drifted at once; all else excludes each other."""

    HIDDEN = 0
    MATCHED = 1
    SHIFTED = 2
    DRIFTED = 4
    MISSED = 8
    EXTRA = 16
    CLASS_CHANGED = 32


STATUS_WORDS: dict[Status, str] = {
    Status.MATCHED: "Matched",
    Status.SHIFTED: "Shifted",
    Status.DRIFTED: "Score drift",
    Status.MISSED: "Missed",
    Status.EXTRA: "Extra",
    Status.CLASS_CHANGED: "Class changed",
}


@dataclass(frozen=True, eq=False)
class Differences:
    """What differs; all are places in the ranked orders of `Candidates`.

    Attributes:
        missed: intp ``[N]``, boxes of the parent alone; `missed_damage` float64 ``[N]``.
        extra: intp ``[N]``, of the optimized model alone; `extra_damage` float64 ``[N]``.
        changed_a, changed_b: intp ``[N]``, pairs of two classes; `changed_damage`.
        shifted, drifted: bool ``[M]``, of the matches; `match_damage` float64 ``[M]``.
    """

    missed: Places
    missed_damage: Real
    extra: Places
    extra_damage: Real
    changed_a: Places
    changed_b: Places
    changed_damage: Real
    shifted: NDArray[np.bool_]
    drifted: NDArray[np.bool_]
    match_damage: Real


def find_differences(candidates: Candidates, hits: Hits, thresholds: Thresholds) -> Differences:
    """Everything but the plain matches, each with the damage it does.

    Damage orders the images, worst first. A lone box counts from 0.1 at the score threshold, where
    a box appears and vanishes by chance, to 1 at a score of 1; a changed class as the surer of
    its two boxes; a shift up to 0.5 of that, and a drift beyond its bar up to 0.25.
    """
    alone_a, alone_b = _without(hits.active_a, hits.a), _without(hits.active_b, hits.b)
    changed_a, changed_b = _changed_class(candidates, alone_a, alone_b, thresholds.iou)
    extra, missed = (
        np.flatnonzero(_without(alone, changed))
        for alone, changed in ((alone_a, changed_a), (alone_b, changed_b))
    )
    score_a, score_b = candidates.a.scores, candidates.b.scores
    weigh = _Weigh(thresholds.score)
    drift = np.abs(score_a[hits.a] - score_b[hits.b])
    shifted = hits.iou < thresholds.shifted_iou
    drifted = drift > np.float32(thresholds.score_drift)
    damage = np.zeros(len(hits.a))
    depth = (thresholds.shifted_iou - hits.iou[shifted]) / max(thresholds.shifted_iou, 1e-6)
    surer = np.maximum(score_a[hits.a[shifted]], score_b[hits.b[shifted]])
    damage[shifted] = _HALF * depth * weigh(surer)
    beyond = (drift[drifted] - thresholds.score_drift) / max(1 - thresholds.score_drift, 1e-6)
    damage[drifted] += _QUARTER * beyond
    return Differences(
        missed,
        weigh(score_b[missed]),
        extra,
        weigh(score_a[extra]),
        changed_a,
        changed_b,
        weigh(np.maximum(score_a[changed_a], score_b[changed_b])),
        shifted,
        drifted,
        damage,
    )


@dataclass(frozen=True)
class _Weigh:
    """The damage of a lone box by its score, between the threshold and 1."""

    threshold: float

    def __call__(self, scores: NDArray[np.float32]) -> Real:
        above = (scores.astype(np.float64) - self.threshold) / max(1 - self.threshold, 1e-6)
        return np.asarray(0.1 + 0.9 * np.clip(above, 0, 1))


def _without(active: Mask, matched: Indices) -> Mask:
    alone = active.copy()
    alone[matched] = False
    return alone


def _changed_class(
    candidates: Candidates, alone_a: Mask, alone_b: Mask, iou: float
) -> tuple[Places, Places]:
    """Lone boxes of the two models that overlap enough, paired one to one, best score first.

    Their classes differ: two of one class would have been matched.
    """
    first = int(candidates.keys[0]) // candidates.class_count if len(candidates.keys) else 0
    in_a, in_b = (
        _by_image(side, alone, first)
        for side, alone in ((candidates.a, alone_a), (candidates.b, alone_b))
    )
    table_a, table_b = candidates.a.table, candidates.b.table
    pairs = overlapping_pairs(table_a, in_a[0], table_b, in_b[0], max(iou, 1e-9))
    _, places = matched_pairs(pairs, in_a[0].ranks, np.array([iou]))
    return in_a[1][pairs.a[places]], in_b[1][pairs.b[places]]


def _by_image(side: Side, alone: Mask, first: int) -> tuple[Ranked, Places]:
    """These places ranked within their image, and which place each of the ranking is.

    The keys are images, counted from the `first`: small numbers are sorted faster.
    """
    lone = np.flatnonzero(alone)
    images = side.images_of(lone) - np.int32(first)
    places = lone[rising_then_falling(images, side.scores.take(lone))]
    return Ranked(side.ranked.rows.take(places), images, ranks_within(images)), places
