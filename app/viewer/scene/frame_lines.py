"""The lines around boxes, as filled strips of device pixels.

Strokes with a dashed pen cost 25 microseconds a box and more; strips, with the dashes in a
texture, a tenth. They are sharp and equally wide at every zoom and on every screen.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from app.viewer.scene.colours import CASING, CASING_WIDTH, LineStyle
from app.viewer.scene.geometry import Size

_OUTSIDE = 64  # lines are cut this far outside the pane, so that any zoom fits Qt's integers
_WASH_ALPHA = 50

Pixels = NDArray[np.float64]


class FrameLines:
    """Paints lines in device pixels while it is entered: ``with FrameLines(...) as lines``.

    `anchor` is where the image's corner lies: dashes are counted from there, so that they
    move with the image rather than along the lines.
    """

    def __init__(
        self, painter: QPainter, pane: Size, ratio: float, anchor: tuple[int, int]
    ) -> None:
        self._painter = painter
        self._pane = pane
        self._ratio = ratio
        self._anchor = anchor

    def __enter__(self) -> FrameLines:
        self._painter.save()
        self._painter.scale(1 / self._ratio, 1 / self._ratio)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrushOrigin(*self._anchor)
        return self

    def __exit__(self, *_: object) -> None:
        self._painter.restore()

    def paint(self, boxes: Pixels, style: LineStyle, width: float, *, wash: bool = False) -> None:
        """Frame boxes, x1 y1 x2 y2 in whole device pixels ``[N,4]``, over a dark casing."""
        if not len(boxes):
            return
        line = max(1, round(width * self._ratio))
        casing = max(1, round(CASING_WIDTH * self._ratio))
        limits = np.array(self._pane * 2) * self._ratio + _OUTSIDE
        cut = np.minimum(np.maximum(boxes, -_OUTSIDE), limits).astype(np.int64)
        if wash:
            colour = QColor(style.colour)
            colour.setAlpha(_WASH_ALPHA)
            self._fill(np.hstack([cut[:, :2], cut[:, 2:] - cut[:, :2]]), QBrush(colour))
        outer = _strips(cut, line // 2 + casing, line + 2 * casing)
        self._fill(np.vstack(outer), QBrush(CASING))
        across, down = _strips(cut, line // 2, line)
        self._fill(across, _brush(style, self._ratio, False))
        self._fill(down, _brush(style, self._ratio, True))

    def _fill(self, rectangles: NDArray[np.int64], brush: QBrush) -> None:
        self._painter.setBrush(brush)
        self._painter.drawRects([QRect(*rectangle) for rectangle in rectangles.tolist()])


def _strips(
    boxes: NDArray[np.int64], before: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The horizontal and the vertical lines of frames, as x y width height ``[2N,4]``.

    Lines begin `before` pixels before the box's edge. The corners belong to the horizontal ones
    alone, so that a translucent colour is as dark there.
    """
    x1, y1, x2, y2 = (boxes[:, side] - before for side in range(4))
    lengths, heights = x2 - x1 + width, np.maximum(y2 - y1 - width, 0)
    thick = np.full(len(boxes), width)
    across = [np.stack([x1, y, lengths, thick], axis=1) for y in (y1, y2)]
    down = [np.stack([x, y1 + width, thick, heights], axis=1) for x in (x1, x2)]
    return np.vstack(across), np.vstack(down)


def _brush(style: LineStyle, ratio: float, vertical: bool) -> QBrush:
    if not style.dashes:
        return QBrush(style.colour)
    on, off = (max(1, round(length * ratio)) for length in style.dashes)
    return QBrush(_dashes(style.colour.rgba(), on, off, vertical))


@lru_cache(maxsize=64)
def _dashes(rgba: int, on: int, off: int, vertical: bool) -> QImage:
    """One dash and one gap; the gap lets the casing be seen."""
    length = on + off
    size = (8, length) if vertical else (length, 8)
    image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    for x in range(size[0]):
        for y in range(size[1]):
            if (y if vertical else x) < on:
                image.setPixelColor(x, y, QColor.fromRgba(rgba))
    return image
