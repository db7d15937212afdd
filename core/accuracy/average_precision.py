"""Average precision after COCO: 101 recall points, ten IoU thresholds .50:.05:.95.

Source of the formula: cocoapi, ``COCOeval.accumulate``. Held equal to it by the tests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
_RECALL_POINTS = np.linspace(0.0, 1.0, 101)
_CHUNK = 20_000  # groups at a time: bounds the memory of the padded arrays


def average_precision(hits: NDArray[np.bool_], references: int) -> NDArray[np.float64]:
    """Float64 ``[T]``: AP at each threshold of one ranking.

    `hits` is bool ``[T, K]``: whether the k-th best detection has a partner; `references` is
    the number of boxes to be found, at least 1.
    """
    counts = np.array([references])
    return _padded_ap(hits[:, None, :], np.ones((1, hits.shape[1]), bool), counts)[:, 0]


def grouped_average_precision(
    hits: NDArray[np.bool_],
    groups: NDArray[np.int64],
    ranks: NDArray[np.int64],
    references: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Float64 ``[T, G]``: AP of many small rankings at once, 0 where a group has no reference.

    `hits` is bool ``[T, K]``; `groups` and `ranks` int64 ``[K]`` tell whose k-th best each column
    is; `references` int64 ``[G]`` counts the boxes to be found.
    """
    levels, total = len(hits), len(references)
    result = np.zeros((levels, total))
    if not len(groups):
        return result
    width = int(ranks.max()) + 1
    order = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    for low in range(0, total, _CHUNK):
        high = min(low + _CHUNK, total)
        columns = order[slice(*np.searchsorted(sorted_groups, [low, high]))]
        place = (groups[columns] - low, ranks[columns])
        padded = np.zeros((levels, high - low, width), bool)
        padded[(slice(None), *place)] = hits[:, columns]
        present = np.zeros((high - low, width), bool)
        present[place] = True
        result[:, low:high] = _padded_ap(padded, present, references[low:high])
    return result


def _padded_ap(
    hits: NDArray[np.bool_], present: NDArray[np.bool_], references: NDArray[np.int64]
) -> NDArray[np.float64]:
    """AP ``[T, G]`` of rankings padded to one length: `hits` ``[T,G,K]``, `present` ``[G,K]``."""
    if not hits.shape[2]:
        return np.zeros(hits.shape[:2])
    found = np.cumsum(hits, axis=2, dtype=np.float64)
    seen = np.cumsum(present, axis=1, dtype=np.float64)
    precision = np.where(present, found / (seen + np.spacing(1)), 0.0)
    envelope = np.maximum.accumulate(precision[:, :, ::-1], axis=2)[:, :, ::-1]
    recall = found / np.maximum(references, 1)[:, None]
    reached = np.searchsorted(_RECALL_POINTS, recall, side="right")
    weights = np.diff(reached, axis=2, prepend=0)  # recall points first reached at this rank
    total = (weights * envelope).sum(axis=2) / len(_RECALL_POINTS)
    return np.where(references > 0, total, 0.0)
