"""Where the labels of boxes go: readable, inside the pane, and not over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TINY = 14.0  # a box thinner than this on screen has no label unless it is marked
SMALL = 40.0  # wider labels than the box are accepted up to here
OVERHANG = 1.3  # or up to so many times the width of the box


@dataclass(frozen=True)
class Tag:
    """One label: which box, whether shortened to the class name, and its place on screen."""

    index: int
    short: bool
    left: float
    top: float
    width: float


def place_tags(
    boxes: NDArray[np.float64],
    full_widths: Sequence[float],
    short_widths: Sequence[float],
    order: Sequence[int],
    pane: tuple[float, float],
    height: float,
    marked: Sequence[int] = (),
) -> list[Tag]:
    """Labels for screen boxes ``[N,4]``, those of `marked` boxes first, then in `order`.

    A label that finds no free place is shortened, then left out; that of a marked box may be
    wider than the box. None is cut by the edge of the pane.
    """
    placed: list[Tag] = []
    taken = _Taken(height)
    corners = boxes.tolist()
    for index in (*marked, *(index for index in order if index not in marked)):
        x1, y1, x2, y2 = corners[index]
        if x2 < 0 or y2 < 0 or x1 > pane[0] or y1 > pane[1]:
            continue
        if index in marked:
            allowed = pane[0]
        elif min(x2 - x1, y2 - y1) < TINY:
            continue
        else:
            allowed = min(max((x2 - x1) * OVERHANG, SMALL), pane[0])
        for short, width in ((False, full_widths[index]), (True, short_widths[index])):
            if width > allowed:
                continue
            left = min(max(x1 - 1.0, 0.0), pane[0] - width)
            # Above the box; else within it, where its visible part begins; else below.
            top = taken.first_free((y1 - height, max(y1, 0.0), y2), left, width, pane[1])
            if top is not None:
                placed.append(Tag(index, short, left, top, width))
                break
    return placed


class _Taken:
    """Places that are taken, by rows as high as a label: only neighbours can overlap."""

    def __init__(self, height: float) -> None:
        self._height = height
        self._rows: dict[int, list[tuple[float, float, float]]] = {}

    def first_free(
        self, tops: Sequence[float], left: float, width: float, bottom: float
    ) -> float | None:
        """The first of these heights where a label finds room, which it then takes."""
        for top in tops:
            if 0 <= top <= bottom - self._height and self._is_free(left, top, width):
                row = int(top // self._height)
                self._rows.setdefault(row, []).append((left, left + width, top))
                return top
        return None

    def _is_free(self, left: float, top: float, width: float) -> bool:
        right, height = left + width, self._height
        row = int(top // height)
        for near in (row - 1, row, row + 1):
            for other_left, other_right, other_top in self._rows.get(near, ()):
                if other_left < right and left < other_right and abs(other_top - top) < height:
                    return False
        return True
