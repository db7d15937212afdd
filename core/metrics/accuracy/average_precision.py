"""Average precision after COCO: 101 recall points, ten IoU thresholds .50:.05:.95.

Source of the formula: cocoapi, ``COCOeval.accumulate``. Held equal to it by the tests.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.metrics.arrays import Real

COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALL_POINTS = np.linspace(0.0, 1.0, 101)
_CHUNK = 20_000  # groups at a time: bounds the memory of the padded arrays
_SHORT = 8  # rankings up to this length are looked up in a table

Whole = NDArray[np.int64]


def average_precision(hits: NDArray[np.bool_], references: int) -> Real:
    """Float64 ``[T]``: AP at each threshold of one ranking.

    `hits` is bool ``[T, K]``: whether the k-th best detection has a partner; `references` is
    the number of boxes to be found, at least 1.
    """
    counts = np.array([references])
    return _padded_ap(hits[:, None, :], np.ones((1, hits.shape[1]), bool), counts)[:, 0]


def ap_of_classes(
    hits: NDArray[np.bool_], bounds: Whole, references: Whole, after: int = 0
) -> Real:
    """Float64 ``[C]``: AP of the ranking of each class at one threshold, NaN without reference.

    `hits` is bool ``[K]``, class after class, best first; class c owns
    ``hits[bounds[c]:bounds[c + 1]]``; `references` int64 ``[C]`` counts the boxes to be found.
    On how many classes come `after` these hangs how the last bit is rounded.
    """
    found = np.flatnonzero(hits)
    first = np.searchsorted(found, bounds)
    own = np.diff(first)
    result = np.where(references > 0, 0.0, np.nan)
    if not len(found):
        return result
    starts = np.repeat(first[:-1], own)
    precision = (np.arange(1, len(found) + 1) - starts) / (
        found + 1.0 - np.repeat(bounds[:-1], own)
    )
    # The envelope of all classes in one sweep from the right: a later class is kept below.
    steps = np.repeat(2.0 * np.arange(after, after + len(own))[::-1], own)
    envelope = np.maximum.accumulate((precision + steps)[::-1])[::-1] - steps
    needed = hits_needed(references)
    reached = needed <= own[:, None]
    places = np.minimum(first[:-1, None] + needed - 1, len(found) - 1)
    result[:] = np.where(reached, envelope[places], 0.0).sum(axis=1) / len(RECALL_POINTS)
    result[references == 0] = np.nan
    return result


def hits_needed(references: Whole) -> Whole:
    """Int64 ``[C, 101]``: how many hits reach each recall point, at least 1."""
    counts = np.maximum(references, 1)[:, None]
    needed = np.maximum(np.ceil(RECALL_POINTS * counts - 1e-6), 1).astype(np.int64)
    needed += needed / counts < RECALL_POINTS  # recall as COCO divides it, to the last bit
    return needed


def groups_average_precision(
    levels: NDArray[np.uint16], ranks: Whole, bounds: Whole, references: Whole
) -> tuple[Real, Real]:
    """Float64 ``[G]`` twice: AP@[.50:.95] and AP at .50 of many small rankings.

    `levels` uint16 ``[K]`` has bit t set where the detection has a partner at COCO threshold t;
    the K detections lie group after group, `ranks` counts them within their group; group g owns
    ``levels[bounds[g]:bounds[g + 1]]``, and `references` ``[G]`` boxes are to be found.
    """
    counts = np.diff(bounds)
    mean, half = np.zeros(len(counts)), np.zeros(len(counts))
    short = np.flatnonzero((counts > 0) & (counts <= _SHORT) & (references > 0))
    if len(short):
        _look_up(levels, ranks, bounds, references, short, (mean, half))
    for low in range(0, len(long := np.flatnonzero((counts > _SHORT) & (references > 0))), _CHUNK):
        groups = long[low : low + _CHUNK]
        width = int(counts[groups].max())
        places = np.minimum(bounds[groups][:, None] + np.arange(width), len(levels) - 1)
        present = np.arange(width) < counts[groups][:, None]
        bits = np.left_shift(1, np.arange(len(COCO_THRESHOLDS)))[:, None, None]
        hits = ((levels[places] & bits) > 0) & present
        ap = _padded_ap(hits, present, references[groups])
        mean[groups], half[groups] = ap.mean(axis=0), ap[0]
    return mean, half


def _look_up(
    levels: NDArray[np.uint16],
    ranks: NDArray[np.signedinteger],
    bounds: Whole,
    references: Whole,
    short: NDArray[np.intp],
    into: tuple[Real, Real],
) -> None:
    """AP of short rankings: their hits, as bits of a number, are the row of a table."""
    table = _table(int(references[short].max()))
    wanted = references[short]
    lengths = np.diff(bounds)[short]
    starts = np.cumsum(lengths) - lengths
    if len(short) < len(bounds) - 1:
        places = np.arange(lengths.sum()) + np.repeat(bounds[short] - starts, lengths)
        levels, ranks = levels[places], ranks[places]
    weights = np.left_shift(1, ranks).astype(np.uint8)
    total = np.zeros(len(short))
    for number in range(len(COCO_THRESHOLDS)):
        hit = (levels >> np.uint16(number)) & np.uint16(1)
        patterns = np.bitwise_or.reduceat(weights * hit.astype(np.uint8), starts)
        ap = table[wanted, patterns]
        total += ap
        if number == 0:
            into[1][short] = ap
    into[0][short] = total / len(COCO_THRESHOLDS)


@lru_cache(maxsize=4)
def _table(most_references: int) -> Real:
    """Float64 ``[references + 1, 256]``: AP of every pattern of hits among 8 detections."""
    patterns = np.arange(2**_SHORT)
    hits = (patterns[:, None] >> np.arange(_SHORT)) & 1 > 0
    references = np.repeat(np.arange(most_references + 1), len(patterns))
    repeated = np.tile(hits, (most_references + 1, 1))
    ap = _padded_ap(repeated[None], np.ones_like(repeated), references)
    return np.asarray(ap[0].reshape(most_references + 1, -1))


def _padded_ap(hits: NDArray[np.bool_], present: NDArray[np.bool_], references: Whole) -> Real:
    """AP ``[T, G]`` of rankings padded to one length: `hits` ``[T,G,K]``, `present` ``[G,K]``."""
    if not hits.shape[2]:
        return np.zeros(hits.shape[:2])
    found = np.cumsum(hits, axis=2, dtype=np.float64)
    seen = np.cumsum(present, axis=1, dtype=np.float64)
    precision = np.where(present, found / (seen + np.spacing(1)), 0.0)
    envelope = np.maximum.accumulate(precision[:, :, ::-1], axis=2)[:, :, ::-1]
    recall = found / np.maximum(references, 1)[:, None]
    reached = np.searchsorted(RECALL_POINTS, recall, side="right")
    weights = np.diff(reached, axis=2, prepend=0)  # recall points first reached at this rank
    total = (weights * envelope).sum(axis=2) / len(RECALL_POINTS)
    return np.where(references > 0, total, 0.0)
