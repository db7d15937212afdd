"""Which box the mouse means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NOTHING = -1


def box_at(
    boxes: NDArray[np.float32],
    x: float,
    y: float,
    slop: float = 0.0,
    shown: NDArray[np.bool_] | None = None,
) -> int:
    """Index of the smallest box around the point, or `NOTHING`; the first of equal ones.

    Smallest, so that a box inside another can be reached. `slop` widens every box on all
    sides, so that one of two screen pixels can be hit. All in the same coordinates. Boxes that
    are not `shown` are not hit.
    """
    if not len(boxes):
        return NOTHING
    inside = (
        (boxes[:, 0] - slop <= x)
        & (x <= boxes[:, 2] + slop)
        & (boxes[:, 1] - slop <= y)
        & (y <= boxes[:, 3] + slop)
    )
    if shown is not None:
        inside &= shown
    if not inside.any():
        return NOTHING
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return int(np.argmin(np.where(inside, areas, np.inf)))
