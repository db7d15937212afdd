"""The charts of the page on speed, one behind the other."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtWidgets import QTabWidget, QWidget

from app.kit.boxes import down
from app.kit.fields import Titles
from app.performance.distribution import MOST_CURVES, LatencyDistribution
from app.performance.parts_chart import PartsChart
from app.performance.run_chart import RunChart
from app.performance.scatter import SpeedScatter
from app.performance.settings_grid import SettingsGrid
from app.performance.speed_presenter import Key, SpeedPresenter, SpeedView


class SpeedCharts(QTabWidget):
    """Runs of the benchmark in focus, all runs, their latencies, and a grid."""

    def __init__(self, presenter: SpeedPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.setTabBar(Titles())
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.bars = RunChart()
        self.scatter = SpeedScatter()
        self._of_latencies = QWidget()
        self.grid = SettingsGrid()
        self.parts = PartsChart()
        self._view: SpeedView | None = None
        for chart, name in (
            (self.bars, "Throughput"),
            (self.scatter, "Throughput against latency"),
            (self._of_latencies, "Latencies"),
            (self.grid, "Streams x batch"),
            (self.parts, "Image to boxes"),
        ):
            self.addTab(chart, name)
        self.scatter.run_chosen.connect(self._on_run_chosen)
        self.grid.run_chosen.connect(self._on_run_chosen)
        self.currentChanged.connect(self._on_current_changed)

    @cached_property
    def latencies(self) -> LatencyDistribution:
        """The chart of latencies, made when it is first seen."""
        chart = LatencyDistribution()
        down(chart, margins=0, on=self._of_latencies)
        return chart

    def show_view(self, view: SpeedView) -> None:
        """Show these runs."""
        self._view = view
        bars = [one for one in view.shown_runs if one.run.measured_with("throughput")]
        self.bars.show_runs(bars or view.shown_runs)
        self.scatter.show_view(view)
        self.setTabVisible(self.indexOf(self.grid), self.grid.show_runs(view.runs))
        self.setTabVisible(self.indexOf(self.parts), self.parts.show_runs(view.shown_runs))
        self._on_current_changed()

    def _show_latencies(self) -> None:
        """Read from disk, and so only while they are seen."""
        if self._view is None:
            return
        wanted = self._view.selected_runs or tuple(
            one for one in self._view.shown_runs if one.run.measured_with("latency")
        )
        wanted = wanted or self._view.shown_runs
        curves = []
        for one in wanted[:MOST_CURVES]:
            values = self._presenter.latencies_ms(one)
            if values is not None:
                curves.append((one, values))
        self.latencies.show_curves(curves, len(wanted) - len(curves))

    def _on_current_changed(self) -> None:
        if self.currentWidget() is self._of_latencies:
            self._show_latencies()

    def _on_run_chosen(self, key: Key) -> None:
        self._presenter.select((key,))
