"""A table view of rows: a click selects, headers sort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt

from app.kit.signals import Sends
from app.kit.tables.rows_model import RowColumn, RowsModel
from app.kit.tables.whole_rows import WholeRowsView

_WIDTHS = {"No.": 50, "Layer": 190, "Type": 150, "Time, ms": 84, "Share": 70, "Primitive": 170}
_OTHER_WIDTH = 96


class RowsTable(WholeRowsView):
    """Whole rows, in their own order until a header is clicked."""

    row_chosen = Sends[int]()  # place of the row before sorting

    def __init__(
        self, name: str, columns: Sequence[RowColumn], widths: Mapping[str, int] | None = None
    ) -> None:
        """`widths` are those of columns that are not as wide as usual, by title."""
        super().__init__()
        self.rows = RowsModel(columns, self)
        self._showing = False
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.horizontalHeader().setStretchLastSection(True)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        wanted = {**_WIDTHS, **(widths or {})}
        for number, column in enumerate(columns):
            self.setColumnWidth(number, wanted.get(column.title, _OTHER_WIDTH))
        self.selectionModel().currentRowChanged.connect(self._on_row_changed)

    def show_rows(self, rows: Sequence[Any], columns: Sequence[RowColumn]) -> None:
        """Show other rows; the columns are as many as before."""
        self.rows.set_rows(rows, columns)
        self.scrollToTop()

    def select(self, place: int | None) -> None:
        """Select a row and scroll to it, without telling."""
        self._showing = True
        row = None if place is None else self.rows.row_of(place)
        if row is None:
            self.selectionModel().setCurrentIndex(
                QModelIndex(), QItemSelectionModel.SelectionFlag.Clear
            )
        else:
            self.selectRow(row)
            self.scrollTo(self.rows.index(row, 0))
        self._showing = False

    def _on_row_changed(self, current: QModelIndex) -> None:
        if not self._showing and current.isValid():
            self.row_chosen.emit(self.rows.place(current.row()))
