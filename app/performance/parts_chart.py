"""A bar for each run from an image to boxes: milliseconds of each part, one upon the other."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg

from app.kit.charts.chart import COLOURS, Chart
from app.performance.run_chart import under_the_bars
from core.benchmark.parts import PARTS
from core.benchmark.service import StoredRun
from core.wording.to_boxes import PART_WORDS

_ROOM = 1.18  # of the tallest bar, for the figures above


class PartsChart(Chart):
    """Where the time of an image goes; drawn only where runs have parts."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[StoredRun, ...] = ()

    def show_runs(self, runs: Sequence[StoredRun]) -> bool:
        """Draw those that go one image after the other, or else all; False where none has parts."""
        parted = [one for one in runs if one.run.parts_ms is not None]
        alone = [one for one in parted if one.run.requests == 1]
        self._runs = tuple(alone or parted)
        self.redraw()
        return bool(self._runs)

    def draw(self) -> None:
        parts = [one.run.parts_ms for one in self._runs if one.run.parts_ms is not None]
        if not parts:
            return
        self.place_legend(-10, 10)
        places = list(range(len(parts)))
        below = [0.0] * len(parts)
        for name, colour in zip(PARTS, COLOURS, strict=False):
            heights = [getattr(one, name) for one in parts]
            bars = pg.BarGraphItem(x=places, y0=below, height=heights, width=0.55, brush=colour)
            self.plot.addItem(bars)
            self._name(colour, PART_WORDS[name])
            below = [low + height for low, height in zip(below, heights, strict=True)]
        tallest = max(below)
        for place, whole in enumerate(below):
            self.write(f"{whole:.1f} ms", place, whole + 0.02 * tallest, (0.5, 1.0), bold=True)
        self.name_bars(places, under_the_bars(self._runs))
        self.name_axes("", "ms of an image")
        self.plot.setYRange(0, _ROOM * tallest, padding=0)
        self.plot.setXRange(-0.6, len(parts) - 0.1, padding=0)

    def _name(self, colour: str, name: str) -> None:
        """A line of the legend."""
        key = pg.ScatterPlotItem(symbol="s", size=12, brush=colour, pen=None)
        self._legend.addItem(key, name)
