"""Rows of any kind as an item model that sorts and filters by making a list of places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QObject,
    Qt,
)

from app.kit.tables.cells import LEFT, NO_PARENT, RIGHT, Index, header
from app.kit.text import tooltip

_LONG = 20  # letters; longer texts may be cut, and have tooltips


@dataclass(frozen=True)
class RowColumn:
    """A column: its title, its meaning, and a row's value and text in it.

    `value` gets the row's place before sorting, and the row.
    """

    title: str
    meaning: str
    value: Callable[[int, Any], Any]
    text: Callable[[Any], str] = str
    right: bool = False


class RowsModel(QAbstractTableModel):
    """Shows rows without copying them."""

    def __init__(self, columns: Sequence[RowColumn], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: Sequence[Any] = ()
        self._chosen: list[int] = []  # what the filter leaves, in its own order
        self._shown: list[int] = []  # the same, in the order shown
        self._sorted_by = (0, Qt.SortOrder.AscendingOrder)

    def set_rows(self, rows: Sequence[Any], columns: Sequence[RowColumn] | None = None) -> None:
        """Show other rows, unfiltered; with other columns, if any are given."""
        self.beginResetModel()
        self._rows = rows
        self._columns = self._columns if columns is None else columns
        self._chosen = list(range(len(rows)))
        self._order()
        self.endResetModel()

    def choose(self, fits: Callable[[int, Any], bool]) -> None:
        """Show the rows that fit."""
        self.beginResetModel()
        self._chosen = [place for place, row in enumerate(self._rows) if fits(place, row)]
        self._order()
        self.endResetModel()

    def places(self) -> list[int]:
        """The rows shown, in the order shown."""
        return list(self._shown)

    def row_of(self, place: int) -> int | None:
        """Where a row is shown."""
        return self._shown.index(place) if place in self._shown else None

    def place(self, row: int) -> int:
        """Which row is shown there."""
        return self._shown[row]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._order()
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, place = self._columns[index.column()], self._shown[index.row()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        text = column.text(column.value(place, self._rows[place]))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(text) if len(text) > _LONG else None
        return text

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        return header(column.title, column.meaning, role, right=False)  # room for the arrow

    def _order(self) -> None:
        number, order = self._sorted_by
        column = self._columns[max(number, 0)]
        self._shown = sorted(
            self._chosen,
            key=lambda place: _comparable(column.value(place, self._rows[place])),
            reverse=order == Qt.SortOrder.DescendingOrder,
        )


def _comparable(value: Any) -> tuple[bool, Any]:
    """Text without regard to case; what is missing comes first."""
    if value is None:
        return False, 0
    return True, value.casefold() if isinstance(value, str) else value
