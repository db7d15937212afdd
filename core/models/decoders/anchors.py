"""Boxes of fixed sizes around every cell, and what a network says about them.

A `Scheme` holds how one family lays its anchors out and encodes boxes as deltas:

* ``torch``: RetinaNet (Lin et al. 2017) with deltas x, y, w, h over variances .1 and .2;
* ``keras``: the same anchors, deltas of the corners over .2 of the anchor's sides;
* ``plain``: deltas x, y, w, h as they are, as torchvision and Detectron2 have them, whose
  anchors sit at the cells' corners;
* ``efficientdet``: EfficientDet (Tan et al. 2020), deltas y, x, h, w.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.models.decoders.base import Floats

LEVELS = (8, 16, 32, 64, 128)  # strides
PER_CELL = 9
_THIRDS = (1.0, 2 ** (1 / 3), 2 ** (2 / 3))


@dataclass(frozen=True)
class Scheme:
    """How anchors lie and deltas are meant.

    Attributes:
        base: side of the smallest anchor, in strides.
        ratios: width and height factors of the shapes.
        scale_first: whether all shapes of a scale come before the next scale.
        centre: where in a cell the anchors' centre is, 0 for its corner, .5 for its middle.
        order: of the deltas: places of x, y, w, h.
        spread: what deltas are multiplied with, for x, y, w, h.
        corners: whether deltas are those of the corners.
    """

    base: float
    ratios: tuple[tuple[float, float], ...]
    scale_first: bool = False
    centre: float = 0.5
    order: tuple[int, int, int, int] = (0, 1, 2, 3)
    spread: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    corners: bool = False

    def sides(self) -> NDArray[np.float64]:
        """``[9,2]``: width and height of a cell's anchors, in strides."""
        pairs = (
            [(scale, ratio) for scale in _THIRDS for ratio in self.ratios]
            if self.scale_first
            else [(scale, ratio) for ratio in self.ratios for scale in _THIRDS]
        )
        return (
            np.array([[scale * ratio[0], scale * ratio[1]] for scale, ratio in pairs]) * self.base
        )


_ROOT = 2**0.5
_HALF_TO_TWO = ((_ROOT, 1 / _ROOT), (1.0, 1.0), (1 / _ROOT, _ROOT))
SCHEMES = {
    "torch": Scheme(4.0, _HALF_TO_TWO, spread=(0.1, 0.1, 0.2, 0.2)),
    "keras": Scheme(4.0, _HALF_TO_TWO, spread=(0.2, 0.2, 0.2, 0.2), corners=True),
    "plain": Scheme(4.0, _HALF_TO_TWO, centre=0.0),
    "efficientdet": Scheme(
        4.0, ((1.0, 1.0), (1.4, 0.7), (0.7, 1.4)), scale_first=True, order=(1, 0, 3, 2)
    ),
}


@cache
def anchors(scheme: str, width: int, height: int) -> Floats:
    """``[N,4]``, x1 y1 x2 y2 in pixels of the input, level by level, cell by cell."""
    plan = SCHEMES[scheme]
    sides = plan.sides()
    levels = []
    for stride in LEVELS:
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)] + plan.centre
        centres = np.stack([x, y], axis=-1).reshape(-1, 1, 2) * stride
        half = sides * stride / 2
        levels.append(np.concatenate([centres - half, centres + half], axis=-1).reshape(-1, 4))
    return np.concatenate(levels).astype(np.float32)


def moved(boxes: Floats, deltas: Floats, scheme: str) -> Floats:
    """The boxes ``[N,4]`` xyxy that `deltas` ``[N,4]`` make of these anchors."""
    plan = SCHEMES[scheme]
    delta = deltas[:, plan.order] * np.array(plan.spread, np.float32)
    size = boxes[:, 2:] - boxes[:, :2]
    if plan.corners:
        return np.asarray(boxes + delta * np.tile(size, 2), np.float32)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 + delta[:, :2] * size
    with np.errstate(over="ignore", invalid="ignore"):
        half = np.exp(delta[:, 2:]) * size / 2
        return np.concatenate([centres - half, centres + half], axis=1).astype(np.float32)
