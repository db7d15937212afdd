"""A table view of layers: a click selects, headers sort."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.tables.layers_model import LayerColumn, LayersModel
from app.tables.report_view import WrappedHeader
from core.benchmark.profile import Profile

_WIDTHS = {"No.": 50, "Layer": 190, "Type": 150, "Time, ms": 84, "Share": 70, "Primitive": 170}
_SHORT_WIDTHS = {"No.": 46, "Layer": 116, "Type": 96, "Time, ms": 78, "Precision": 78}
_OTHER_WIDTH = 96


class LayersTable(QTableView):
    """Layers of one profile, in execution order until a header is clicked."""

    layer_chosen = Signal(object)  # place among the layers

    def __init__(self, columns: tuple[LayerColumn, ...], *, short: bool = False) -> None:
        super().__init__()
        self.rows = LayersModel(columns, self)
        self.setHorizontalHeader(WrappedHeader(self))
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Layers")
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        widths = {**_WIDTHS, **(_SHORT_WIDTHS if short else {})}
        for number, column in enumerate(columns):
            self.setColumnWidth(number, widths.get(column.title, _OTHER_WIDTH))
        self.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self._showing = False

    def show_profile(self, profile: Profile | None) -> None:
        """Show the layers of another profile."""
        self.rows.set_profile(profile)
        self.scrollToTop()

    def select(self, place: int | None) -> None:
        """Select a layer's row and scroll to it, without telling."""
        self._showing = True
        row = None if place is None else self.rows.row_of(place)
        if row is None:
            self.clearSelection()
            self.selectionModel().setCurrentIndex(
                QModelIndex(), QItemSelectionModel.SelectionFlag.Clear
            )
        else:
            self.selectRow(row)
            self.scrollTo(self.rows.index(row, 0))
        self._showing = False

    def _on_row_changed(self, current: QModelIndex) -> None:
        if not self._showing and current.isValid():
            self.layer_chosen.emit(self.rows.place(current.row()))
