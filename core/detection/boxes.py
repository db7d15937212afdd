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
    a64, b64 = a.astype(np.float64), b.astype(np.float64)
    size = np.minimum(a64[:, 2:], b64[:, 2:]) - np.maximum(a64[:, :2], b64[:, :2])
    shared = np.clip(size, 0, None).prod(axis=1)
    union = area(a64) + area(b64) - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def area(boxes: NDArray[np.floating]) -> NDArray[np.float64]:
    """Float64 ``[N]``: areas in square pixels."""
    size = np.clip(boxes[:, 2:].astype(np.float64) - boxes[:, :2], 0, None)
    return np.asarray(size.prod(axis=1), np.float64)


def usable(boxes: Boxes, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Bool ``[N]``: finite, and of positive width and height."""
    finite = np.isfinite(boxes).all(axis=1) & np.isfinite(scores)
    return np.asarray(finite & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))
