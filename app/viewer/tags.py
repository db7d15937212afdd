"""Where the labels of boxes go: readable, inside the pane, and not over each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TINY = 14.0  # a box thinner than this on screen has no label unless it is hovered over
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
    hovered: int = -1,
) -> list[Tag]:
    """Labels for screen boxes ``[N,4]``, the first of `order` first.

    A label that finds no free place is shortened, then left out; the hovered box always has its
    full label. None is cut by the edge of the pane.
    """
    placed: list[Tag] = []
    taken = np.zeros((len(boxes) + 1, 2))
    widths = np.zeros(len(boxes) + 1)
    rest = [index for index in order if index != hovered]
    for index in ([hovered] if 0 <= hovered < len(boxes) else []) + rest:
        box = boxes[index]
        if not _visible(box, pane):
            continue
        count = len(placed)
        for short, width, left, top in _candidates(
            box, full_widths[index], short_widths[index], pane, height, index == hovered
        ):
            others = taken[:count]
            overlaps = (
                (others[:, 0] < left + width)
                & (left < others[:, 0] + widths[:count])
                & (others[:, 1] < top + height)
                & (top < others[:, 1] + height)
            )
            if not overlaps.any():
                taken[count] = left, top
                widths[count] = width
                placed.append(Tag(index, short, left, top, width))
                break
    return placed


def _visible(box: NDArray[np.float64], pane: tuple[float, float]) -> bool:
    return bool(box[2] >= 0 and box[3] >= 0 and box[0] <= pane[0] and box[1] <= pane[1])


def _candidates(
    box: NDArray[np.float64],
    full: float,
    short: float,
    pane: tuple[float, float],
    height: float,
    hovered: bool,
) -> Iterator[tuple[bool, float, float, float]]:
    x1, y1, x2, y2 = (float(side) for side in box)
    if hovered:
        allowed = pane[0]
    elif min(x2 - x1, y2 - y1) < TINY:
        return
    else:
        allowed = max((x2 - x1) * OVERHANG, SMALL)
    for shortened, width in ((False, full), (True, short)):
        if width > min(allowed, pane[0]):
            continue
        # Above the box; else within it, as far down as its visible part begins; else below.
        for top in (y1 - height, max(y1, 0.0), y2):
            if 0 <= top <= pane[1] - height:
                left = min(max(x1 - 1.0, 0.0), pane[0] - width)
                yield shortened, width, left, top
