"""Speed: how fast the models are, how sure that is, at which setting and precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.kit.choice_menu import ChoiceMenu
from app.kit.fold import Fold
from app.kit.page import Page
from app.kit.signals import Sends
from app.kit.theme import GAP
from app.kit.widgets import Card, EmptyState, button, heading, label
from app.performance.run_text import facts, short_text
from app.performance.runs_table import RunsTable
from app.performance.speed_form import SpeedForm
from app.performance.speed_presenter import SpeedPresenter, SpeedView, SpeedWish
from app.project_views import ProjectView
from core.benchmark.result import BenchmarkResult, Ratio
from core.inference.compiling import PrecisionHint
from core.metrics.speed.figures import Interval
from core.models.info import size_change
from core.wording.benchmark import noise_sentences, remarks, speed_sentence
from core.workspace.projects import OPTIMIZED, PARENT

if TYPE_CHECKING:
    from app.performance.speed_charts import SpeedCharts
    from core.workspace.store import Artifact

_CHART_HEIGHT = 330  # pixels
_TABLE_ROWS = 8  # that are seen at once, at most


class SpeedPage(QStackedWidget):
    """Form, sentence and ratios of the benchmark in focus; charts and table of all runs."""

    benchmark_requested = Sends["SpeedWish"]()
    go_on_requested = Sends["Artifact"]()

    def __init__(self, presenter: SpeedPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._view: SpeedView | None = None
        self._charts: SpeedCharts | None = None
        self.empty = EmptyState(
            "Not measured yet",
            "A benchmark runs the model in true 32-bit float and at OpenVINO's default precision; "
            "an optimized one takes turns with its parent, so that a machine that slows down "
            "slows both. Leave the machine alone meanwhile.",
            "Measure speed",
        )
        self.page = Page()
        self.addWidget(self.empty)
        self.addWidget(self.page)
        self._build()
        self.empty.action.clicked.connect(self._on_measure_clicked)
        presenter.view_changed.connect(self._on_view_changed)
        presenter.devices_changed.connect(self.form.show_devices)

    def show_project(self, view: ProjectView) -> None:
        """Show the runs of this project."""
        self.empty.action.setVisible(view.ready)
        self._presenter.show_project(view)

    def charts(self) -> SpeedCharts:
        """The charts, made at the first call: pyqtgraph takes 0.3 s to import."""
        if self._charts is None:
            from app.performance.speed_charts import SpeedCharts

            self._charts = SpeedCharts(self._presenter)
            self.chart_card.addWidget(self._charts, 1)
            if self._view is not None:
                self._charts.show_view(self._view)
        return self._charts

    # Building

    def _build(self) -> None:
        self.title = heading(points_more=7)
        self.again = button("Measure")
        self.again.clicked.connect(self._on_measure_clicked)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.again)
        self.form = SpeedForm()
        self.form.changed.connect(self._on_form_changed)
        self.settings = Fold("What to measure", self.form)
        self.settings.unfolded.connect(self._presenter.ask_for_devices)
        self.sentence = label(selectable=True)
        self.advice = label(selectable=True)
        self.advice.setTextFormat(Qt.TextFormat.PlainText)
        self.noise = label(quiet=True, selectable=True)
        self.go_on = button("Go on measuring")
        self.go_on.clicked.connect(self._on_go_on_clicked)
        self.machine = label(quiet=True, selectable=True)
        holder = QWidget()
        holder.setFixedHeight(_CHART_HEIGHT)
        self.chart_card = QVBoxLayout(holder)
        self.chart_card.setContentsMargins(0, 0, 0, 0)
        box = self.page.box
        box.addLayout(head)
        box.addWidget(self.settings)
        box.addWidget(self.sentence)
        box.addWidget(self.advice)
        box.addLayout(self._ratios())
        box.addWidget(self.noise)
        box.addWidget(self.go_on, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(holder)
        box.addLayout(self._above_table())
        box.addWidget(self._table())
        box.addWidget(self.details)
        box.addWidget(self.machine)
        box.addStretch(1)
        self._on_form_changed()

    def _ratios(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GAP)
        self.against_f32 = RatioCard("Against the parent in true f32")
        self.against_default = RatioCard("Against the parent by default")
        self.smaller = RatioCard("Size")
        for card in (self.against_f32, self.against_default, self.smaller):
            row.addWidget(card, 1)
        return row

    def _above_table(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GAP)
        title = heading("All runs", 1.5)
        title.setWordWrap(False)
        self.projects = ChoiceMenu("Projects whose runs are shown", _projects_told)
        self.projects.changed.connect(self._on_projects_changed)
        self.delete = button("Delete the benchmark", flat=True)
        self.delete.setToolTip("Forget all runs of the benchmark that the selected run belongs to")
        self.delete.clicked.connect(self._on_delete_clicked)
        row.addWidget(title)
        row.addWidget(self.projects)
        row.addStretch(1)
        row.addWidget(self.delete)
        return row

    def _table(self) -> RunsTable:
        self.table = RunsTable()
        self.table.runs_selected.connect(self._presenter.select)
        self.details = Card("Selected run")
        return self.table

    # What is shown

    def _on_view_changed(self, view: SpeedView) -> None:
        self._view = view
        self.form.show_view(view)
        if view.result is None:
            self.setCurrentWidget(self.empty)
            return
        self.setCurrentWidget(self.page)
        self.title.setText(f"Speed of {view.project.title}")
        self._show_result(view, view.result)
        self.projects.offer([(one.id, one.title, one.chosen) for one in view.projects])
        self.table.show_runs(view.runs, view.selected)
        self._fit_table(len(view.runs))
        selected = view.selected_runs
        self.details.setVisible(len(selected) == 1)
        self.delete.setVisible(bool(selected))
        if len(selected) == 1:
            self.details.title.setText(short_text(selected[0]))
            self.details.set_facts(facts(selected[0]))
        self.charts().show_view(view)

    def _show_result(self, view: SpeedView, result: BenchmarkResult) -> None:
        sentence = speed_sentence(result)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        told = remarks(result)
        self.advice.setText(" ".join(told))
        self.advice.setVisible(bool(told))
        self._show_ratios(view, result)
        noise = noise_sentences(result.noise)
        if result.stopped:
            noise.insert(0, f"Stopped after {result.rounds} rounds; what was measured is kept.")
        self.noise.setText(" ".join(noise))
        self.noise.setVisible(bool(noise))
        self.go_on.setVisible(result.stopped)
        self.machine.setText(_machine_text(result))

    def _show_ratios(self, view: SpeedView, result: BenchmarkResult) -> None:
        hints: tuple[tuple[RatioCard, PrecisionHint], ...] = (
            (self.against_f32, "f32"),
            (self.against_default, "default"),
        )
        shown = False
        for card, hint in hints:
            ratio = result.ratio(OPTIMIZED, "default", PARENT, hint)
            card.setVisible(ratio is not None)
            if ratio is not None:
                shown = True
                card.show_speed(ratio)
        before, after = view.project.parent_card, view.project.card
        self.smaller.setVisible(shown and before is not None and after is not None)
        if before is not None and after is not None:
            old, new = before.info.size_bytes, after.info.size_bytes
            self.smaller.show_figure(
                size_change(old, new),
                f"{old / 1e6:.2f} MB -> {new / 1e6:.2f} MB, graph and weights",
            )

    def _fit_table(self, rows: int) -> None:
        header = self.table.horizontalHeader().sizeHint().height()
        each = self.table.verticalHeader().defaultSectionSize()
        bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(header + each * min(max(rows, 1), _TABLE_ROWS) + bar + 4)

    # What the user wants

    def _on_form_changed(self) -> None:
        wish = self.form.wish
        self.again.setEnabled(wish is not None)
        if wish is not None:
            plan = wish.settings
            amount = f"{plan.seconds:.0f} s" if plan.iterations is None else f"{plan.iterations} x"
            self.settings.summary.set_text(
                f"{self.form.models.text().strip()}, {self.form.how.currentText().lower()}, "
                f"{self.form.precisions.text().strip()}, {plan.device}, {amount}"
            )

    def _on_measure_clicked(self) -> None:
        if self.form.wish is not None:
            self.benchmark_requested.emit(self.form.wish)

    def _on_go_on_clicked(self) -> None:
        if self._view is not None and self._view.shown is not None:
            self.go_on_requested.emit(self._view.shown)

    def _on_projects_changed(self) -> None:
        self._presenter.choose_projects([int(str(one)) for one in self.projects.chosen])

    def _on_delete_clicked(self) -> None:
        if self._view is not None and self._view.shown is not None:
            self._presenter.delete(self._view.shown)


class RatioCard(Card):
    """One large figure and what it means."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.figure: QLabel = heading(points_more=10)
        self.note = label(quiet=True)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.figure)
        column.addWidget(self.note)
        self.box.addLayout(column)
        self.box.addStretch(1)

    def show_figure(self, figure: str, note: str) -> None:
        """Show a figure."""
        self.figure.setText(figure)
        self.note.setText(note)

    def show_speed(self, ratio: Ratio) -> None:
        """Show a ratio of throughputs, with that of latencies below."""
        throughput, latency = ratio.throughput, ratio.latency
        word = "faster" if throughput.value >= 1 else "as fast"
        figure = f"{throughput.value:.2f} times {word}"
        if ratio.throughput_verdict == "too few rounds":
            figure = "Not known yet"
        elif not throughput.differs_from_one:
            figure = "Within the noise"
        self.show_figure(
            figure,
            f"throughput {_interval(throughput)}; latency {_interval(latency)}; 95 % intervals",
        )


def _interval(interval: Interval) -> str:
    return f"x{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _projects_told(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"of {len(titles)} projects"


def _machine_text(result: BenchmarkResult) -> str:
    machine = result.machine
    sets = f" Instruction sets: {', '.join(machine.instruction_sets)}." * bool(
        machine.instruction_sets
    )
    return (
        f"{machine.device_name} ({machine.device}), {machine.logical_cores} logical cores.{sets} "
        f"OpenVINO {machine.openvino}. {result.rounds} rounds of at least "
        f"{result.round_seconds:.2f} s for each run, in random order, started {result.started}. "
        f"{machine.system}."
    )
