"""The visible part of an image at the size of a pane, drawn once for all panes."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.viewer.scene.geometry import Size, View

_KEPT = 2  # panes whose widths differ by a pixel do not share
_PIXELS_SHOWN_FROM = 3.0  # screen pixels an image pixel must take to be drawn as a square


class PhotoRenderer:
    """Draws from the copy whose size is nearest above what the screen shows.

    So the cost depends on the pane's size, not on the image's; and a repaint for boxes or the
    mouse, where the view is the same, costs a copy.
    """

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[object, ...], QImage] = OrderedDict()

    def render(
        self,
        levels: Sequence[QImage],
        image: Size,
        view: View,
        pane: Size,
        ratio: float,
        background: QColor,
    ) -> QImage:
        """The pane's content, `ratio` device pixels for each logical one.

        `levels` are copies of the image in falling size, `image` the size in which `view` and
        boxes are given; `background` surrounds the image.
        """
        key = (levels[0].cacheKey(), image, view, pane, ratio, background.rgb())
        drawn = self._drawn.get(key)
        if drawn is None:
            drawn = _draw(levels, image, view, pane, ratio, background)
            self._drawn[key] = drawn
            if len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        else:
            self._drawn.move_to_end(key)
        return drawn


def _draw(
    levels: Sequence[QImage],
    image: Size,
    view: View,
    pane: Size,
    ratio: float,
    background: QColor,
) -> QImage:
    width, height = math.ceil(pane[0] * ratio), math.ceil(pane[1] * ratio)
    result = QImage(max(1, width), max(1, height), QImage.Format.Format_RGB32)
    result.fill(background)
    level = _level_for(levels, image, view.scale * ratio)
    step_x, step_y = image[0] / level.width(), image[1] / level.height()
    left, top = view.to_image((0, 0), pane)
    right, bottom = view.to_image(pane, pane)
    # Whole pixels around what is visible, one more on each side for the interpolation.
    first_x, first_y = max(0, int(left / step_x) - 1), max(0, int(top / step_y) - 1)
    last_x = min(level.width(), math.ceil(right / step_x) + 1)
    last_y = min(level.height(), math.ceil(bottom / step_y) + 1)
    if last_x > first_x and last_y > first_y:
        x1, y1 = view.to_screen((first_x * step_x, first_y * step_y), pane)
        x2, y2 = view.to_screen((last_x * step_x, last_y * step_y), pane)
        painter = QPainter(result)
        smooth = view.scale * ratio * step_x < _PIXELS_SHOWN_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(
            QRectF(x1 * ratio, y1 * ratio, (x2 - x1) * ratio, (y2 - y1) * ratio),
            level,
            QRectF(first_x, first_y, last_x - first_x, last_y - first_y),
        )
        painter.end()
    result.setDevicePixelRatio(ratio)
    return result


def _level_for(levels: Sequence[QImage], image: Size, device_scale: float) -> QImage:
    """The smallest copy that has at least the pixels that the screen shows."""
    chosen = levels[0]
    for level in levels[1:]:
        if level.width() < image[0] * device_scale:
            break
        chosen = level
    return chosen
