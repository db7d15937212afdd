"""Compare projects: any runs of any projects; speed, size and accuracy on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
)

from app.kit.page import Page
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.tables.rows_table import RowsTable
from app.kit.tables.whole_rows import WholeRowsView
from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import Card, EmptyState, button, heading, label
from app.performance.comparing_presenter import MOST, ComparePresenter, CompareView
from app.performance.graph.colours import PRECISIONS
from app.performance.graph.value_bars import ValueBar, ValueBars
from app.performance.layers_model import pair_columns
from app.performance.run_picker import RunPicker
from app.project_views import ProjectView
from core.wording.profiling import sum_counts
from core.wording.project_comparison import comparison_sentences

if TYPE_CHECKING:
    from core.project_comparison.comparing import ComparedProject, ProjectComparison

_KINDS = (("One page (HTML)…", "html"), ("Tables (CSV)…", "csv"), ("All figures (JSON)…", "json"))
_WIDTHS = {
    "No.": 50, "Layer": 200, "Type": 150, "A, ms": 78, "B, ms": 78, "Difference, ms": 122,
    "Ratio": 74, "A in": 70, "B in": 70,
}  # fmt: skip


class ComparePage(QStackedWidget):
    """Pickers, summary, bars, types, and layer by layer."""

    def __init__(self, presenter: ComparePresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.empty = EmptyState(
            "Nothing to compare yet",
            "Any two or more projects, or runs of one, are compared here. Import a model, or "
            "optimize this one.",
        )
        self.page = Page()
        self.addWidget(self.empty)
        self.addWidget(self.page)
        self.pickers: list[RunPicker] = []
        box = self.page.box
        box.addLayout(self._head())
        self.choice = Card("What is compared")
        self.choice_rows = QVBoxLayout()
        self.choice_rows.setSpacing(GAP // 2)
        self.choice.box.addLayout(self.choice_rows)
        self.more = button("Add another", flat=True)
        self.more.clicked.connect(presenter.add)
        self.choice.box.addWidget(self.more)
        box.addWidget(self.choice)
        self.sentences = label(selectable=True)
        box.addWidget(self.sentences)
        self.summary = _table()
        box.addWidget(self.summary)
        box.addLayout(self._bars())
        self.types_title = heading("Where the time goes", 2)
        self.types = _table()
        box.addWidget(self.types_title)
        box.addWidget(self.types)
        box.addLayout(self._layers_head())
        self.layers_note = label(quiet=True)
        box.addWidget(self.layers_note)
        self.layers = RowsTable("Layer by layer", pair_columns("B"), _WIDTHS)
        self.layers.setMinimumHeight(420)
        box.addWidget(self.layers)
        box.addStretch(1)
        presenter.comparison_changed.connect(self._on_comparison_changed)

    def show_project(self, view: ProjectView) -> None:
        """Another project is selected, or something of it is new."""
        self._presenter.show_project(view.project.id)

    def _head(self) -> QHBoxLayout:
        self.title = heading("Compare projects", 7)
        self.export = button("Save as")
        menu = QMenu(self.export)
        for text, kind in _KINDS:
            menu.addAction(text).setData(kind)
        menu.triggered.connect(self._on_export_chosen)
        self.export.setMenu(menu)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.export)
        return head

    def _bars(self) -> QHBoxLayout:
        self.throughput = ValueBars("Throughput", PRECISIONS["int8"])
        self.latency = ValueBars("Latency", PRECISIONS["bf16"])
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for title, bars in (
            ("Throughput, FPS: median and quartiles", self.throughput),
            ("Latency, ms: median, quartiles of the rounds", self.latency),
        ):
            card = Card(title)
            card.box.addWidget(bars)
            card.box.addStretch(1)
            row.addWidget(card, 1)
        return row

    def _layers_head(self) -> QHBoxLayout:
        self.layers_title = heading("Layer by layer", 2)
        self.pair = QComboBox()
        self.pair.setMinimumHeight(FIELD_HEIGHT)
        self.pair.setAccessibleName("Which project's layers beside those of A")
        self.pair.activated.connect(self._show_pair)
        head = QHBoxLayout()
        head.addWidget(self.layers_title, 1)
        head.addWidget(self.pair)
        return head

    # Showing

    def _on_comparison_changed(self, view: CompareView) -> None:
        comparison = view.comparison
        self.setCurrentWidget(self.page if comparison else self.empty)
        if comparison is None:
            return
        self._show_pickers(view)
        self.sentences.setText("\n".join(comparison_sentences(comparison)))
        titles = [f"{letter}: {one.title}" for letter, one in _lettered(comparison.projects)]
        _fill(
            self.summary,
            ["", *titles],
            [
                [name, *("–" if value is None else str(value) for value in values)]
                for name, values in view.figures
                if name != "Run"  # the choice above says it
            ],
        )
        self._show_bars(comparison)
        self._show_types(comparison)
        names = [f"A and {chr(ord('A') + pair.place)}" for pair in comparison.pairs]
        self.pair.clear()
        self.pair.addItems(names)
        self.pair.setVisible(len(names) > 1)
        self._show_pair(0)

    def _show_pickers(self, view: CompareView) -> None:
        while len(self.pickers) > len(view.chosen):
            gone = self.pickers.pop()
            self.choice_rows.removeWidget(gone)
            gone.deleteLater()
        while len(self.pickers) < len(view.chosen):
            picker = RunPicker(len(self.pickers))
            picker.experiment_chosen.connect(self._presenter.choose)
            picker.removal_requested.connect(self._presenter.remove)
            self.pickers.append(picker)
            self.choice_rows.addWidget(picker)
        for picker, chosen in zip(self.pickers, view.chosen, strict=True):
            picker.show_choice(view.experiments, chosen, removable=len(view.chosen) > 2)
        self.more.setVisible(len(view.chosen) < min(MOST, len(view.experiments)))

    def _show_bars(self, comparison: ProjectComparison) -> None:
        throughput, latency = [], []
        for letter, one in _lettered(comparison.projects):
            if one.speed is None:
                continue
            name = f"{letter}: {one.speed.precision_executed}"
            fps, ms = one.speed.throughput_fps, one.speed.latency_ms
            throughput.append(
                ValueBar(name, fps.median, fps.low, fps.high, f"{fps.median:.1f} FPS")
            )
            spread = ms.p50_spread
            latency.append(ValueBar(name, ms.p50, spread.low, spread.high, f"{ms.p50:.2f} ms"))
        self.throughput.show_bars(throughput)
        self.latency.show_bars(latency)

    def _show_types(self, comparison: ProjectComparison) -> None:
        there = bool(comparison.types)
        self.types.setVisible(there)
        self.types_title.setText(
            "Where the time goes" if there else "Where the time goes: no layers timed yet"
        )
        titles = ["Type"]
        for letter, _ in _lettered(comparison.projects):
            titles += [f"{letter}: time, ms", f"{letter}: share", f"{letter}: layers"]
        rows = []
        for row in comparison.types:
            cells = [row.name]
            for one in row.sums:
                cells += (
                    ["–"] * 3
                    if one is None
                    else [
                        f"{one.time_ms:.2f}",
                        f"{one.share:.0%}",
                        sum_counts(one),
                    ]
                )
            rows.append(cells)
        _fill(self.types, titles, rows)

    def _show_pair(self, number: int) -> None:
        view = self._presenter.view
        pairs = view.comparison.pairs if view and view.comparison else ()
        there = number < len(pairs)
        self.layers.setVisible(there)
        if not there:
            self.layers_note.setText(
                "Time the layers of both, on the page Layers, to see them side by side."
            )
            return
        pair = pairs[number]
        note = "Layers that come from the same operations of the model."
        if not pair.in_turns:
            note += (
                " They were timed at different times: part of a difference may be the machine's."
            )
        self.layers_note.setText(note)
        self.layers.show_rows(pair.groups, pair_columns(chr(ord("A") + pair.place)))

    # Saving

    def _on_export_chosen(self) -> None:
        action = self.export.menu().activeAction()
        kind = str(action.data()) if action is not None else "html"
        start = str(Path.home() / f"compared-projects.{kind}")
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save the comparison", start, f"{kind.upper()} (*.{kind})"
        )
        if chosen:
            path = Path(chosen)
            self.save(path if path.suffix.lower() == f".{kind}" else path.with_name(
                f"{path.name}.{kind}"
            ))  # fmt: skip

    def save(self, path: Path) -> None:
        """Write the comparison; the ending says as what."""
        self._presenter.save(path)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.set_seen(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._presenter.set_seen(False)


def _lettered(projects: Sequence[ComparedProject]) -> list[tuple[str, ComparedProject]]:
    return [(chr(ord("A") + number), one) for number, one in enumerate(projects)]


def _table() -> WholeRowsView:
    table = WholeRowsView()
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return table


def _fill(table: WholeRowsView, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Fill the table, and make it as high as its rows."""
    model = PlainModel([PlainColumn(title) for title in titles], table)
    model.set_rows(rows)
    table.setModel(model)
    table.setSortingEnabled(False)
    table.header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
    table.fit_height()
