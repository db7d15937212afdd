"""The boxes and labels of one pane, painted in one go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.text import displayable
from app.viewer.colours import HOVERED_WIDTH, LINE_WIDTH, STYLES
from app.viewer.frame_lines import FrameLines
from app.viewer.geometry import Point, Size, View
from app.viewer.hit_test import NOTHING
from app.viewer.scene import BoxStatus, Overlay
from app.viewer.tags import Tag, place_tags

_PADDING = 4.0


@dataclass(frozen=True, eq=False)
class LabelledOverlay:
    """An overlay with what its labels measure in a font, so that painting need not ask again."""

    overlay: Overlay
    font: QFont
    texts: tuple[str, ...]
    short_texts: tuple[str, ...]
    widths: tuple[float, ...]
    short_widths: tuple[float, ...]
    height: float
    order: tuple[int, ...]  # of placing labels: differences before matches

    @staticmethod
    def measured(overlay: Overlay, font: QFont) -> LabelledOverlay:
        """Measure the labels of `overlay` in this font."""
        metrics = QFontMetricsF(font)
        texts = tuple(displayable(label) for label in overlay.labels)
        short = tuple(text.rpartition(" ")[0] or text for text in texts)
        matched = overlay.statuses == BoxStatus.MATCHED
        return LabelledOverlay(
            overlay,
            font,
            texts,
            short,
            tuple(metrics.horizontalAdvance(text) + 2 * _PADDING for text in texts),
            tuple(metrics.horizontalAdvance(text) + 2 * _PADDING for text in short),
            float(np.ceil(metrics.height())) + 1,
            tuple(int(i) for i in np.argsort(matched, kind="stable")),
        )


def paint_overlay(
    painter: QPainter,
    labelled: LabelledOverlay,
    view: View,
    pane: Size,
    ratio: float,
    hovered: int = NOTHING,
) -> None:
    """Paint boxes, then labels, in logical pixels of a pane of this size."""
    overlay = labelled.overlay
    pixels = np.round(view.boxes_to_screen(overlay.boxes, pane) * ratio)
    boxes = pixels / ratio
    visible = (
        (boxes[:, 2] >= 0)
        & (boxes[:, 3] >= 0)
        & (boxes[:, 0] <= pane[0])
        & (boxes[:, 1] <= pane[1])
    )
    is_hovered = np.arange(len(overlay)) == hovered
    anchor = np.round(np.array(view.to_screen((0, 0), pane)) * ratio)
    with FrameLines(painter, pane, ratio, (int(anchor[0]), int(anchor[1]))) as lines:
        for status, style in STYLES.items():  # differences last, over the matches
            chosen = visible & ~is_hovered & (overlay.statuses == status)
            lines.paint(pixels[chosen], style, LINE_WIDTH)
        if is_hovered.any():
            style = STYLES[BoxStatus(int(overlay.statuses[hovered]))]
            lines.paint(pixels[is_hovered], style, HOVERED_WIDTH, wash=True)
    tags = place_tags(
        boxes,
        labelled.widths,
        labelled.short_widths,
        labelled.order,
        pane,
        labelled.height,
        hovered,
    )
    painter.setFont(labelled.font)
    for tag in reversed(tags):  # the hovered one, which comes first, ends on top
        _paint_tag(painter, labelled, tag)


def _paint_tag(painter: QPainter, labelled: LabelledOverlay, tag: Tag) -> None:
    style = STYLES[BoxStatus(int(labelled.overlay.statuses[tag.index]))]
    rectangle = QRectF(tag.left, tag.top, tag.width, labelled.height)
    painter.fillRect(rectangle, style.tag)
    painter.setPen(style.tag_text)
    texts = labelled.short_texts if tag.short else labelled.texts
    painter.drawText(rectangle, Qt.AlignmentFlag.AlignCenter, texts[tag.index])


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
    """A sentence along the bottom of the pane, over the picture."""
    metrics = QFontMetricsF(painter.font())
    flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    needed = metrics.boundingRect(QRectF(0, 0, pane[0] - 16, pane[1]), flags, text).height() + 12
    area = QRectF(0, pane[1] - needed, pane[0], needed)
    painter.fillRect(area, background)
    painter.setPen(colour)
    painter.drawText(area.adjusted(8, 0, -8, 0), flags, text)
