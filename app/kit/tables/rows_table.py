"""A table of rows of any kind: a click selects, headers sort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex

from app.kit.signals import Sends
from app.kit.tables.columns import Column
from app.kit.tables.rows_model import RowsModel
from app.kit.tables.whole_rows import WholeRowsView

_OTHER_WIDTH = 96
_Flag = QItemSelectionModel.SelectionFlag


class RowsTable(WholeRowsView):
    """Whole rows; *places* are those of the rows before sorting.

    What the program selects is not told by the signals.
    """

    row_chosen = Sends[int]()  # its place
    rows_chosen = Sends[tuple[int, ...]]()  # the places of all that are selected

    def __init__(
        self, name: str, columns: Sequence[Column[Any]], widths: Mapping[str, int] | None = None
    ) -> None:
        """`widths` are those of columns that are not as wide as usual, by title."""
        super().__init__()
        self.rows = RowsModel(columns, self)
        self._showing = False
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.header.setStretchLastSection(True)
        for number, column in enumerate(columns):
            self.setColumnWidth(number, (widths or {}).get(column.title, _OTHER_WIDTH))
        self.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def show_rows(self, rows: Sequence[Any], columns: Sequence[Column[Any]] | None = None) -> None:
        """Show other rows, none of them selected; the columns are as many as before."""
        with self._silently():
            self.rows.set_rows(rows, columns=columns)
        self.scrollToTop()

    def choose(self, fits: Callable[[int, Any], bool]) -> None:
        """Show the rows that fit; `fits` gets a row's place and the row."""
        current = self.current_place
        with self._silently():
            self.rows.choose(fits)
        self.select(current)

    @property
    def current_place(self) -> int | None:
        """The row that is current."""
        index = self.currentIndex()
        return self.rows.place(index.row()) if index.isValid() else None

    @property
    def current_row(self) -> Any:
        """The same as what was given, or None."""
        place = self.current_place
        return None if place is None else self.rows.all_rows[place]

    @property
    def selected_places(self) -> tuple[int, ...]:
        """The rows that are selected."""
        rows = self.selectionModel().selectedRows()
        return tuple(sorted(self.rows.place(index.row()) for index in rows))

    def select(self, place: int | None) -> None:
        """Select a row and bring it into view, or none."""
        row = None if place is None else self.rows.row_of(place)
        with self._silently():
            if row is None:
                self.selectionModel().setCurrentIndex(QModelIndex(), _Flag.Clear)
            else:
                self.selectRow(row)
                self.scrollTo(self.rows.index(row, 0))

    def select_all(self, places: Iterable[int]) -> None:
        """Select these rows."""
        chosen = QItemSelection()
        for place in places:
            row = self.rows.row_of(place)
            if row is not None:
                index = self.rows.index(row, 0)
                chosen.select(index, index)
        with self._silently():
            self.selectionModel().select(chosen, _Flag.ClearAndSelect | _Flag.Rows)

    @contextmanager
    def _silently(self) -> Iterator[None]:
        self._showing = True
        try:
            yield
        finally:
            self._showing = False

    def _on_row_changed(self, current: QModelIndex) -> None:
        if not self._showing and current.isValid():
            self.row_chosen.emit(self.rows.place(current.row()))

    def _on_selection_changed(self) -> None:
        if not self._showing:
            self.rows_chosen.emit(self.selected_places)
