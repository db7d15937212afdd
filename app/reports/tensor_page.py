"""The report on tensors: outputs, and the layers ranked by the error that they add."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.kit.signals import Sends
from app.kit.tables.columns import ratio, short
from app.kit.tables.plain_model import Cell, PlainColumn, PlainModel
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, heading, label
from app.reports.report_library import TensorView
from app.reports.report_view import ReportTableView
from core.metrics.tensors.tensor_distance import TensorDistance


def _decibel(value: Cell) -> str:
    return f"{value:.1f}"


_DISTANCES = (
    PlainColumn("Kind", "Type of the operation that makes it."),
    PlainColumn("Added", "The relative error, less the largest one among the layers that it is "
                "computed from: what the layer itself does.", ratio),
    PlainColumn("Relative error", "Root of the mean square difference, over the parent's root mean "
                "square.", ratio),
    PlainColumn("SNR, dB", "10 log10 of the parent's mean square over the mean square difference. "
                "A dash: equal.", _decibel),
    PlainColumn("MSE", "Mean square difference.", short),
    PlainColumn("Cosine", "Of the angle between the two tensors.", ratio),
    PlainColumn("Largest difference", "Between two values at one place.", short),
)  # fmt: skip
_LAYER_COLUMNS = (PlainColumn("Layer", "In the parent and in the optimized model."), *_DISTANCES)
_OUTPUT_COLUMNS = (
    PlainColumn("Output", "As it leaves the network; of an SSD, as it enters its NMS."),
    *_DISTANCES,
)


_KIND_WIDTH = 150


class TensorPage(QWidget):
    """Layers that add most error come first; the chosen ones can be kept in float."""

    keep_in_float_requested = Sends[tuple[str, ...]]()  # operations

    def __init__(self) -> None:
        super().__init__()
        self._view: TensorView | None = None
        self._layers: tuple[TensorDistance, ...] = ()
        self.told = label(quiet=True)
        self.outputs = ReportTableView()
        self._output_model = PlainModel(_OUTPUT_COLUMNS, self)
        self.outputs.setModel(self._output_model)
        self.layers = ReportTableView()
        self.layers.setSelectionMode(ReportTableView.SelectionMode.ExtendedSelection)
        self._layer_model = PlainModel(_LAYER_COLUMNS, self)
        self.layers.setModel(self._layer_model)
        self.layers.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.layers.row_activated.connect(self._on_layer_activated)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search a layer…")
        self.search.setAccessibleName("Search a layer")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(220)
        self.search.textChanged.connect(self._show_layers)
        self.keep = button("Keep in float", primary=True)
        self.keep.setToolTip("Add the chosen layers to what the next optimization leaves in float")
        self.keep.clicked.connect(self._on_keep_clicked)
        self.keep.setEnabled(False)
        for table in (self.outputs, self.layers):
            table.setColumnWidth(1, _KIND_WIDTH)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(heading("Layers that add most error", 1), 1)
        bar.addWidget(self.search)
        bar.addWidget(self.keep)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, 0, MARGIN, MARGIN)
        box.setSpacing(GAP - 4)
        box.addWidget(self.told)
        box.addWidget(heading("Outputs", 1))
        box.addWidget(self.outputs)
        box.addLayout(bar)
        box.addWidget(self.layers, 1)

    def show_report(self, view: TensorView) -> None:
        """Show a report."""
        self._view = view
        report = view.result.report
        self.told.setText(
            f"Both networks on {report.images:,} images of {view.result.dataset}, in true f32. "
            "Choose the layers that add most error, and keep them in float; double-click keeps one."
        )
        self._output_model.set_rows([_row(one.output, one) for one in report.outputs])
        lines = min(4, len(report.outputs))
        self.outputs.setFixedHeight(
            self.outputs.horizontalHeader().sizeHint().height()
            + lines * self.outputs.verticalHeader().defaultSectionSize()
            + 6
        )
        self._show_layers()

    def _show_layers(self) -> None:
        if self._view is None:
            return
        wanted = self.search.text().casefold()
        self._layers = tuple(
            one
            for one in self._view.result.report.layers
            if wanted in one.name.casefold() or wanted in one.kind.casefold()
        )
        self._layer_model.set_rows([_row(one.name, one) for one in self._layers], self._layers)
        self._on_selection_changed()

    def _chosen(self) -> list[TensorDistance]:
        rows = self.layers.selectionModel().selectedRows()
        return [self._layer_model.key_at(index.row()) for index in rows]

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


def _row(name: str, one: TensorDistance) -> Sequence[Cell]:
    return (
        name, one.kind, one.added_error, one.relative_error, one.snr_db, one.mse, one.cosine,
        one.max_abs,
    )  # fmt: skip
