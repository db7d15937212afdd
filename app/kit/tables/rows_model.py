"""Rows of any kind as an item model that sorts and filters by making a list of places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from app.kit.tables.cells import LEFT, NO_PARENT, RIGHT, Index, header
from app.kit.tables.columns import Column
from app.kit.text import displayable, tooltip

_LONG = 20  # letters; longer texts may be cut, and have tooltips
_Role = Qt.ItemDataRole


class RowsModel(QAbstractTableModel):
    """Shows rows without copying them, in the order given until a column is chosen.

    A row's *place* is that in the order given, its *row* that in the order shown. What is missing
    sorts last either way. `UserRole` gives the row itself, or its key.
    """

    def __init__(self, columns: Sequence[Column[Any]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: Sequence[Any] = ()
        self._keys: Sequence[Any] = ()
        self._chosen: list[int] = []  # places that the filter leaves, in the order given
        self._shown: list[int] = []  # the same, in the order shown
        self._sorted_by = (-1, False)

    # What is shown

    def set_rows(
        self,
        rows: Sequence[Any],
        keys: Sequence[Any] | None = None,
        columns: Sequence[Column[Any]] | None = None,
    ) -> None:
        """Show other rows, unfiltered; with other columns, if any are given."""
        self.beginResetModel()
        self._rows, self._keys = rows, rows if keys is None else keys
        self._columns = self._columns if columns is None else tuple(columns)
        self._chosen = list(range(len(rows)))
        self._order()
        self.endResetModel()

    def update_rows(
        self, rows: Sequence[Any], columns: Sequence[Column[Any]] | None = None
    ) -> None:
        """Show what became of the rows, each in its place, and those that came after them.

        Nothing is sorted anew until a header is clicked; selection and scrolling stay.
        """
        before = len(self._rows)
        if len(rows) < before:
            self.set_rows(rows, columns=columns)
            return
        self._columns = self._columns if columns is None else tuple(columns)
        new = list(range(before, len(rows)))
        first = len(self._shown)
        if new:
            self.beginInsertRows(NO_PARENT, first, first + len(new) - 1)
        self._rows = self._keys = rows
        self._chosen += new
        self._shown += new
        if new:
            self.endInsertRows()
        if first:
            self.dataChanged.emit(self.index(0, 0), self.index(first - 1, len(self._columns) - 1))

    def choose(self, fits: Callable[[int, Any], bool]) -> None:
        """Show the rows that fit; `fits` gets a row's place and the row."""
        self.beginResetModel()
        self._chosen = [place for place, row in enumerate(self._rows) if fits(place, row)]
        self._order()
        self.endResetModel()

    # What there is

    @property
    def all_rows(self) -> Sequence[Any]:
        """All of them, in the order given."""
        return self._rows

    def places(self) -> list[int]:
        """The rows shown, in the order shown."""
        return list(self._shown)

    def shown_rows(self) -> tuple[Any, ...]:
        """The rows themselves, in the order shown."""
        return tuple(self._rows[place] for place in self._shown)

    def row_of(self, place: int) -> int | None:
        """Where a row is shown."""
        return self._shown.index(place) if place in self._shown else None

    def place(self, row: int) -> int:
        """Which row is shown there."""
        return self._shown[row]

    def row_at(self, row: int) -> Any:
        """The row that is shown there."""
        return self._rows[self._shown[row]]

    def key_at(self, row: int) -> Any:
        """The key of the row that is shown there."""
        return self._keys[self._shown[row]]

    # What Qt asks

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if not index.isValid():
            return flags
        column = self._columns[index.column()]
        if column.change is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags if column.check is None else flags | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, place = self._columns[index.column()], self._shown[index.row()]
        row = self._rows[place]
        if role in column.roles:
            return column.roles[role](row)
        if role == _Role.DisplayRole:
            return displayable(column.text_of(place, row))
        if role == _Role.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        if role == _Role.ToolTipRole:
            return _hint(column, place, row)
        return self._keys[place] if role == _Role.UserRole else None

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        if not index.isValid():
            return False
        column, row = self._columns[index.column()], self.row_at(index.row())
        if role == _Role.EditRole and column.change is not None:
            column.change(row, value)
        elif role == _Role.CheckStateRole and column.check is not None:
            column.check(row, Qt.CheckState(value) == Qt.CheckState.Checked)
        else:
            return False
        self.dataChanged.emit(index, index, [role])
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        return header(column.title, column.meaning, role, right=column.right)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by = (column, order == Qt.SortOrder.DescendingOrder)
        self.layoutAboutToBeChanged.emit()
        indexes = self.persistentIndexList()
        before = [self._shown[index.row()] for index in indexes]
        self._order()
        rows = {place: row for row, place in enumerate(self._shown)}
        moved = [
            self.index(rows[place], index.column())
            for place, index in zip(before, indexes, strict=True)
        ]
        self.changePersistentIndexList(indexes, moved)
        self.layoutChanged.emit()

    def _order(self) -> None:
        self._shown = list(self._chosen)
        number, descending = self._sorted_by
        if not 0 <= number < len(self._columns):
            return
        column = self._columns[number]
        keys = {place: column.key_of(place, self._rows[place]) for place in self._chosen}
        known = [place for place in self._chosen if keys[place] is not None]
        unknown = [place for place in self._chosen if keys[place] is None]
        self._shown = sorted(known, key=keys.__getitem__, reverse=descending) + unknown


def _hint(column: Column[Any], place: int, row: Any) -> str | None:
    if column.hint is not None:
        return tooltip(column.hint(row))
    text = column.text_of(place, row)
    return tooltip(text) if not column.right and len(text) > _LONG else None
