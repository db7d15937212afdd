"""A plot that follows the palette, and lets the page scroll."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QCursor, QFont, QPalette, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from app.kit.text import as_markup, displayable, tooltip

# Okabe and Ito 2008: told apart with any colour vision; symbols and words say it as well.
COLOURS = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#9A8F00")

ORANGE, BLUE, GREEN, PURPLE, SKY, VERMILION = COLOURS[:6]
HOVERED = 18  # pixels of a point under the mouse
_WORDS, _POINTS = 1, 2  # what lies on what; lines are below both


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
    """Base of the page's charts; `draw` is called with a clean plot, once somebody sees it."""

    def __init__(self) -> None:
        super().__init__()
        self._legend: Any = None
        self._stale = False
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._draw_anew)
        self.setMinimumHeight(150)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self._ground = QWidget()  # keeps the plot's room, so that nothing moves when it is made
        self._ground.setBackgroundRole(QPalette.ColorRole.Base)
        self._ground.setAutoFillBackground(True)
        self._place = QVBoxLayout(self._ground)
        self._place.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(self._ground, 1)

    @cached_property
    def plot(self) -> Any:
        """What is drawn into, made for the first drawing: it takes as long as some whole pages."""
        plot = _Plot()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        half = (self.fontMetrics().height() + 1) // 2  # of the label at the topmost tick
        plot.getPlotItem().layout.setContentsMargins(1, half, 1, 1)
        self._place.addWidget(plot)
        return plot

    @property
    def ink(self) -> QColor:
        """The colour of text."""
        return self.palette().color(QPalette.ColorRole.WindowText)

    def colour(self, role: QPalette.ColorRole) -> QColor:
        """A colour of the palette."""
        return self.palette().color(role)

    def redraw(self) -> None:
        """Draw anew at the next turn of the event loop; what nobody sees, once it is shown."""
        self._stale = True
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._later.start()

    def _draw_anew(self) -> None:
        """In the colours of now, unless it was hidden again before."""
        if not self.isVisible():
            return
        self._stale = False
        palette = self.palette()
        self.plot.setBackground(palette.color(QPalette.ColorRole.Base))
        self.plot.clear()
        if self._legend is not None:
            self._legend.clear()
            self._colour_legend()
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
            self._colour_legend()
        self._legend.setOffset((right, down))

    def _colour_legend(self) -> None:
        ground = self.colour(QPalette.ColorRole.Base)
        ground.setAlpha(220)  # a curve may run below
        self._legend.setBrush(ground)
        self._legend.setLabelTextColor(self.ink)

    def add_points(
        self,
        spots: Sequence[dict[str, Any]],
        describe: Callable[[Any], str],
        clicked: Callable[[Any], object],
    ) -> Any:
        """Points, each with its `data`: hover tells it at once, and a click gives it away."""
        points = pg.ScatterPlotItem(hoverable=True, tip=None, hoverSize=HOVERED)
        points.addPoints(list(spots))
        points.setZValue(_POINTS)

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
        """Write words at a point; `anchor` is the place in the words that lies on it.

        Lines go behind them; points lie before them.
        """
        ground = self.colour(QPalette.ColorRole.Base)
        item = pg.TextItem(displayable(text), color=self.ink, anchor=anchor, fill=ground)
        item.setZValue(_WORDS)
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
        if event.type() == QEvent.Type.PaletteChange and "plot" in vars(self):
            self.redraw()
