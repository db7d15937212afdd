"""A table whose rows are at hand: figures, classes, layers, reports."""

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
from app.kit.text import displayable, tooltip

Cell = str | int | float | None
_NOTHING = "–"


def ratio(value: Cell) -> str:
    """Three digits."""
    return f"{value:.3f}"


def ratio4(value: Cell) -> str:
    """Four digits, as statistics are published."""
    return f"{value:.4f}"


def change(value: Cell) -> str:
    """With its sign."""
    return f"{value:+z.4f}"


def short(value: Cell) -> str:
    """Three significant digits."""
    return f"{value:.3g}"


def counted(value: Cell) -> str:
    """A whole number."""
    return f"{value:,}"


def number(value: Cell) -> str:
    """A whole number as such, any other with four digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def signed(value: Cell) -> str:
    """A change of such a number."""
    return f"{value:+,}" if isinstance(value, int) else f"{value:+z.4f}"


@dataclass(frozen=True)
class PlainColumn:
    """One column; without `shown` it holds text. `meaning` is the header's tooltip."""

    title: str
    meaning: str = ""
    shown: Callable[[Cell], str] | None = None


class PlainModel(QAbstractTableModel):
    """Rows in the order given, until a header is clicked; what is missing sorts last."""

    def __init__(self, columns: Sequence[PlainColumn], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: Sequence[Sequence[Cell]] = ()
        self._keys: Sequence[Any] = ()
        self._order: list[int] = []
        self._sorted_by = -1
        self._descending = False

    def set_rows(self, rows: Sequence[Sequence[Cell]], keys: Sequence[Any] | None = None) -> None:
        """Show these; `keys` are what `UserRole` gives of each row, else its number."""
        self.beginResetModel()
        self._rows = rows
        self._keys = range(len(rows)) if keys is None else keys
        self._arrange()
        self.endResetModel()

    def key_at(self, row: int) -> Any:
        """The key of a row."""
        return self._keys[self._order[row]]

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        value = self._rows[self._order[index.row()]][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(value, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column.shown is None else RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(str(value or "")) if column.shown is None else None
        return self.key_at(index.row()) if role == Qt.ItemDataRole.UserRole else None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        return header(column.title, column.meaning, role, right=column.shown is not None)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        indexes = self.persistentIndexList()
        before = [self._order[index.row()] for index in indexes]
        self._arrange()
        places = {row: place for place, row in enumerate(self._order)}
        moved = [
            self.index(places[row], index.column())
            for row, index in zip(before, indexes, strict=True)
        ]
        self.changePersistentIndexList(indexes, moved)
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        self._order = list(range(len(self._rows)))
        column = self._sorted_by
        if not 0 <= column < len(self._columns):
            return
        text = self._columns[column].shown is None

        def value(row: int) -> Any:
            cell = self._rows[row][column]
            return str(cell).casefold() if text else cell

        known = [row for row in self._order if self._rows[row][column] is not None]
        unknown = [row for row in self._order if self._rows[row][column] is None]
        self._order = sorted(known, key=value, reverse=self._descending) + unknown


def _text(value: Cell, column: PlainColumn) -> str:
    if value is None:
        return _NOTHING
    return displayable(str(value)) if column.shown is None else column.shown(value)
