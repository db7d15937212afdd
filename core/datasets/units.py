"""In which unit boxes are: what a format says, and what its numbers can only be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

PIXELS, SHARES, PERCENT = "pixels", "shares", "percent"
AS_SHARES = "boxes_as_shares"
AS_PIXELS = "boxes_as_pixels"
AS_PERCENT = "boxes_as_percent"
AS_CORNERS = "boxes_as_corners"
TINY = "tiny_boxes"
_ROUNDED = 1.001
_BEYOND = 2.0  # a share of the image that no box reaches
_SEVERAL = 5  # boxes
_MOST = 0.9  # of boxes
_SQUARE = 0.95  # sides of such a ratio and above are taken for equal
_BORDER = 0.97  # of the side, which some boxes reach that are cut off by it
_OUTSIDE = 0.3  # of boxes
_LARGE = 200  # pixels: more than any per cent

Stated = Sequence[tuple[NDArray[np.float64], tuple[int, int]]]


def stated_unit(stated: Stated, usual: str) -> str:
    """The unit of boxes that a format has in `usual`, ``pixels`` or ``shares``.

    `stated` are boxes ``[N,4]`` of each image, as they stand in the file, and its size. Pixels
    are shares where no number at all is above 1 and they prove to be shares of their own images;
    shares are something else where most are above 2, and fit the images as that.
    """
    stated = [(boxes[np.isfinite(boxes).all(axis=1)], size) for boxes, size in stated]
    stated = [(boxes, size) for boxes, size in stated if len(boxes)]
    if not stated:
        return usual
    boxes = np.concatenate([boxes for boxes, _ in stated])
    reach = np.abs(boxes).max(axis=1)
    if usual == PIXELS:
        small = reach.max() <= _ROUNDED and bool((boxes != np.round(boxes)).any())
        return SHARES if small and _of_own_sizes(stated) else PIXELS
    if (reach > _BEYOND).mean() <= 0.5:
        return SHARES
    smallest = min(min(size) for _, size in stated)
    if reach.max() <= 100 * _ROUNDED and smallest >= _LARGE and len(boxes) >= _SEVERAL:
        return PERCENT
    inside = np.concatenate(
        [(boxes <= np.array(size * 2) + 2).all(axis=1) for boxes, size in stated]
    )
    return PIXELS if inside.mean() >= _MOST else SHARES


def _of_own_sizes(stated: Stated) -> bool:
    """Whether shares are of the width and height of each image, and not of one size for all.

    Such as 640, the side that the images were to be scaled to. Then no box reaches further along
    the shorter side than that is long.
    """
    for boxes, size in stated:
        short = int(size[1] < size[0])  # 0: x, 1: y
        ratio = min(size) / max(size)
        reach = boxes[:, short + 2].max() if ratio < _SQUARE else boxes[:, 2:].max()
        if reach > (ratio * 1.02 if ratio < _SQUARE else _BORDER):
            return True
    return False


def surely_pixels(boxes: NDArray[np.float64]) -> bool:
    """Whether boxes ``[N,4]`` that are stated in pixels are, whatever the others say."""
    finite = boxes[np.isfinite(boxes).all(axis=1)]
    return bool(len(finite) and np.abs(finite).max() > _ROUNDED)


def count_tiny(boxes: NDArray[np.float64]) -> int:
    """Boxes in pixels that lie within the first one, and not by whole numbers."""
    within = (np.abs(boxes) <= _ROUNDED).all(axis=1) & (boxes != np.round(boxes)).any(axis=1)
    return int(np.count_nonzero(within))


def are_corners(images: Iterable[tuple[ArrayLike, tuple[int, int]]]) -> bool:
    """Whether boxes x1 y1 x2 y2, made of left, top, width and height, were corners already.

    `images` are the boxes of each image, and its width and height.

    Made from corners, many would reach out of their image, and each would be wider than it
    reaches from the left.
    """
    outside = total = 0
    for given, size in images:
        boxes = np.asarray(given, np.float64).reshape(-1, 4)
        if not len(boxes) or min(size) <= 0:
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            corners = boxes[:, 2:] - boxes[:, :2]
        if not ((corners > boxes[:, :2]) & (corners <= np.array(size) + 1)).all():
            return False
        outside += int((boxes[:, 2:] > np.array(size) + 1).any(axis=1).sum())
        total += len(boxes)
    return total >= _SEVERAL and outside > _OUTSIDE * total
