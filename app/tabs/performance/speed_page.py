"""Speed: how fast parent and optimized are, how sure that is, and at which precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from app.presenters.views import ProjectView
from app.tabs.page import Page
from app.theme import FIELD_HEIGHT, GAP
from app.widgets import Card, EmptyState, button, heading, label
from core.benchmark.plan import BenchmarkResult, BenchmarkRun, Interval
from core.inference.compiling import PrecisionHint
from core.models.info import size_change
from core.workbench import OPTIMIZED, PARENT

if TYPE_CHECKING:
    from app.tabs.performance.run_chart import RunChart

_COLUMNS = (
    ("Model", "Which of the two models"),
    ("Asked for", "Precision hint: true f32, or OpenVINO's own choice"),
    ("Setting", "What OpenVINO was told to aim at, or streams and batch"),
    ("Executed", "What most convolutions and matrix products really ran in"),
    ("Throughput, FPS", "Pictures per second: median of the rounds, with quartiles"),
    ("Latency p50, ms", "Of single inferences: median over all, quartiles of the rounds"),
    ("p90", "90 % of the inferences take no longer"),
    ("p99", "99 % of the inferences take no longer"),
    ("Threads", "Streams x requests / threads"),
)
HINT_NAMES: dict[PrecisionHint, str] = {
    "f32": "true f32",
    "default": "default",
    "bf16": "bf16",
    "f16": "f16",
}


class SpeedPage(QStackedWidget):
    """Chart, ratios and table of the newest benchmark."""

    benchmark_requested = Signal(object)  # seconds

    def __init__(self) -> None:
        super().__init__()
        self.empty = EmptyState(
            "Not measured yet",
            "A benchmark runs the model in true 32-bit float and at OpenVINO's default precision; "
            "an optimized one takes turns with its parent, so that a machine that slows down "
            "slows both. Leave the machine alone meanwhile.",
            "Measure speed",
        )
        self.empty.action.clicked.connect(self._on_measure_clicked)
        self.page = Page()
        self.addWidget(self.empty)
        self.addWidget(self.page)
        self._chart: RunChart | None = None
        self.title = heading(points_more=7)
        self.sentence = label(selectable=True)
        self.seconds = QSpinBox()
        self.seconds.setRange(2, 600)
        self.seconds.setValue(15)
        self.seconds.setSuffix(" s")
        self.seconds.setMinimumHeight(FIELD_HEIGHT)
        self.seconds.setAccessibleName("Seconds to measure")
        self.again = button("Measure again")
        self.again.clicked.connect(self._on_measure_clicked)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.seconds)
        head.addWidget(self.again)
        self.ratios = QHBoxLayout()
        self.ratios.setSpacing(GAP)
        self.against_f32 = _RatioCard("Against the parent in true f32")
        self.against_default = _RatioCard("Against the parent by default")
        self.smaller = _RatioCard("Size")
        for card in (self.against_f32, self.against_default, self.smaller):
            self.ratios.addWidget(card, 1)
        self.chart_card = Card("Throughput in FPS: median of the rounds, with quartiles")
        self.chart_card.setFixedHeight(250)
        self.table = _table()
        self.machine = label(quiet=True, selectable=True)
        box = self.page.box
        box.addLayout(head)
        box.addWidget(self.sentence)
        box.addLayout(self.ratios)
        box.addWidget(self.chart_card)
        box.addWidget(self.table)
        box.addWidget(self.machine)
        box.addStretch(1)

    def show_project(self, view: ProjectView) -> None:
        """Show the newest benchmark of this project."""
        self.empty.action.setVisible(view.ready)
        if view.benchmark is None:
            self.setCurrentWidget(self.empty)
            return
        result = view.benchmark
        self.title.setText(f"Speed of {view.title}")
        self.sentence.setText(result.sentence)
        self._show_ratios(view, result)
        self.chart().show_runs([run for run in result.runs if run.measured_with("throughput")])
        self._show_table(result)
        machine = result.machine
        self.machine.setText(
            f"{machine.device_name} ({machine.device}), {machine.logical_cores} logical cores. "
            f"OpenVINO {machine.openvino}. {result.rounds} rounds of {result.round_seconds:.2f} s "
            f"for each run, in random order, started {result.started}. {machine.system}."
        )
        self.setCurrentWidget(self.page)

    def _show_ratios(self, view: ProjectView, result: BenchmarkResult) -> None:
        two = result.run(OPTIMIZED, "default") is not None
        hints: tuple[tuple[_RatioCard, PrecisionHint], ...] = (
            (self.against_f32, "f32"),
            (self.against_default, "default"),
        )
        for card, hint in hints:
            ratio = result.ratio(OPTIMIZED, "default", PARENT, hint)
            card.setVisible(ratio is not None)
            if ratio is not None:
                card.show_speed(ratio.throughput, ratio.latency)
        self.smaller.setVisible(two and view.parent_card is not None and view.card is not None)
        if view.parent_card is not None and view.card is not None:
            before, after = view.parent_card.info.size_bytes, view.card.info.size_bytes
            self.smaller.show_figure(
                size_change(before, after),
                f"{before / 1e6:.2f} MB -> {after / 1e6:.2f} MB, graph and weights",
            )
            self.smaller.setVisible(two)

    def chart(self) -> RunChart:
        """The chart, made at the first call: pyqtgraph takes 0.3 s to import."""
        if self._chart is None:
            from app.tabs.performance.run_chart import RunChart

            self._chart = RunChart()
            self.chart_card.box.addWidget(self._chart, 1)
        return self._chart

    def _show_table(self, result: BenchmarkResult) -> None:
        self.table.setRowCount(len(result.runs))
        for row, run in enumerate(result.runs):
            for column, text in enumerate(_cells(run)):
                item = QTableWidgetItem(text)
                if column > 3:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(row, column, item)
        height = self.table.horizontalHeader().sizeHint().height() + 4
        height += sum(self.table.rowHeight(row) for row in range(len(result.runs)))
        self.table.setFixedHeight(height)

    def _on_measure_clicked(self) -> None:
        self.benchmark_requested.emit(float(self.seconds.value()))


class _RatioCard(Card):
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

    def show_speed(self, throughput: Interval, latency: Interval) -> None:
        """Show a ratio of throughputs, with that of latencies below."""
        word = "faster" if throughput.value >= 1 else "as fast"
        figure = f"{throughput.value:.2f} times {word}"
        if not throughput.differs_from_one:
            figure = "No difference"
        self.show_figure(
            figure,
            f"throughput {_interval(throughput)}; latency {_interval(latency)}; 95 % intervals",
        )


def _interval(interval: Interval) -> str:
    return f"x{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _cells(run: BenchmarkRun) -> list[str]:
    fps, latency = run.throughput_spread_fps, run.latency_ms
    spread = latency.p50_spread
    others = [f"{n} {count}" for n, count in run.precision_layers.items()]
    executed = run.precision_executed + (f" ({', '.join(others)})" if len(others) > 1 else "")
    return [
        run.model,
        HINT_NAMES[run.precision_hint],
        run.setting.label if run.setting else "throughput, latency",
        executed,
        f"{fps.median:.1f} ({fps.low:.1f} to {fps.high:.1f})",
        f"{latency.p50:.2f} ({spread.low:.2f} to {spread.high:.2f})",
        f"{latency.p90:.2f}",
        f"{latency.p99:.2f}",
        f"{run.streams} x {run.requests} / {run.threads}",
    ]


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS))
    for column, (name, tip) in enumerate(_COLUMNS):
        item = QTableWidgetItem(name)
        item.setToolTip(tip)
        table.setHorizontalHeaderItem(column, item)
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return table
