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

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ranked:
    """The rows of a table that count, in groups of one image and class, best score first.

    Attributes:
        rows: int64 ``[K]``, indices into the table.
        keys: int64 ``[K]``, ``image * classes + class``, rising.
        ranks: int64 ``[K]``, place within the group, from 0.
    """

    rows: Indices
    keys: Indices
    ranks: Indices


def rank(table: DetectionTable, score_threshold: float, per_class_limit: int) -> Ranked:
    """The rows with at least that score, at most so many of one image and class."""
    keys = table.image_indices * max(1, len(table.class_names)) + table.class_ids
    rows = np.flatnonzero(table.scores >= np.float32(score_threshold)).astype(np.int64)
    rows = rows[np.lexsort((-table.scores[rows], keys[rows]))]
    keys = keys[rows]
    ranks = np.arange(len(keys)) - np.searchsorted(keys, keys)
    kept = ranks < per_class_limit
    return Ranked(rows[kept], keys[kept], ranks[kept])


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
    iou: NDArray[np.float64]


def match(
    table_a: DetectionTable,
    a: Ranked,
    table_b: DetectionTable,
    b: Ranked,
    iou_thresholds: NDArray[np.float64],
) -> Matches:
    """Match the rows `a` of one table with the rows `b` of another, at each threshold."""
    levels = len(iou_thresholds)
    partner_of_a = np.full((levels, len(a.rows)), -1, np.int64)
    partner_of_b = np.full((levels, len(b.rows)), -1, np.int64)
    iou_of_a = np.zeros((levels, len(a.rows)))
    bars = np.minimum(iou_thresholds, 1 - 1e-10)[:, None]
    for pair_a, pair_b, iou in _pairs_by_rank(table_a, a, table_b, b, float(bars.min())):
        open_iou = np.where((iou >= bars) & (partner_of_b[:, pair_b] < 0), iou, -1.0)
        starts = np.flatnonzero(np.diff(pair_a, prepend=-1))
        lengths = np.diff(np.append(starts, len(pair_a)))
        best = np.maximum.reduceat(open_iou, starts, axis=1)
        is_best = (open_iou >= 0) & (open_iou == np.repeat(best, lengths, axis=1))
        places = np.where(is_best, np.arange(len(pair_a)), -1)
        chosen = np.maximum.reduceat(places, starts, axis=1)
        level, segment = np.nonzero(chosen >= 0)
        place = chosen[level, segment]
        partner_of_a[level, pair_a[place]] = pair_b[place]
        partner_of_b[level, pair_b[place]] = pair_a[place]
        iou_of_a[level, pair_a[place]] = iou[place]
    return Matches(partner_of_a, partner_of_b, iou_of_a)


def _pairs_by_rank(
    table_a: DetectionTable, a: Ranked, table_b: DetectionTable, b: Ranked, lowest: float
) -> Iterator[tuple[Indices, Indices, NDArray[np.float64]]]:
    """Pairs (a, b, IoU) of one group that overlap enough: first those of every group's best a.

    Within a rank no two a share a b, so that a rank can be matched in one step.
    """
    first = np.searchsorted(b.keys, a.keys, side="left")
    counts = np.searchsorted(b.keys, a.keys, side="right") - first
    pair_a = np.repeat(np.arange(len(a.keys)), counts)
    ends = np.cumsum(counts)
    pair_b = np.arange(len(pair_a)) - np.repeat(ends - counts, counts) + np.repeat(first, counts)
    iou = paired_iou(table_a.boxes[a.rows[pair_a]], table_b.boxes[b.rows[pair_b]])
    near = iou >= lowest
    pair_a, pair_b, iou = pair_a[near], pair_b[near], iou[near]
    ranks = a.ranks[pair_a]
    order = np.argsort(ranks, kind="stable")
    bounds = np.searchsorted(ranks[order], np.arange(ranks.max(initial=-1) + 2))
    for low, high in pairwise(bounds):
        if high > low:
            chosen = order[low:high]
            yield pair_a[chosen], pair_b[chosen], iou[chosen]
