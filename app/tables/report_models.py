"""The two tables of the comparison report, as item models over its arrays.

Rows are never copied into Python objects: the models hold the report's columns and one array of
row numbers, in the order shown. Sorting and filtering make a new array.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app.tables.columns import CLASS_COLUMNS, IMAGE_COLUMNS, Column, Kind
from app.tables.names import Names
from app.text import tooltip
from core.accuracy.comparison import Comparison

Whole = NDArray[np.int64]
Index = QModelIndex | QPersistentModelIndex

NO_COLUMN = -1
_NO_PARENT = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _none() -> Whole:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The columns of a report.

    Attributes:
        values: one array ``[R]`` a column; of a column of names, indices into its `names`.
        names: by column.
        images: int64 ``[R]``, which image each row is about.
        keys: int64 ``[R]``, the same in every report for the same row.
        worst_first: int64 ``[R]``, row numbers in the report's own order.
    """

    values: tuple[NDArray[Any], ...] = ()
    names: dict[int, Names] = field(default_factory=lambda: {0: Names()})
    images: Whole = field(default_factory=_none)
    keys: Whole = field(default_factory=_none)
    worst_first: Whole = field(default_factory=_none)


class ReportModel(QAbstractTableModel):
    """What both tables share.

    `sort(-1)` is the report's own order, worst first, which holds until a column is chosen.
    `sort` of a view that was told ``setSortingEnabled(True)`` chooses the first column at once:
    set its header's sort indicator to -1 before (`ReportTableView` does).
    """

    def __init__(self, columns: tuple[Column, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows = _Rows()
        self._order = _none()  # numbers of the rows shown, from the top
        self._sorted_by = NO_COLUMN
        self._sort_order = Qt.SortOrder.AscendingOrder
        self._filter = ""

    # What a report asks

    def set_rows(self, comparison: Comparison | None) -> None:
        """Show another comparison, or none. Sorting and filter stay.

        Selected rows stay selected while the number of rows shown stays, as it does in the
        table of images when a threshold moves.
        """
        self._show(_Rows() if comparison is None else self._rows_of(comparison))

    def set_name_filter(self, text: str) -> None:
        """Only images whose name contains `text`, whatever the case; empty: all."""
        if text != self._filter:
            self._filter = text
            self._show(self._rows)

    def image_at(self, row: int) -> int:
        """Index, in the comparison's tables, of the image that this row is about."""
        return int(self._rows.images[self._order[row]])

    def row_of_image(self, image: int) -> int:
        """The first row about this image, or -1 where none is shown."""
        found = np.flatnonzero(self._rows.images[self._order] == image)
        return int(found[0]) if len(found) else -1

    def shown_images(self) -> Whole:
        """Every image that has a row, once each, in the order of the rows."""
        images = self._rows.images[self._order]
        _, first = np.unique(images, return_index=True)
        return images[np.sort(first)]

    # What Qt asks

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = int(self._order[index.row()]), index.column()
        kind = self._columns[column].kind
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if kind is Kind.NAME else _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self._text(row, column)) if kind is Kind.NAME else None
        if role == Qt.ItemDataRole.UserRole:
            return int(self._rows.images[row])
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(column.meaning)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = _LEFT if column.kind is Kind.NAME else _RIGHT
            return side.value | Qt.TextFlag.TextWordWrap.value
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by, self._sort_order = column, order
        self._show(self._rows)

    # How

    def _rows_of(self, comparison: Comparison) -> _Rows:
        raise NotImplementedError

    def _names(self, column: int, names: tuple[str, ...]) -> Names:
        """The names shown before where they are the same, so that their alphabet is kept."""
        before = self._rows.names.get(column)
        return before if before is not None and before.original == names else Names(names)

    def _text(self, row: int, column: int) -> str:
        value = self._rows.values[column][row]
        kind = self._columns[column].kind
        if kind is Kind.NAME:
            return self._rows.names[column][int(value)]
        return f"{value:.3f}" if kind is Kind.RATIO else str(value)

    def _show(self, rows: _Rows) -> None:
        """Put these rows in order; selection and current row follow their rows if they can."""
        order = self._ordered(rows)
        if len(order) != len(self._order) or rows.names[0] is not self._rows.names[0]:
            self.beginResetModel()
            self._rows, self._order = rows, order
            self.endResetModel()
            return
        self.layoutAboutToBeChanged.emit()
        indexes = self.persistentIndexList()
        before = self._rows.keys[self._order]
        self._rows, self._order = rows, order
        self.changePersistentIndexList(indexes, self._moved(indexes, before))
        self.layoutChanged.emit()

    def _moved(self, indexes: list[QModelIndex], before: Whole) -> list[QModelIndex]:
        """Where the rows of these indexes are now; `before` are the keys as they were shown."""
        if not indexes:
            return []
        keys = self._rows.keys[self._order]
        by_key = np.argsort(keys, kind="stable")
        wanted = before[[index.row() for index in indexes]]
        places = np.minimum(np.searchsorted(keys, wanted, sorter=by_key), len(keys) - 1)
        rows = by_key[places]
        found = keys[rows] == wanted
        return [
            self.index(int(row), index.column()) if there else QModelIndex()
            for index, row, there in zip(indexes, rows, found, strict=True)
        ]

    def _ordered(self, rows: _Rows) -> Whole:
        order = rows.worst_first
        if not rows.values:
            return order
        if self._filter:
            order = order[rows.names[0].containing(self._filter)[rows.images[order]]]
        if not 0 <= self._sorted_by < len(self._columns):
            return order
        values = rows.values[self._sorted_by][order]
        kind = self._columns[self._sorted_by].kind
        if kind is Kind.NAME:
            values = rows.names[self._sorted_by].ranks[values]
        elif kind is Kind.RATIO:
            values = np.round(values, 6)  # 1.000 and 0.99999999999 are equal to a reader
        if self._sort_order == Qt.SortOrder.DescendingOrder:
            values = -values
        return order[np.argsort(values, kind="stable")]  # equal ones stay worst first


class ImageRowsModel(ReportModel):
    """Basic mode: one row an image."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(IMAGE_COLUMNS, parent)

    def _rows_of(self, comparison: Comparison) -> _Rows:
        rows = comparison.images
        return _Rows(
            (
                rows.image,
                rows.optimized,
                rows.parent,
                rows.matches,
                rows.missed,
                rows.extra,
                rows.class_changed,
            ),
            {0: self._names(0, comparison.parent.image_names)},
            rows.image,
            rows.image,
            np.arange(len(rows.image)),
        )


class ClassRowsModel(ReportModel):
    """Advanced mode: one row an image and class."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(CLASS_COLUMNS, parent)

    def class_at(self, row: int) -> int:
        """Class id that this row is about."""
        return int(self._rows.values[1][self._order[row]])

    def _rows_of(self, comparison: Comparison) -> _Rows:
        rows, classes = comparison.classes, comparison.parent.class_names
        changes = rows.missed + rows.extra + rows.class_changed
        return _Rows(
            (
                rows.image,
                rows.class_id,
                rows.optimized,
                rows.parent,
                rows.matches,
                rows.precision,
                rows.average_precision,
                rows.missed,
                rows.extra,
                rows.class_changed,
            ),
            {0: self._names(0, comparison.parent.image_names), 1: self._names(1, classes)},
            rows.image,
            rows.image * max(1, len(classes)) + rows.class_id,
            np.argsort(-changes, kind="stable"),
        )
