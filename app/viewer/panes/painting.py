"""The boxes and labels of one pane, painted in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.kit.text import displayable
from app.viewer.scene.colours import (
    HOVERED_WIDTH,
    LINE_WIDTH,
    Colouring,
    LineStyle,
    class_colours,
    style_of,
)
from app.viewer.scene.frame_lines import FrameLines
from app.viewer.scene.geometry import Point, Size, View
from app.viewer.scene.scene import SAME, BoxStatus, Overlay
from app.viewer.scene.tags import Tag, place_tags

_PADDING = 4.0

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LabelledOverlay:
    """An overlay with what its labels measure in a font, so that painting need not ask again."""

    overlay: Overlay
    font: QFont
    styles: tuple[LineStyle, ...]  # of each box
    groups: tuple[tuple[LineStyle, Mask], ...]  # boxes of one style each, in order of painting
    texts: tuple[str, ...]
    short_texts: tuple[str, ...]
    widths: tuple[float, ...]
    short_widths: tuple[float, ...]
    height: float
    order: tuple[int, ...]  # of placing labels: differences before matches

    @staticmethod
    def measured(
        overlay: Overlay, font: QFont, colouring: Colouring = Colouring.STATUS
    ) -> LabelledOverlay:
        """Measure the labels of `overlay` in this font."""
        metrics = QFontMetricsF(font)
        texts = tuple(displayable(label) for label in overlay.labels)
        short = tuple(text.rpartition(" ")[0] or text for text in texts)
        kinds = list(zip(overlay.statuses.tolist(), overlay.class_ids.tolist(), strict=True))
        colours = class_colours(overlay.classes or overlay.class_ids.tolist())
        style_by_kind = {
            kind: style_of(BoxStatus(kind[0]), kind[1], colouring, colours)
            for kind in sorted(set(kinds))
        }
        groups = [
            (style, np.array([kind == one for one in kinds], bool))
            for kind, style in style_by_kind.items()
        ]
        alike = np.isin(overlay.statuses, SAME)
        return LabelledOverlay(
            overlay,
            font,
            tuple(style_by_kind[kind] for kind in kinds),
            tuple(groups),
            texts,
            short,
            tuple(metrics.horizontalAdvance(text) + 2 * _PADDING for text in texts),
            tuple(metrics.horizontalAdvance(text) + 2 * _PADDING for text in short),
            float(np.ceil(metrics.height())) + 1,
            tuple(int(i) for i in np.argsort(alike, kind="stable")),
        )


def paint_overlay(
    painter: QPainter,
    labelled: LabelledOverlay,
    view: View,
    pane: Size,
    ratio: float,
    *,
    shown: Mask | None = None,
    marked: Sequence[int] = (),
) -> None:
    """Paint boxes, then labels, in logical pixels of a pane of this size.

    Those that are not `shown` are left out. `marked` boxes are painted last and thicker, and
    their labels find a place first.
    """
    pixels = np.round(view.boxes_to_screen(labelled.overlay.boxes, pane) * ratio)
    boxes = pixels / ratio
    visible = _visible(boxes, pane, shown)
    marked = [index for index in marked if visible[index]]
    usual = visible.copy()
    usual[marked] = False
    anchor = np.round(np.array(view.to_screen((0, 0), pane)) * ratio)
    with FrameLines(painter, pane, ratio, (int(anchor[0]), int(anchor[1]))) as lines:
        for style, members in labelled.groups:  # differences last, over the matches
            lines.paint(pixels[usual & members], style, LINE_WIDTH)
        for index in reversed(marked):
            lines.paint(pixels[[index]], labelled.styles[index], HOVERED_WIDTH, wash=True)
    tags = place_tags(
        boxes,
        labelled.widths,
        labelled.short_widths,
        [index for index in labelled.order if usual[index]],
        pane,
        labelled.height,
        marked,
    )
    painter.setFont(labelled.font)
    for tag in reversed(tags):  # those of marked boxes, which come first, end on top
        _paint_tag(painter, labelled, tag)


def _paint_tag(painter: QPainter, labelled: LabelledOverlay, tag: Tag) -> None:
    style = labelled.styles[tag.index]
    rectangle = QRectF(tag.left, tag.top, tag.width, labelled.height)
    painter.fillRect(rectangle, style.tag)
    painter.setPen(style.tag_text)
    texts = labelled.short_texts if tag.short else labelled.texts
    painter.drawText(rectangle, Qt.AlignmentFlag.AlignCenter, texts[tag.index])


def _visible(boxes: NDArray[np.float64], pane: Size, shown: Mask | None) -> Mask:
    """Which of the shown boxes ``[N,4]`` reach into the pane."""
    visible: Mask = (
        (boxes[:, 2] >= 0)
        & (boxes[:, 3] >= 0)
        & (boxes[:, 0] <= pane[0])
        & (boxes[:, 1] <= pane[1])
    )
    return visible if shown is None else visible & shown


def paint_pointer(painter: QPainter, view: View, pane: Size, point: Point) -> None:
    """A small cross where the mouse is in the other pane."""
    x, y = view.to_screen(point, pane)
    lines = [QLineF(x - 8, y, x - 2, y), QLineF(x + 2, y, x + 8, y)]
    lines += [QLineF(x, y - 8, x, y - 2), QLineF(x, y + 2, x, y + 8)]
    for colour, width in ((QColor(0, 0, 0, 200), 3.0), (QColor(255, 255, 255), 1.0)):
        painter.setPen(QPen(colour, width))
        painter.drawLines(lines)


def paint_message(painter: QPainter, pane: Size, text: str, colour: QColor) -> None:
    """A sentence in the middle of the pane."""
    painter.setPen(colour)
    width = min(pane[0] - 32, 420.0)
    area = QRectF((pane[0] - width) / 2, 0, width, pane[1])
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(area, int(flags), text)


def paint_banner(
    painter: QPainter, pane: Size, text: str, background: QColor, colour: QColor
) -> None:
    """A sentence along the bottom of the pane, over the image."""
    metrics = QFontMetricsF(painter.font())
    flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    needed = metrics.boundingRect(QRectF(0, 0, pane[0] - 16, pane[1]), flags, text).height() + 12
    area = QRectF(0, pane[1] - needed, pane[0], needed)
    painter.fillRect(area, background)
    painter.setPen(colour)
    painter.drawText(area.adjusted(8, 0, -8, 0), flags, text)
