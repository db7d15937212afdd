"""A plot that follows the palette, and lets the page scroll."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QCursor, QFont, QPalette, QWheelEvent
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from app.kit.text import as_markup, displayable, tooltip

# Okabe and Ito 2008: told apart with any colour vision; symbols and words say it as well.
COLOURS = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#9A8F00")

ORANGE, BLUE, GREEN, PURPLE = COLOURS[:4]
HOVERED = 18  # pixels of a point under the mouse


def colours_of(names: Sequence[str]) -> dict[str, QColor]:
    """A colour for each name, in their order."""
    unique = dict.fromkeys(names)
    return {name: QColor(COLOURS[place % len(COLOURS)]) for place, name in enumerate(unique)}


class _Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot that leaves the wheel to the page that it stands on, and takes no focus from Tab."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Legend(pg.LegendItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Names of curves may be anyone's; pyqtgraph takes them for HTML."""

    def addItem(self, item: Any, name: str) -> None:
        super().addItem(item, as_markup(name))


class Chart(QWidget):
    """Base of the page's charts; `draw` is called with a clean plot."""

    def __init__(self) -> None:
        super().__init__()
        self.plot: Any = _Plot()
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        half = (self.fontMetrics().height() + 1) // 2  # of the label at the topmost tick
        self.plot.getPlotItem().layout.setContentsMargins(1, half, 1, 1)
        self._legend: Any = None
        self.setMinimumHeight(150)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(self.plot, 1)

    @property
    def ink(self) -> QColor:
        """The colour of text."""
        return self.palette().color(QPalette.ColorRole.WindowText)

    def colour(self, role: QPalette.ColorRole) -> QColor:
        """A colour of the palette."""
        return self.palette().color(role)

    def redraw(self) -> None:
        """Draw anew, in the colours of now."""
        palette = self.palette()
        self.plot.setBackground(palette.color(QPalette.ColorRole.Base))
        self.plot.clear()
        if self._legend is not None:
            ground = palette.color(QPalette.ColorRole.Base)
            ground.setAlpha(220)  # a curve may run below
            self._legend.clear()
            self._legend.setBrush(ground)
            self._legend.setLabelTextColor(self.ink)
        for name in ("bottom", "left"):
            axis = self.plot.getAxis(name)
            axis.setPen(palette.color(QPalette.ColorRole.Mid))
            axis.setTextPen(self.ink)
            axis.setTickFont(self.font())
        self.draw()

    def name_axes(self, bottom: str, left: str) -> None:
        """Write what the axes show beside them."""
        for side, text in (("bottom", bottom), ("left", left)):
            self.plot.getAxis(side).setLabel(as_markup(text), color=self.ink.name())

    def name_bars(self, places: Sequence[float], names: Sequence[str]) -> None:
        """Write a name of one or more lines below each bar."""
        bottom = self.plot.getAxis("bottom")
        bottom.setTicks([list(zip(places, names, strict=True))])
        bottom.setStyle(tickLength=0)
        bottom.setHeight((1.3 * (names[0].count("\n") + 1) + 0.2) * self.fontMetrics().height())

    def place_legend(self, right: int, down: int) -> None:
        """Have a legend of the named curves, so far from the edges; negative: from the others."""
        if self._legend is None:
            self._legend = _Legend(offset=(right, down))
            self._legend.setParentItem(self.plot.getPlotItem().vb)
            self.plot.getPlotItem().legend = self._legend
        self._legend.setOffset((right, down))

    def add_points(
        self,
        spots: Sequence[dict[str, Any]],
        describe: Callable[[Any], str],
        clicked: Callable[[Any], object],
    ) -> Any:
        """Points, each with its `data`: hover tells it at once, and a click gives it away."""
        points = pg.ScatterPlotItem(hoverable=True, tip=None, hoverSize=HOVERED)
        points.addPoints(list(spots))

        def on_hovered(item: Any, found: Any, event: Any) -> None:
            if len(found):
                QToolTip.showText(QCursor.pos(), tooltip(describe(found[0].data())), self.plot)
            else:
                QToolTip.hideText()

        def on_clicked(item: Any, found: Any, event: Any) -> None:
            if len(found):
                clicked(found[0].data())

        points.sigHovered.connect(on_hovered)
        points.sigClicked.connect(on_clicked)
        self.plot.addItem(points)
        return points

    def write(
        self, text: str, x: float, y: float, anchor: tuple[float, float], *, bold: bool = False
    ) -> None:
        """Write words at a point; `anchor` is the place in the words that lies on it."""
        item = pg.TextItem(displayable(text), color=self.ink, anchor=anchor)
        font = QFont(self.font())
        font.setBold(bold)
        item.setFont(font)
        item.setPos(x, y)
        self.plot.addItem(item)

    def draw(self) -> None:
        """Add the items."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "plot"):
            self.redraw()
