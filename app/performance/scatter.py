"""Throughput against latency of all runs, with a limit of latency and the best run under it."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

from app.kit.boxes import across
from app.kit.charts.chart import Chart, colours_of
from app.kit.fields import combo, decimal
from app.kit.signals import Sends
from app.kit.text import as_markup, breakable
from app.kit.theme import GAP
from app.kit.widgets import label, markup_label
from app.performance.speed_presenter import Key, SpeedView
from core.benchmark.service import StoredRun
from core.benchmark.sweet_spot import Quantile, latency_of, sweet_spot
from core.inference.settings import PrecisionHint
from core.inference.words import HINTS
from core.wording.benchmark_runs import run_summary, run_title

SYMBOLS: dict[PrecisionHint, str] = {"f32": "o", "default": "s", "bf16": "t", "f16": "d"}
_QUANTILES: tuple[tuple[Quantile, str], ...] = (
    ("p50", "p50 (median)"),
    ("p90", "p90"),
    ("p95", "p95"),
    ("p99", "p99"),
)
_SIZE, _BEST_SIZE = 12, 22  # pixels
_ROOM = 1.12  # of the axes, beyond the largest value


class SpeedScatter(Chart):
    """A point for each run: hover shows everything, a click selects it."""

    run_chosen = Sends[Key]()

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[StoredRun, ...] = ()
        self._selected: tuple[Key, ...] = ()
        self.quantile = combo("Which latency", widest=170)
        for value, name in _QUANTILES:
            self.quantile.addItem(name, value)
        self.quantile.currentIndexChanged.connect(self._show)
        self.limit = decimal("Latency at most", 100_000.0, 1.0, digits=1, suffix=" ms")
        self.limit.setSpecialValueText("no limit")
        self.limit.valueChanged.connect(self._show)
        self.best_text = label(selectable=True)
        self.legend = markup_label()
        row = across(
            label("Latency:", wrap=False),
            self.quantile,
            label("at most", wrap=False),
            self.limit,
            (self.best_text, 1),
            spacing=GAP,
        )
        self.box.insertLayout(0, row)
        self.box.addWidget(self.legend)

    @property
    def best(self) -> StoredRun | None:
        """The run with the most FPS whose latency meets the limit."""
        most = self.limit.value() or float("inf")
        place = sweet_spot([one.run for one in self._runs], self._quantile, most)
        return None if place is None else self._runs[place]

    def show_view(self, view: SpeedView) -> None:
        """Show these runs of the network alone."""
        self._runs = tuple(one for one in view.runs if not one.run.mode.to_boxes)
        self._selected = view.selected
        self._show()

    def draw(self) -> None:
        points = [(one, latency_of(one.run, self._quantile)) for one in self._runs]
        if not points:
            return
        colours = colours_of(sorted({one.title for one in self._runs}))
        best = self.best
        if best is not None:
            self._ring(best)
        spots = [
            {
                "pos": (x, one.run.throughput_fps),
                "size": _SIZE + 4 * (one.key in self._selected),
                "symbol": SYMBOLS[one.run.precision_hint],
                "brush": pg.mkBrush(colours[one.title]),
                "pen": pg.mkPen(self.ink, width=2.5 if one.key in self._selected else 0.5),
                "data": one,
            }
            for one, x in points
        ]
        self.add_points(spots, run_summary, self._on_clicked)
        farthest = max(x for _, x in points)
        if self.limit.value():
            self._draw_limit(self.limit.value())
            farthest = max(farthest, min(self.limit.value(), 2 * farthest))
        self.name_axes(f"latency {self._quantile}, ms", "throughput, FPS")
        self.plot.setXRange(0, _ROOM * farthest, padding=0)
        self.plot.setYRange(0, _ROOM * max(one.run.throughput_fps for one, _ in points), padding=0)

    def _show(self) -> None:
        self._show_best()
        self.redraw()

    @property
    def _quantile(self) -> Quantile:
        found: Quantile = self.quantile.currentData()
        return found

    def _ring(self, best: StoredRun) -> None:
        x, y = latency_of(best.run, self._quantile), best.run.throughput_fps
        ring = pg.ScatterPlotItem(
            [x], [y], size=_BEST_SIZE, symbol="o", brush=None, pen=pg.mkPen(self.ink, width=1.5)
        )
        self.plot.addItem(ring)

    def _draw_limit(self, most: float) -> None:
        line = pg.InfiniteLine(
            most,
            angle=90,
            movable=True,
            pen=pg.mkPen(self.ink, width=1.5, style=Qt.PenStyle.DashLine),
            hoverPen=pg.mkPen(self.ink, width=3),
            bounds=(0.1, None),
        )
        line.sigPositionChangeFinished.connect(self._on_line_moved)
        self.plot.addItem(line)

    def _show_best(self) -> None:
        best = self.best
        if best is None:
            text = "No run meets the limit." if self._runs else ""
        else:
            text = f"Highest throughput: {best.run.throughput_fps:.1f} FPS, {run_title(best)}."
        self.best_text.setText(text)
        names = sorted({one.title for one in self._runs})
        colours = colours_of(names)
        shapes = {"o": "&#9679;", "s": "&#9632;", "t": "&#9660;", "d": "&#9670;"}
        asked = dict.fromkeys(one.run.precision_hint for one in self._runs)
        shown = {name: as_markup(breakable(name)) for name in names}
        parts = [
            f"<span style='color:{colours[name].name()}'>&#9632;</span> {shown[name]}"
            for name in names
        ]
        parts += [f"{shapes[SYMBOLS[hint]]} {HINTS[hint]}" for hint in asked]
        self.legend.setText(" &nbsp; ".join(parts))

    def _on_line_moved(self, line: Any) -> None:
        self.limit.setValue(float(line.value()))

    def _on_clicked(self, one: StoredRun) -> None:
        self.run_chosen.emit(one.key)
