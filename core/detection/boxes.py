"""Box arithmetic. Boxes are ``[N,4]``, x1 y1 x2 y2, without a "+1" for pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]


def from_centres(boxes: Boxes) -> Boxes:
    """Boxes given as centre x, centre y, width, height."""
    half = boxes[:, 2:4] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def paired_iou(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Float64 ``[N]``: intersection over union of ``a[i]`` and ``b[i]``; 0 where both are empty."""
    a64, b64 = (np.ascontiguousarray(one.T, np.float64) for one in (a, b))  # column by column
    shared = _shared(a64, b64)
    union = _area(a64) + _area(b64) - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def paired_shared(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Float64 ``[N]``: square pixels that ``a[i]`` and ``b[i]`` have in common."""
    a64, b64 = (np.ascontiguousarray(one.T, np.float64) for one in (a, b))
    return _shared(a64, b64)


def area(boxes: NDArray[np.floating]) -> NDArray[np.float64]:
    """Float64 ``[N]``: areas in square pixels."""
    return _area(np.ascontiguousarray(boxes.T, np.float64))


def _shared(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of boxes as float64 ``[4, N]``."""
    shared = _positive(np.minimum(a[2], b[2]) - np.maximum(a[0], b[0]))
    shared *= _positive(np.minimum(a[3], b[3]) - np.maximum(a[1], b[1]))
    return shared


def _area(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of boxes as float64 ``[4, N]``."""
    return _positive(columns[2] - columns[0]) * _positive(columns[3] - columns[1])


def _positive(sides: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.maximum(sides, 0.0, out=sides))


def usable(boxes: Boxes, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Bool ``[N]``: finite, and of positive width and height."""
    finite = np.isfinite(boxes).all(axis=1) & np.isfinite(scores)
    return np.asarray(finite & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))
