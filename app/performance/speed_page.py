"""Speed: how fast the models are, how sure that is, in which mode and precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.kit.boxes import across
from app.kit.elided_label import page_title
from app.kit.fold import Fold
from app.kit.page import Page
from app.kit.widgets import EmptyState, button, label
from app.performance.benchmark_form import BenchmarkForm
from app.performance.runs_panel import RunsPanel
from app.performance.speed_presenter import SpeedPresenter, SpeedView
from app.performance.speed_result import SpeedResult
from app.project.preferred import Preferences
from app.project_views import ProjectView
from core.wording.benchmark import machine_sentence

if TYPE_CHECKING:
    from app.performance.speed_charts import SpeedCharts

_CHART_HEIGHT = 330  # pixels


class SpeedPage(QStackedWidget):
    """Settings and result of the benchmark in focus; charts and table of all runs."""

    def __init__(self, presenter: SpeedPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._view: SpeedView | None = None
        self._stale = False
        self._charts: SpeedCharts | None = None
        self.empty = EmptyState(
            "No benchmark yet",
            "A benchmark runs the model in true 32-bit float and at OpenVINO's default precision; "
            "an optimized one takes turns with its parent, so that a machine that slows down "
            "slows both. Avoid other load while measuring.",
            "Run benchmark",
        )
        self.page = Page()
        self.addWidget(self.empty)
        self.addWidget(self.page)
        self._build()
        for start in (self.empty.action, self.run):
            start.clicked.connect(self._on_run_clicked)
        presenter.view_changed.connect(self._on_view_changed)
        presenter.machine.devices_changed.connect(self.form.show_devices)
        presenter.preferred.changed.connect(self._on_preferred)
        self._on_preferred(presenter.preferred.now)

    def show_project(self, view: ProjectView) -> None:
        """Show the runs of this project."""
        self.empty.action.setVisible(view.ready)
        self._presenter.show_project(view)

    def charts(self) -> SpeedCharts:
        """The charts, made at the first call: pyqtgraph takes 0.3 s to import."""
        if self._charts is None:
            from app.performance.speed_charts import SpeedCharts

            self._charts = SpeedCharts(self._presenter)
            self.chart_box.addWidget(self._charts, 1)
        return self._charts

    def _build(self) -> None:
        self.title = page_title()
        self.run = button("Run benchmark")
        head = across((self.title, 1), self.run)
        self.form = BenchmarkForm(self._presenter.choices)
        self.form.changed.connect(self._on_form_changed)
        self.settings = Fold("Benchmark settings", self.form)
        self.settings.unfolded.connect(self._presenter.machine.ask)
        self.result = SpeedResult()
        self.result.resume.clicked.connect(self._presenter.resume)
        self.runs = RunsPanel(self._presenter)
        self.machine = label(quiet=True, selectable=True)
        holder = QWidget()
        holder.setFixedHeight(_CHART_HEIGHT)
        self.chart_box = QVBoxLayout(holder)
        self.chart_box.setContentsMargins(0, 0, 0, 0)
        box = self.page.box
        box.addLayout(head)
        for part in (self.settings, self.result, holder, self.runs, self.machine):
            box.addWidget(part)
        box.addStretch(1)
        self._on_form_changed()

    def _on_preferred(self, preferred: Preferences) -> None:
        self.form.show_preferred(preferred.device, preferred.threads)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale and self._view is not None:
            self._show(self._view)

    def _on_view_changed(self, view: SpeedView) -> None:
        """Charts and tables that nobody looks at are not drawn."""
        self._view, self._stale = view, True
        if self.isVisible():
            self._show(view)

    def _show(self, view: SpeedView) -> None:
        self._stale = False
        self.form.show_view(view)
        if view.result is None:
            self.setCurrentWidget(self.empty)
            return
        self.setCurrentWidget(self.page)
        name = view.result.machine.name
        on = f", on {name}" if name else ""
        self.title.set_text(f"Speed of {view.project.title}{on}")
        self.result.show_result(view, view.result)
        self.runs.show_view(view)
        self.machine.setText(machine_sentence(view.result))
        self.charts().show_view(view)

    def _on_form_changed(self) -> None:
        self.run.setEnabled(self.form.request is not None)
        self.settings.summary.set_text(self.form.summary)

    def _on_run_clicked(self) -> None:
        if self.form.request is not None:
            self._presenter.run_benchmark(self.form.request)
