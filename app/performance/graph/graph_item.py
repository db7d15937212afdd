"""The executed graph as one item: thousands of boxes are painted from arrays, not as objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPalette, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.performance.graph.colours import text_on

BOX_WIDTH, BOX_HEIGHT = 190.0, 80.0
UNIT = 190.0  # pixels of what places are given in
_TEXT_FROM, _BOXES_FROM = 0.42, 0.14  # zoom from which on text, and rounded boxes, are drawn
_MARGIN = 60.0
_ROUND, _SIDE = 7.0, 10.0
TITLE_WIDTH = BOX_WIDTH - 2 * _SIDE

Points = tuple[tuple[float, float], ...]


def title_font(usual: QFont) -> QFont:
    """Of a box's first line, the type: "Depthwise convolution" has room."""
    made = QFont(usual)
    made.setPixelSize(13)
    made.setBold(True)
    return made


class GraphItem(QGraphicsItem):
    """Boxes and lines; what is too small to be read is not drawn, nor made before it is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._corners: NDArray[np.float64] = np.zeros((0, 2))
        self._edges: Sequence[tuple[int, int, Points]] = ()
        self._edge_ranges: NDArray[np.float64] = np.zeros((0, 2))  # top and bottom
        self._paths: dict[int, QPainterPath] = {}
        self._lines: list[QLineF] = []  # all edges, straight, for the view from afar
        self._colours: tuple[QColor, ...] = ()
        self._by_colour: dict[str, list[QRectF]] = {}
        self._describe: Callable[[int], tuple[str, ...]] = lambda place: ()
        self._bounds = QRectF()
        self._palette = QPalette()
        self.selected: int | None = None
        self.marked: frozenset[int] = frozenset()

    def set_graph(
        self,
        x: Sequence[float],
        y: Sequence[float],
        edges: Sequence[tuple[int, int, Points]],
    ) -> None:
        """Take the places of another graph (units as in GraphPlaces); `set_boxes` follows."""
        self.prepareGeometryChange()
        centres = UNIT * np.column_stack([x, y]) if len(x) else np.zeros((0, 2))
        self._corners = centres - (BOX_WIDTH / 2, BOX_HEIGHT / 2)
        self._edges, self._paths, self._lines = edges, {}, []
        self._colours, self._by_colour = (), {}
        ends = np.array([(one, other) for one, other, _ in edges], np.int64).reshape(-1, 2)
        self._edge_ranges = centres[:, 1][ends]
        self._bounds = QRectF()
        if len(centres):
            led = [UNIT * point[0] for _, _, via in edges for point in via]
            left = min(self._corners[:, 0].min(), *led, np.inf)
            right = max(self._corners[:, 0].max() + BOX_WIDTH, *led, -np.inf)
            top, bottom = self._corners[:, 1].min(), self._corners[:, 1].max() + BOX_HEIGHT
            self._bounds = QRectF(left, top, right - left, bottom - top)
            self._bounds.adjust(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        self.selected, self.marked = None, frozenset()

    def set_boxes(
        self, colours: Sequence[QColor], describe: Callable[[int], tuple[str, ...]]
    ) -> None:
        """Colours of all layers, and what gives the title and the lines below it of one."""
        self._colours, self._by_colour = tuple(colours), {}
        self._describe = describe
        self.update()

    def set_palette(self, palette: QPalette) -> None:
        """Colours of lines and of the selection."""
        self._palette = palette
        self.update()

    def rect(self, place: int) -> QRectF:
        """Where a layer's box is."""
        left, top = self._corners[place].tolist()
        return QRectF(left, top, BOX_WIDTH, BOX_HEIGHT)

    def hit(self, point: QPointF) -> int | None:
        """The layer whose box is at this point."""
        inside = (
            (self._corners[:, 0] <= point.x())
            & (point.x() <= self._corners[:, 0] + BOX_WIDTH)
            & (self._corners[:, 1] <= point.y())
            & (point.y() <= self._corners[:, 1] + BOX_HEIGHT)
        )
        found = np.flatnonzero(inside)
        return int(found[-1]) if len(found) else None

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        exposed = QRectF(option.exposedRect)
        line = self._palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if zoom < _BOXES_FROM:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(line, 0))
            painter.drawLines(self._all_lines())
            painter.setPen(Qt.PenStyle.NoPen)
            for colour, rects in self._all_boxes().items():
                painter.setBrush(QColor(colour))
                painter.drawRects(rects)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(line, 1.4))
            for number in self._edges_in(exposed):
                painter.drawPath(self._path(number))
            self._paint_boxes(painter, self._boxes_in(exposed), zoom >= _TEXT_FROM)
        self._paint_selection(painter, zoom)

    def _paint_boxes(self, painter: QPainter, places: list[int], with_text: bool) -> None:
        outline = QPen(self._palette.color(QPalette.ColorRole.Dark), 1)
        plain = QFont(painter.font())
        plain.setPixelSize(12)
        bold = title_font(plain)
        for place in places:
            colour, rect = self._colours[place], self.rect(place)
            painter.setPen(outline)
            painter.setBrush(colour)
            painter.drawRoundedRect(rect, _ROUND, _ROUND)
            if not with_text:
                continue
            inner = QRectF(rect.x() + _SIDE, rect.y() + 6, TITLE_WIDTH, BOX_HEIGHT - 12)
            painter.setPen(text_on(colour))
            for font, line in zip((bold, plain, plain, plain), self._describe(place), strict=False):
                metrics = QFontMetricsF(font)
                painter.setFont(font)
                text = metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, inner.width())
                painter.drawText(inner, Qt.AlignmentFlag.AlignTop, text)
                inner.adjust(0, metrics.height() + 2, 0, 0)

    def _paint_selection(self, painter: QPainter, zoom: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour = self._palette.color(QPalette.ColorRole.Highlight)
        for place in self.marked:
            painter.setPen(QPen(colour, 2.5 / zoom))
            painter.drawRect(self.rect(place))
        if self.selected is not None and self.selected < len(self._corners):
            painter.setPen(QPen(colour, 5 / max(zoom, 0.2)))
            grown = self.rect(self.selected).adjusted(-4, -4, 4, 4)
            painter.drawRoundedRect(grown, _ROUND + 4, _ROUND + 4)

    def _boxes_in(self, exposed: QRectF) -> list[int]:
        left, top = self._corners[:, 0], self._corners[:, 1]
        inside = (left + BOX_WIDTH >= exposed.left()) & (left <= exposed.right())
        inside &= (top + BOX_HEIGHT >= exposed.top()) & (top <= exposed.bottom())
        places: list[int] = np.flatnonzero(inside)[: len(self._colours)].tolist()
        return places

    def _edges_in(self, exposed: QRectF) -> list[int]:
        top, bottom = self._edge_ranges[:, 0], self._edge_ranges[:, 1]
        shown = (bottom >= exposed.top()) & (top <= exposed.bottom())
        numbers: list[int] = np.flatnonzero(shown).tolist()
        return numbers

    def _points(self, number: int) -> list[QPointF]:
        """From the bottom of one box to the top of another."""
        one, other, via = self._edges[number]
        (x, y), (end_x, end_y) = self._corners[one].tolist(), self._corners[other].tolist()
        return [
            QPointF(x + BOX_WIDTH / 2, y + BOX_HEIGHT),
            *(QPointF(UNIT * left, UNIT * top) for left, top in via),
            QPointF(end_x + BOX_WIDTH / 2, end_y),
        ]

    def _path(self, number: int) -> QPainterPath:
        """An edge, upright at each of its points."""
        if number in self._paths:
            return self._paths[number]
        points = self._points(number)
        self._paths[number] = path = QPainterPath(points[0])
        for before, after in pairwise(points):
            half = (after.y() - before.y()) / 2
            if abs(after.x() - before.x()) < 0.5:
                path.lineTo(after)
            else:
                upper = QPointF(before.x(), before.y() + half)
                path.cubicTo(upper, QPointF(after.x(), after.y() - half), after)
        return path

    def _all_lines(self) -> list[QLineF]:
        if not self._lines and self._edges:
            corners = self._corners.tolist()
            half = BOX_WIDTH / 2
            for one, other, via in self._edges:
                x, y = corners[one][0] + half, corners[one][1] + BOX_HEIGHT
                for left, top in via:
                    self._lines.append(QLineF(x, y, UNIT * left, UNIT * top))
                    x, y = UNIT * left, UNIT * top
                end = corners[other]
                self._lines.append(QLineF(x, y, end[0] + half, end[1]))
        return self._lines

    def _all_boxes(self) -> dict[str, list[QRectF]]:
        if not self._by_colour:
            found = defaultdict(list)
            for (left, top), colour in zip(self._corners.tolist(), self._colours, strict=False):
                found[colour.name()].append(QRectF(left, top, BOX_WIDTH, BOX_HEIGHT))
            self._by_colour = found
        return self._by_colour
