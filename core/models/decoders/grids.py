"""Grids of cells that dense heads have one or more boxes in."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.models.decoders.base import Floats


@cache
def grid(width: int, height: int, strides: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Column and row ``[N,2]`` and stride ``[N,1]`` of every cell, level after level, by rows.

    `width` and `height` are those of the input; sides are rounded up.
    """
    cells, sizes = [], []
    for stride in strides:
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)]
        cells.append(np.stack([x, y], axis=-1).reshape(-1, 2))
        sizes.append(np.full((x.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(sizes).astype(np.float32)
