"""The report on tensors: outputs, and the layers ranked by the error that they add."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.kit.boxes import across
from app.kit.fields import search_field
from app.kit.theme import GAP
from app.kit.widgets import button, heading, label
from app.reports.kind_page import KindPage
from app.reports.kind_presenter import KindPresenter, KindView
from app.reports.page_layout import fill_page
from app.reports.report_view import ReportTableView
from app.reports.typed_table import TypedTable
from core.metrics.tensors.tensor_distance import TensorDistance
from core.reports.kind import ViewState
from core.reports.tensors import (
    LAYER_COLUMNS,
    OUTPUT_COLUMNS,
    TensorsReport,
    layer_table,
    load_tensors,
)
from core.text import counted

_OUTPUTS = 4  # rows of them that are seen at once
_KIND, _MSE = 1, 5  # columns


class TensorsPresenter(KindPresenter):
    """Reads the report; there is nothing to be computed."""

    @staticmethod
    def read(folder: Path, state: ViewState) -> KindView:
        """The report in `folder` as it was looked at the last time."""
        return KindView(report=load_tensors(folder))


class TensorsPage(KindPage):
    """Layers that add most error come first; selected ones can be kept in float."""

    def __init__(self, presenter: KindPresenter) -> None:
        super().__init__(presenter)
        self._report: TensorsReport | None = None
        self.note = label(quiet=True)
        self.outputs = TypedTable("Outputs", OUTPUT_COLUMNS)
        self.layers = TypedTable("Layers", LAYER_COLUMNS)
        self.layers.setSelectionMode(ReportTableView.SelectionMode.ExtendedSelection)
        self.layers.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.layers.row_activated.connect(self._on_layer_activated)
        self.search = search_field("Search layers", "Search layers…")
        self.search.setFixedWidth(220)
        self.search.textChanged.connect(self._show_layers)
        self.keep = button("Keep in float", primary=True)
        self.keep.setToolTip("Add the selected layers to the ignored scope of the next plan")
        self.keep.clicked.connect(self._on_keep_clicked)
        self.keep.setEnabled(False)
        for table in (self.outputs, self.layers):
            table.setColumnWidth(_KIND, 136)
            table.setColumnWidth(_MSE, 88)  # such as 1.23e-05
        bar = across(
            (heading("Layers that add most error", 1), 1), self.search, self.keep, spacing=GAP
        )
        fill_page(
            self,
            self.note,
            heading("Outputs", 1),
            self.outputs,
            bar,
            (self.layers, 1),
        )

    def show_report(self, view: KindView | None) -> None:
        """Show a report, or none."""
        self._report = report = view.report if view is not None else None
        if report is None:
            return
        found = report.result.report
        self.note.setText(
            f"Both networks on {counted(found.images, 'image')} of {report.result.dataset}. "
            "Select the layers that add most error to keep them in float; double-click keeps one."
        )
        self.outputs.show_table(report.outputs)
        self.outputs.fit_height(_OUTPUTS)
        self._show_layers()

    def _show_layers(self) -> None:
        if self._report is None:
            return
        wanted = self.search.text().casefold()
        found = self._report.result.report
        layers = tuple(
            one
            for one in found.layers
            if wanted in one.name.casefold() or wanted in one.kind.casefold()
        )
        self.layers.show_table(layer_table(layers), layers)
        self._on_selection_changed()

    def _chosen(self) -> list[TensorDistance]:
        rows = self.layers.selectionModel().selectedRows()
        return [self.layers.rows.key_at(index.row()) for index in rows]

    def _on_selection_changed(self) -> None:
        count = len(self._chosen())
        self.keep.setEnabled(count > 0)
        self.keep.setText(f"Keep {count} layers in float" if count > 1 else "Keep in float")

    def _on_keep_clicked(self) -> None:
        self._request(self._chosen())

    def _on_layer_activated(self, layer: TensorDistance) -> None:
        self._request([layer])

    def _request(self, layers: Sequence[TensorDistance]) -> None:
        names = tuple(dict.fromkeys(name for one in layers for name in one.operations))
        if names:
            self.keep_in_float_requested.emit(names)
