"""A bar for each run: median throughput, with its quartiles as a whisker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg

from app.kit.charts.chart import Chart, colours_of
from core.benchmark.service import StoredRun
from core.wording.words import precision


class RunChart(Chart):
    """Throughput of the runs of one benchmark."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: Sequence[StoredRun] = ()

    def show_runs(self, runs: Sequence[StoredRun]) -> None:
        """Draw these runs."""
        self._runs = runs
        self.redraw()

    def draw(self) -> None:
        if not self._runs:
            return
        runs = [stored.run for stored in self._runs]
        medians = [run.throughput_fps for run in runs]
        spreads = [run.throughput_spread_fps for run in runs]
        places = list(range(len(runs)))
        colours = colours_of([stored.title for stored in self._runs])
        brushes = [colours[stored.title] for stored in self._runs]
        self.plot.addItem(pg.BarGraphItem(x=places, height=medians, width=0.55, brushes=brushes))
        self.plot.addItem(
            pg.ErrorBarItem(
                x=_array(places),
                y=_array(medians),
                top=_array([s.high - s.median for s in spreads]),
                bottom=_array([s.median - s.low for s in spreads]),
                beam=0.16,
                pen=pg.mkPen(self.ink, width=1.5),
            )
        )
        tallest = max(spread.high for spread in spreads)
        for place, run in enumerate(runs):
            top = run.throughput_spread_fps.high + 0.02 * tallest
            self.write(f"{run.throughput_fps:.0f}", place, top, (0.5, 1.0), bold=True)
        self.name_bars(places, under_the_bars(self._runs))
        self.plot.getAxis("left").setLabel("FPS: median and quartiles", color=self.ink.name())
        self.plot.setYRange(0, 1.18 * tallest, padding=0)
        self.plot.setXRange(-0.6, len(runs) - 0.4, padding=0)


def under_the_bars(runs: Sequence[StoredRun]) -> list[str]:
    """Precisions, and the models where these differ and the bars leave room for their names."""
    words = [precision(one.run.precision_hint, one.run.precision_executed) for one in runs]
    if len(runs) > 6 or len({one.title for one in runs}) == 1:
        return words
    return [f"{one.run.model}\n{how}" for one, how in zip(runs, words, strict=True)]


def _array(values: list[Any]) -> Any:
    import numpy as np

    return np.asarray(values, float)
