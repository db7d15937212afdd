"""A bar for each run: median throughput, with its quartiles as a whisker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.benchmark.plan import BenchmarkRun

# Okabe and Ito 2008: told apart with any colour vision. The label under a bar says it as well.
_COLOURS = {"parent": "#E69F00", "optimized": "#0072B2"}
_OTHER = "#009E73"
_HINTS = {"f32": "true f32", "default": "by default", "bf16": "bf16", "f16": "f16"}


class RunChart(QWidget):
    """Throughput of the runs of one benchmark."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: Sequence[BenchmarkRun] = ()
        self.plot: Any = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.setMinimumHeight(150)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.plot)

    def show_runs(self, runs: Sequence[BenchmarkRun]) -> None:
        """Draw these runs."""
        self._runs = runs
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "plot"):
            self._draw()

    def _draw(self) -> None:
        palette = self.palette()
        text = palette.color(QPalette.ColorRole.WindowText)
        self.plot.setBackground(palette.color(QPalette.ColorRole.Base))
        self.plot.clear()
        if not self._runs:
            return
        medians = [run.throughput_fps for run in self._runs]
        spreads = [run.throughput_spread_fps for run in self._runs]
        places = list(range(len(self._runs)))
        colours = [QColor(_COLOURS.get(run.model, _OTHER)) for run in self._runs]
        self.plot.addItem(pg.BarGraphItem(x=places, height=medians, width=0.55, brushes=colours))
        self.plot.addItem(
            pg.ErrorBarItem(
                x=_array(places),
                y=_array(medians),
                top=_array([s.high - s.median for s in spreads]),
                bottom=_array([s.median - s.low for s in spreads]),
                beam=0.16,
                pen=pg.mkPen(text, width=1.5),
            )
        )
        tallest = max(spread.high for spread in spreads)
        for place, run in zip(places, self._runs, strict=True):
            figure = pg.TextItem(f"{run.throughput_fps:.0f} FPS", color=text, anchor=(0.5, 1.0))
            bold = QFont(self.font())
            bold.setBold(True)
            figure.setFont(bold)
            figure.setPos(place, run.throughput_spread_fps.high + 0.02 * tallest)
            self.plot.addItem(figure)
        names = [
            f"{run.model}\n{_HINTS[run.precision_hint]}: {run.precision_executed}"
            for run in self._runs
        ]
        bottom, left = self.plot.getAxis("bottom"), self.plot.getAxis("left")
        bottom.setTicks([list(zip(places, names, strict=True))])
        bottom.setStyle(tickLength=0)
        bottom.setHeight(2.6 * self.fontMetrics().height())
        for axis in (bottom, left):
            axis.setPen(palette.color(QPalette.ColorRole.Mid))
            axis.setTextPen(text)
            axis.setTickFont(self.font())
        left.setLabel("FPS", color=text.name())
        self.plot.setYRange(0, 1.18 * tallest, padding=0)
        self.plot.setXRange(-0.6, len(self._runs) - 0.4, padding=0)


def _array(values: list[Any]) -> Any:
    import numpy as np

    return np.asarray(values, float)
