"""EXIF orientation, of images and of what is drawn on them.

The numbers are those of EXIF and TIFF: what must be done to the stored pixels to see them upright.
1 nothing, 2 mirrored left-right, 3 half a turn, 4 mirrored top-bottom, 5 transposed, 6 a quarter
turn clockwise, 7 transposed over the other diagonal, 8 a quarter turn anticlockwise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ORIENTATIONS = range(1, 9)
SWAPPING = frozenset({5, 6, 7, 8})  # width and height change places

# Transposed first; then mirrored left-right and top-bottom.
_STEPS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


def turned_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height after turning."""
    return (height, width) if orientation in SWAPPING else (width, height)


def turn_pixels(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Pixels ``[height, width, ...]`` as stored, upright; contiguous."""
    transposed, left_right, top_bottom = _STEPS[orientation]
    if transposed:
        pixels = pixels.swapaxes(0, 1)
    if left_right:
        pixels = pixels[:, ::-1]
    if top_bottom:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def turn_boxes(
    boxes: NDArray[np.float32], width: int, height: int, orientation: int
) -> NDArray[np.float32]:
    """Boxes ``[N,4]`` xyxy from pixels of the stored image to those of the upright one.

    `width` and `height` are those of the stored image.
    """
    transposed, left_right, top_bottom = _STEPS[orientation]
    width, height = turned_size(width, height, orientation)
    if transposed:
        boxes = boxes[:, [1, 0, 3, 2]]
    if left_right:
        boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
    if top_bottom:
        boxes = np.stack([boxes[:, 0], height - boxes[:, 3], boxes[:, 2], height - boxes[:, 1]], 1)
    return np.ascontiguousarray(boxes, np.float32)
