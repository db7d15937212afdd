"""How the latencies of runs are distributed: cumulative share, or histogram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from app.kit.boxes import across
from app.kit.charts.chart import Chart, colours_of
from app.kit.fields import combo
from app.kit.theme import GAP
from app.kit.widgets import label
from core.benchmark.service import StoredRun
from core.wording.benchmark_runs import run_title

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CURVES = 6
CUMULATIVE, HISTOGRAM = "Cumulative share", "Histogram"
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
_BINS = 40
_TAIL = 0.99  # what lies beyond is in the table, and would flatten everything else


class LatencyDistribution(Chart):
    """A curve for each run that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: Sequence[tuple[StoredRun, NDArray[np.float32]]] = ()
        self.kind = combo("Kind of distribution", widest=170)
        self.kind.addItems([CUMULATIVE, HISTOGRAM])
        self.kind.currentIndexChanged.connect(self.redraw)
        self.note = label(quiet=True)
        row = across(self.kind, (self.note, 1), spacing=GAP)
        self.box.insertLayout(0, row)

    def show_curves(
        self, curves: Sequence[tuple[StoredRun, NDArray[np.float32]]], left_out: int
    ) -> None:
        """Show the milliseconds of these runs; `left_out` others cannot be read or are too many."""
        self._curves = curves
        self.note.setText(
            f"Every inference of the selected runs, {MOST_CURVES} at most."
            + (f" {left_out} are not shown." if left_out else "")
        )
        self.redraw()

    def draw(self) -> None:
        below = self.kind.currentText() == CUMULATIVE  # where its curves leave room
        self.place_legend(-10, -10 if below else 10)
        if not self._curves:
            return
        cumulative = self.kind.currentText() == CUMULATIVE
        colours = colours_of([str(stored.key) for stored, _ in self._curves])
        longest = max(float(np.quantile(values, _TAIL)) for _, values in self._curves)
        shortest = min(float(values.min()) for _, values in self._curves)
        for place, (stored, values) in enumerate(self._curves):
            colour = colours[str(stored.key)]
            pen = pg.mkPen(colour, width=2, style=_STYLES[place % len(_STYLES)])
            if cumulative:
                x, y = ecdf(values)
                self.plot.plot(x, y, pen=pen, name=run_title(stored))
            else:
                counts, edges = np.histogram(values, bins=_BINS, range=(shortest, longest))
                share = counts / len(values)
                self.plot.plot(edges, share, stepMode="center", pen=pen, name=run_title(stored))
        self.name_axes("latency, ms", "share of inferences")
        self.plot.setXRange(0.98 * shortest, 1.02 * longest, padding=0)
        if cumulative:
            self.plot.setYRange(0, 1.02, padding=0)
        else:
            self.plot.enableAutoRange(axis="y")


def ecdf(values: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sorted values, and the share of values that are no larger than each."""
    ordered = np.sort(values.astype(np.float64))
    return ordered, np.arange(1, len(ordered) + 1) / len(ordered)
