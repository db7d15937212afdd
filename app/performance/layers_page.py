"""Layers: where the time of an inference goes, what that means, and every layer in a table."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.kit.page import Page
from app.kit.signals import Sends
from app.kit.tables.rows_table import RowsTable
from app.kit.text import displayable
from app.kit.theme import FIELD_HEIGHT, GAP, MARGIN
from app.kit.widgets import Card, EmptyState, button, heading, label
from app.performance.graph.legend import ColourLegend
from app.performance.graph.sum_bars import SumBars
from app.performance.layers_model import LAYER_WIDTHS, layer_columns, layer_contains
from app.performance.layers_presenter import LayersPresenter, LayersView
from app.project_views import ProjectView
from core.profiling.bottlenecks import Bottleneck
from core.profiling.findings import Finding, layers_of
from core.wording.profiling import finding_sentence, precision_changes

ANY_TYPE, ANY_PRECISION = "Every type", "Every precision"


class LayersPage(QStackedWidget):
    """Advice and sums on the left, the table on the right."""

    profile_requested = Signal()
    keep_in_float_requested = Sends[tuple[str, ...]]()  # original operations
    layer_opened = Sends[int]()  # place among the layers: to be shown in the graph

    def __init__(self, presenter: LayersPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._among: frozenset[int] | None = None
        self.empty = EmptyState(
            "Layers not timed yet",
            "A run of its own times every layer of the executed graph: parent in true f32 and by "
            "default, and the optimized model, in turns. It tells which layers run in which "
            "precision, what each takes, and which of them keep INT8 from being faster.",
            "Time the layers",
        )
        self.empty.action.clicked.connect(self.profile_requested)
        self.whole = QWidget()
        self.addWidget(self.empty)
        self.addWidget(self.whole)
        box = QVBoxLayout(self.whole)
        box.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, MARGIN - 4)
        box.setSpacing(GAP)
        box.addLayout(self._head())
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._summary())
        splitter.addWidget(self._details())
        splitter.setStretchFactor(0, 4)
        splitter.setStretchFactor(1, 6)
        splitter.setSizes([440, 620])
        box.addWidget(splitter, 1)
        self.note = label(quiet=True, selectable=True)
        box.addWidget(self.note)
        presenter.profile_changed.connect(self._on_profile_changed)
        presenter.layer_selected.connect(self.table.select)

    def show_project(self, view: ProjectView) -> None:
        """Show the newest profile of this project, or how to get one."""
        self.empty.action.setVisible(view.ready)
        self.title.setText(f"Layers of {view.title}")
        self._presenter.show_project(view.project)

    def _head(self) -> QHBoxLayout:
        self.title = heading(points_more=4)
        self.title.setWordWrap(False)
        self.runs = QComboBox()
        self.runs.setMinimumHeight(FIELD_HEIGHT)
        self.runs.setAccessibleName("Which model at which precision")
        self.runs.activated.connect(self._presenter.choose_profile)
        self.again = button("Time again")
        self.again.clicked.connect(self.profile_requested)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.runs)
        head.addWidget(self.again)
        return head

    def _summary(self) -> Page:
        self.advice = Card("What the layers say")
        self.advice_rows = QVBoxLayout()
        self.advice_rows.setSpacing(GAP)
        self.advice.box.addLayout(self.advice_rows)
        self.types = SumBars()
        self.types.bar_clicked.connect(self._on_type_clicked)
        self.precisions = SumBars()
        self.precisions.bar_clicked.connect(self._on_precision_clicked)
        self.legend = ColourLegend()
        by_type, by_precision = Card("Time by type"), Card("Time by precision")
        by_type.box.addWidget(self.types)
        by_type.box.addWidget(self.legend)
        by_precision.box.addWidget(self.precisions)
        self.changes = label(quiet=True, selectable=True)
        by_precision.box.addWidget(self.changes)
        page = Page()
        page.box.setContentsMargins(0, 0, GAP, 0)
        for card in (by_type, self.advice, by_precision):
            page.box.addWidget(card)
        page.box.addStretch(1)
        return page

    def _details(self) -> QWidget:
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by name, type or kernel")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.type_choice, self.precision_choice = QComboBox(), QComboBox()
        for choice, name in ((self.type_choice, "Type"), (self.precision_choice, "Precision")):
            choice.setMinimumHeight(FIELD_HEIGHT)
            choice.setAccessibleName(name)
            choice.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            choice.setMinimumContentsLength(11)
            choice.currentTextChanged.connect(self._on_filter_changed)
        self.everything = button("Show all", flat=True)
        self.everything.clicked.connect(self.show_all)
        self.everything.hide()
        self.csv = button("Save CSV…")
        self.csv.clicked.connect(self._on_csv_clicked)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.filter, 1)
        for widget in (self.type_choice, self.precision_choice, self.everything, self.csv):
            bar.addWidget(widget)
        self.table = RowsTable("Layers", layer_columns(None), LAYER_WIDTHS)
        self.table.row_chosen.connect(self._presenter.select_layer)
        self.table.row_activated.connect(self._on_row_opened)
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(GAP, 0, 0, 0)
        box.setSpacing(GAP)
        box.addLayout(bar)
        box.addWidget(self.table, 1)
        return side

    def show_layers(self, places: tuple[int, ...]) -> None:
        """Only these layers, the slowest first."""
        self._among = frozenset(places)
        self._clear_filters()
        self._on_filter_changed()
        self.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)

    def show_all(self) -> None:
        """No filter."""
        self._among = None
        self._clear_filters()
        self._on_filter_changed()

    def save_csv(self, path: Path) -> None:
        """Write the layers shown, in the order shown."""
        self._presenter.save_csv(path, self.table.rows.places())

    def _on_profile_changed(self, view: LayersView | None) -> None:
        self.setCurrentWidget(self.empty if view is None else self.whole)
        if view is None:
            return
        self.runs.clear()
        self.runs.addItems([displayable(title) for title in view.titles])
        self.runs.setCurrentIndex(view.chosen)
        self._show_advice(view)
        self.types.show_sums(view.by_type)
        self.precisions.show_sums(view.by_precision)
        self.legend.show_precisions([one.name for one in view.by_precision])
        self.changes.setText("\n".join(precision_changes(view.profile)))
        self.table.show_rows(view.profile.layers, layer_columns(view.profile))
        self._among = None
        self._fill(self.type_choice, ANY_TYPE, [one.name for one in view.by_type])
        self._fill(self.precision_choice, ANY_PRECISION, [one.name for one in view.by_precision])
        self._clear_filters()
        self._on_filter_changed()
        profile, machine = view.profile, view.result.machine
        threads = f"{profile.threads} threads, " if profile.threads else ""
        self.note.setText(
            f"{len(profile.layers)} layers, {profile.layers_ms:.2f} ms in them, of "
            f"{profile.latency_ms.median:.2f} ms for one inference while they are timed. "
            f"{machine.device_name} ({machine.device}), {threads}"
            f"{view.result.rounds} rounds in turns, OpenVINO {machine.openvino}, started "
            f"{view.result.started}."
        )

    def _show_advice(self, view: LayersView) -> None:
        while (item := self.advice_rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for one in view.findings:
            row = AdviceRow(one)
            row.layers_requested.connect(self.show_layers)
            row.keep_requested.connect(self._on_keep_requested)
            self.advice_rows.addWidget(row)

    @staticmethod
    def _fill(choice: QComboBox, every: str, names: list[str]) -> None:
        choice.blockSignals(True)
        choice.clear()
        choice.addItems([every, *names])
        choice.blockSignals(False)

    def _clear_filters(self) -> None:
        for widget in (self.filter, self.type_choice, self.precision_choice):
            widget.blockSignals(True)
        self.filter.clear()
        self.type_choice.setCurrentIndex(0)
        self.precision_choice.setCurrentIndex(0)
        for widget in (self.filter, self.type_choice, self.precision_choice):
            widget.blockSignals(False)

    def _on_filter_changed(self) -> None:
        text = self.filter.text().casefold()
        kind, precision = self.type_choice.currentText(), self.precision_choice.currentText()
        kind = "" if kind == ANY_TYPE else kind
        precision = "" if precision == ANY_PRECISION else precision
        among = self._among
        self.table.choose(
            lambda place, layer: (
                (among is None or place in among)
                and (not kind or layer.what == kind)
                and (not precision or layer.precision == precision)
                and (not text or layer_contains(layer, text))
            )
        )
        self.everything.setVisible(bool(text or kind or precision) or among is not None)

    def _on_type_clicked(self, name: str) -> None:
        self._among = None
        self.type_choice.setCurrentText(name)
        self._on_filter_changed()

    def _on_precision_clicked(self, name: str) -> None:
        self._among = None
        self.precision_choice.setCurrentText(name)
        self._on_filter_changed()

    def _on_keep_requested(self, places: tuple[int, ...]) -> None:
        view = self._presenter.view
        if view is not None:
            names = [name for place in places for name in view.operations_to_keep(place)]
            self.keep_in_float_requested.emit(tuple(dict.fromkeys(names)))

    def _on_row_opened(self) -> None:
        if self._presenter.selected is not None:
            self.layer_opened.emit(self._presenter.selected)

    def _on_csv_clicked(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save the layers", str(Path.home() / "layers.csv"), "CSV (*.csv)"
        )
        if chosen:
            self.save_csv(Path(chosen))


class AdviceRow(QWidget):
    """A sentence, and buttons for its layers."""

    layers_requested = Sends[tuple[int, ...]]()  # places among the layers
    keep_requested = Sends[tuple[int, ...]]()  # the same

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._places = layers_of(finding)
        them = "it" if len(self._places) == 1 else "them"
        self.show_them = button(f"Show {them}", flat=True)
        self.show_them.clicked.connect(self._on_show_clicked)
        self.keep_them = button(f"Keep {them} in float", flat=True)
        self.keep_them.clicked.connect(self._on_keep_clicked)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self.show_them)
        if isinstance(finding, Bottleneck) and finding.keep_in_float:
            buttons.addWidget(self.keep_them)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(label(finding_sentence(finding), selectable=True))
        if self._places:
            column.addLayout(buttons)

    def _on_show_clicked(self) -> None:
        self.layers_requested.emit(self._places)

    def _on_keep_clicked(self) -> None:
        self.keep_requested.emit(self._places)
