"""Speed against agreement: a point for each candidate, the larger the larger its model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kit.signals import Sends
from app.kit.text import tooltip
from app.search.presenter import SearchView, marks, placed
from core.search.candidates import Candidate, Making, SearchState

# Okabe and Ito 2008, with a shape each: told apart with any colour vision.
_LOOKS: dict[Making, tuple[str, str]] = {
    "parent": ("s", "#E69F00"),
    "fp16_weights": ("d", "#CC79A7"),
    "int8_weights": ("t", "#009E73"),
    "int8": ("o", "#0072B2"),
}
_SMALLEST, _LARGEST = 9.0, 24.0  # pixels of a point
_LEAST_LOSS = 0.003  # smaller ones are drawn as this
_TICKS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 1.0)


class SearchChart(QWidget):
    """The Pareto picture of a search."""

    candidate_chosen = Sends[str]()  # id

    def __init__(self) -> None:
        super().__init__()
        self._view = SearchView()
        self._chosen = ""
        self.plot: Any = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.points: Any = pg.ScatterPlotItem(hoverable=True, tip=None)
        self.points.sigClicked.connect(self._on_clicked)
        self.points.sigHovered.connect(self._on_hovered)
        self.setMinimumHeight(340)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.plot)

    def show_search(self, view: SearchView) -> None:
        """Draw this search."""
        if (view.state, view.front) != (self._view.state, self._view.front):
            self._view = view
            self._draw()

    def choose(self, identity: str) -> None:
        """Ring this candidate."""
        if identity != self._chosen:
            self._chosen = identity
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "points"):
            self._draw()

    def _draw(self) -> None:
        palette = self.palette()
        self.plot.setBackground(palette.color(QPalette.ColorRole.Base))
        self.plot.clear()
        state = self._view.state
        shown = placed(state)
        self._draw_axes(palette)
        if state is None or not shown:
            return
        self._draw_bar(state, palette)
        self._draw_front(shown, palette)
        self._draw_points(shown, palette)
        self._draw_marks(state, palette)

    def _draw_axes(self, palette: QPalette) -> None:
        text = palette.color(QPalette.ColorRole.WindowText)
        for name, title in (
            ("bottom", "Throughput, times the parent's in true f32"),
            ("left", "Agreement with the parent"),
        ):
            axis = self.plot.getAxis(name)
            axis.setPen(palette.color(QPalette.ColorRole.Mid))
            axis.setTextPen(text)
            axis.setTickFont(self.font())
            axis.setLabel(title, color=text.name())
        ticks = [(height(one), f"{one:g}") for one in _TICKS]
        self.plot.getAxis("left").setTicks([ticks])

    def _draw_bar(self, state: SearchState, palette: QPalette) -> None:
        """From where on a candidate is called lossless."""
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        line = pg.InfiniteLine(
            pos=height(state.settings.bar),
            angle=0,
            pen=pg.mkPen(quiet, width=1, style=Qt.PenStyle.DashLine),
            label="lossless from here up",
            labelOpts={"position": 0.99, "anchors": [(1, 0), (1, 0)], "color": quiet},
        )
        self.plot.addItem(line)

    def _draw_front(self, shown: Sequence[Candidate], palette: QPalette) -> None:
        front = [one for one in shown if one.id in self._view.front]
        front.sort(key=_x)
        pen = pg.mkPen(palette.color(QPalette.ColorRole.Dark), width=1.5)
        self.plot.plot([_x(one) for one in front], [_y(one) for one in front], pen=pen)

    def _draw_points(self, shown: Sequence[Candidate], palette: QPalette) -> None:
        largest = max(one.size_bytes for one in shown) or 1
        text = palette.color(QPalette.ColorRole.WindowText)
        spots = []
        for one in shown:
            shape, colour = _LOOKS[one.making]
            fill = QColor(colour)
            fill.setAlpha(220 if one.id in self._view.front else 150)
            ring = one.id == self._chosen
            spots.append(
                {
                    "pos": (_x(one), _y(one)),
                    "size": _SMALLEST + (_LARGEST - _SMALLEST) * one.size_bytes / largest,
                    "symbol": shape,
                    "brush": fill,
                    "pen": pg.mkPen(text if ring else QColor(colour), width=2.5 if ring else 1),
                    "data": one,
                }
            )
        self.points.setData(spots)
        self.plot.addItem(self.points)
        xs, ys = [_x(one) for one in shown], [_y(one) for one in shown]
        width = max(max(xs) - min(xs), 0.2)
        self.plot.setXRange(min(xs) - 0.2 * width, max(xs) + 0.25 * width, padding=0)
        low, high = min(*ys, height(0.9)), height(1.0)
        self.plot.setYRange(low - 0.08 * (high - low), high + 0.12 * (high - low), padding=0)

    def _draw_marks(self, state: SearchState, palette: QPalette) -> None:
        """Names on the points that everything is compared with, and the recommended one."""
        text = palette.color(QPalette.ColorRole.WindowText)
        for identity, name in marks(state).items():
            one = state.candidate(identity)
            if one is None or one.speed is None or one.agreement is None:
                continue
            chosen = identity == state.choice.recommended
            below = chosen or one.agreement == 1
            label = pg.TextItem(name, color=text, anchor=(0.5, -0.6) if below else (0.5, 1.6))
            if chosen:
                bold = QFont(self.font())
                bold.setBold(True)
                label.setFont(bold)
            label.setPos(_x(one), _y(one))
            self.plot.addItem(label)

    def _on_clicked(self, item: Any, points: Sequence[Any], event: Any) -> None:
        del item, event
        if len(points):
            self.candidate_chosen.emit(points[0].data().id)

    def _on_hovered(self, item: Any, points: Sequence[Any], event: Any) -> None:
        del item, event
        self.plot.setToolTip(tooltip(_told(points[0].data())) if len(points) else "")


def _told(one: Candidate) -> str:
    speed = f"{one.speed.value:.2f} times the speed" if one.speed else "speed not measured"
    return (
        f"{one.label}\nagreement {one.agreement or 0:.4f}, {speed}, "
        f"{one.size_bytes / 1e6:.2f} MB\n{one.reason}"
    )


def _x(one: Candidate) -> float:
    return one.speed.value if one.speed is not None else 0.0


def _y(one: Candidate) -> float:
    return height(one.agreement or 0.0)


def height(agreement: float) -> float:
    """Where an agreement is drawn: by the logarithm of what is lost.

    So .98 and .99 are as far apart as .8 and .9: those that matter are all near 1.
    """
    return -math.log10(max(1.0 - agreement, _LEAST_LOSS))
