"""The panes' images in full, beside each other, at their own resolution: to be saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from app.viewer.panes.painting import LabelledOverlay, paint_overlay
from app.viewer.panes.titles import plain_title_of
from app.viewer.scene.choices import Choices
from app.viewer.scene.geometry import View
from app.viewer.scene.scene import Side, ViewedImage
from app.workers.decoding import LoadedImage, Pixels

MAX_PIXELS = 64_000_000  # of all images together; more makes files that few programs open
_LONGEST = 1000.0  # logical pixels of an image: lines and letters are sized for that
_HEAD = 26.0  # logical pixels of the titles' line
_GAP = 10.0
_UNSAFE = '<>:"/\\|?*'


@dataclass(frozen=True, eq=False)
class WholeImage:
    """What is to be drawn; `draw` may run in any thread.

    `sides` stand from left to right.
    """

    image: ViewedImage
    photo: LoadedImage
    sides: tuple[Side, ...]
    choices: Choices
    font: QFont

    @property
    def scale(self) -> float:
        """Pixels drawn for each pixel of the image: 1, or less where it would be too large."""
        return float(self._level.shape[1] / max(1, self.image.width))

    @property
    def _level(self) -> Pixels:
        limit = MAX_PIXELS / len(self.sides)
        fits = (level for level in self.photo.pixels if level.shape[0] * level.shape[1] <= limit)
        return next(fits, self.photo.pixels[-1])

    def draw(self) -> NDArray[np.uint8]:
        """Uint8 BGR ``[height, width, 3]``: titles, below them images with their boxes."""
        level = self._level
        height, width = level.shape[:2]
        ratio = max(1.0, max(width, height) / _LONGEST)
        head, gap = round(_HEAD * ratio), round(_GAP * ratio)
        count = len(self.sides)
        canvas = np.full((head + height, count * width + (count - 1) * gap, 3), 255, np.uint8)
        for place in range(count):
            left = place * (width + gap)
            canvas[head:, left : left + width] = level
        target = QImage(
            canvas.data,
            canvas.shape[1],
            canvas.shape[0],
            canvas.strides[0],
            QImage.Format.Format_BGR888,
        )
        target.setDevicePixelRatio(ratio)
        painter = QPainter(target)
        for place, side in enumerate(self.sides):
            painter.save()
            painter.translate(place * (width + gap) / ratio, 0)
            self._draw_side(painter, side, (width / ratio, height / ratio), head / ratio, ratio)
            painter.restore()
        painter.end()
        return canvas

    def _draw_side(
        self, painter: QPainter, side: Side, pane: tuple[float, float], head: float, ratio: float
    ) -> None:
        overlay = self.image.overlay(side)
        bold = QFont(self.font)
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(0, 0, 0))
        line = QRectF(2, 0, pane[0] - 4, head)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), plain_title_of(side, self.image))
        painter.translate(0, head)
        painter.setClipRect(QRectF(0, 0, *pane))
        view = View(
            pane[0] / max(1, self.image.width), (self.image.width / 2, self.image.height / 2)
        )
        labels = LabelledOverlay.measured(overlay, self.font, self.choices.colouring)
        shown = self.choices.shown(overlay)
        paint_overlay(painter, labels, view, pane, ratio, shown=shown)


def file_name(image: ViewedImage, sides: Sequence[Side]) -> str:
    """A name for a saved image: the image's, and what is seen of it."""
    stem = PurePath(image.name).stem.encode("utf-8", "replace").decode()
    safe = "".join("_" if sign in _UNSAFE or not sign.isprintable() else sign for sign in stem)
    words = {Side.PARENT: "parent", Side.OPTIMIZED: "optimized", Side.TRUTH: "truth"}
    return f"{safe.strip(' .') or 'image'} {' '.join(words[side] for side in sides)}.png"
