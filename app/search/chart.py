"""Speed against accuracy kept: a point for each candidate, the larger the larger its model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette

from app.kit.charts.chart import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, Chart
from app.kit.signals import Sends
from app.search.presenter import SearchView, marks, placed
from core.search.candidates import Candidate, Making, SearchState
from core.sizes import megabytes
from core.wording.candidates import candidate_label
from core.wording.search import about_sentence

# A shape each, so that they are told apart with any colour vision.
_LOOKS: dict[Making, tuple[str, str]] = {
    "parent": ("s", ORANGE),
    "fp16_weights": ("d", PURPLE),
    "int8_weights": ("t", GREEN),
    "int8": ("o", BLUE),
    "resized": ("p", VERMILION),
    "int8_resized": ("star", SKY),
}
_SMALLEST, _LARGEST = 9.0, 24.0  # pixels of a point
_LEAST_LOSS = 0.003  # smaller ones are drawn as this
_TICKS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 1.0)


class SearchChart(Chart):
    """The Pareto front of a search, and a second one of other input sizes."""

    candidate_chosen = Sends[str]()  # id

    def __init__(self) -> None:
        super().__init__()
        self._view = SearchView()
        self._ringed = ""
        self.setMinimumHeight(340)

    @property
    def ringed(self) -> str:
        """Id of the candidate that is ringed."""
        return self._ringed

    def show_search(self, view: SearchView) -> None:
        """Draw this search."""
        if (view.state, view.fronts) != (self._view.state, self._view.fronts):
            self._view = view
            self.redraw()

    def ring(self, identity: str) -> None:
        """Ring this candidate."""
        if identity != self._ringed:
            self._ringed = identity
            self.redraw()

    def draw(self) -> None:
        state = self._view.state
        shown = placed(state)
        self.name_axes("Throughput, times the parent's in true f32", "Accuracy kept")
        ticks = [(height(one), f"{one:g}") for one in _TICKS]
        self.plot.getAxis("left").setTicks([ticks])
        if state is None or not shown:
            return
        self._draw_bar(state)
        line = pg.mkPen(self.colour(QPalette.ColorRole.Dark), width=1.5)
        self._draw_front(shown, self._view.front, line)
        dashed = pg.mkPen(VERMILION, width=1.5, style=Qt.PenStyle.DashLine)
        self._draw_front(shown, self._view.front_of_sizes, dashed)
        self._draw_points(shown)
        self._draw_marks(state)

    def _draw_bar(self, state: SearchState) -> None:
        """From where on a candidate is called lossless: said where few points are."""
        quiet = self.colour(QPalette.ColorRole.PlaceholderText)
        line = pg.InfiniteLine(
            pos=height(state.settings.bar),
            angle=0,
            pen=pg.mkPen(quiet, width=1, style=Qt.PenStyle.DashLine),
            label="lossless above",
            labelOpts={"position": 0.01, "anchors": [(0, 0), (0, 0)], "color": quiet},
        )
        self.plot.addItem(line)

    def _draw_front(self, shown: Sequence[Candidate], ids: frozenset[str], pen: Any) -> None:
        front = [one for one in shown if one.id in ids]
        front.sort(key=_x)
        self.plot.plot([_x(one) for one in front], [_y(one) for one in front], pen=pen)

    def _draw_points(self, shown: Sequence[Candidate]) -> None:
        largest = max(one.size_bytes for one in shown) or 1
        self.add_points([self._spot(one, largest) for one in shown], _tooltip, self._on_clicked)
        xs, ys = [_x(one) for one in shown], [_y(one) for one in shown]
        width = max(max(xs) - min(xs), 0.2)
        self.plot.setXRange(min(xs) - 0.2 * width, max(xs) + 0.25 * width, padding=0)
        low, high = min(*ys, height(0.9)), height(1.0)
        self.plot.setYRange(low - 0.08 * (high - low), high + 0.12 * (high - low), padding=0)

    def _spot(self, one: Candidate, largest: int) -> dict[str, Any]:
        shape, colour = _LOOKS[one.making]
        fill = QColor(colour)
        fill.setAlpha(220 if one.id in self._view.fronts else 150)
        ringed = one.id == self._ringed
        return {
            "pos": (_x(one), _y(one)),
            "size": _SMALLEST + (_LARGEST - _SMALLEST) * one.size_bytes / largest,
            "symbol": shape,
            "brush": fill,
            "pen": pg.mkPen(self.ink if ringed else colour, width=2.5 if ringed else 1),
            "data": one,
        }

    def _draw_marks(self, state: SearchState) -> None:
        """Names on the points that everything is compared with, and the recommended one."""
        named = marks(state)
        self._draw_sizes([one for one in placed(state) if one.id not in named])
        for identity, name in named.items():
            one = state.candidate(identity)
            if one is None or one.speed is None or one.accuracy_kept is None:
                continue
            chosen = identity == state.choice.recommended
            below = chosen or one.accuracy_kept == 1
            anchor = (0.5, -0.6) if below else (0.5, 1.6)
            self.write(name, _x(one), _y(one), anchor, bold=chosen)

    def _draw_sizes(self, shown: Sequence[Candidate]) -> None:
        """Each size once, at the point of the second front that keeps most."""
        front = [one for one in shown if one.id in self._view.front_of_sizes]
        front.sort(key=_y, reverse=True)
        first = {one.input_size: one for one in reversed(front)}
        for size, one in first.items():
            self.write(str(size), _x(one), _y(one), (-0.1, 1.1))

    def _on_clicked(self, one: Candidate) -> None:
        self.candidate_chosen.emit(one.id)


def _tooltip(one: Candidate) -> str:
    speed = f"{one.speed.value:.2f} times the speed" if one.speed else "speed not measured"
    return (
        f"{candidate_label(one)}\naccuracy kept {one.accuracy_kept or 0:.4f}, {speed}, "
        f"{megabytes(one.size_bytes)}\n{about_sentence(one)}"
    )


def _x(one: Candidate) -> float:
    return one.speed.value if one.speed is not None else 0.0


def _y(one: Candidate) -> float:
    return height(one.accuracy_kept or 0.0)


def height(accuracy_kept: float) -> float:
    """Where an accuracy kept is drawn: by the logarithm of what is lost.

    So .98 and .99 are as far apart as .8 and .9: those that matter are all near 1.
    """
    return -math.log10(max(1.0 - accuracy_kept, _LEAST_LOSS))
