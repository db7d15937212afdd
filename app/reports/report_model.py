"""What the tables of a comparison share: an item model over its arrays.

Rows are never copied into Python objects: the models hold the report's columns and one array of
row numbers, in the order shown. Sorting and filtering make a new array.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    Qt,
)

from app.kit.tables.cells import LEFT, NO_PARENT, RIGHT, Index, header
from app.kit.text import tooltip
from app.reports.arranging import Arrangement, Choose, Rows, Whole, no_rows, ordered
from app.reports.typed_table import folded
from app.workers.computer import Computer
from core.documents.tables import Column, shown
from core.reports.filters import AnyComparison, RowFilter, image_mask


class ReportModel(QAbstractTableModel):
    """What both tables share.

    `sort(-1)` is the report's own order, worst first, which holds until a column is chosen.
    `sort` of a view that was told ``setSortingEnabled(True)`` chooses the first column at once:
    set its header's sort indicator to -1 before (`ReportTableView` does).

    With a `computer`, large tables are put in order in its thread; the rows before are shown until
    that is done.
    """

    _mask: Choose = staticmethod(image_mask)  # which rows a filter chooses

    def __init__(
        self,
        columns: tuple[Column, ...],
        parent: QObject | None = None,
        computer: Computer | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._computer = computer
        self._rows = Rows()
        self._order = no_rows()  # numbers of the rows shown, from the top
        self._wanted = Arrangement()
        self._comparison: AnyComparison | None = None
        self._now = True

    # What a report asks

    def set_rows(
        self,
        comparison: AnyComparison | None,
        chosen: RowFilter | None = None,
        *,
        now: bool = True,
    ) -> None:
        """Show another comparison, or none; `chosen` is the filter, if it is another one.

        Sorting stays. Selected rows stay selected while the number of rows shown stays, as it
        does in the table of images when a threshold moves. `now`: before this returns.
        """
        self._comparison, self._now = comparison, now
        if chosen is not None:
            self._wanted = replace(self._wanted, chosen=chosen)
        self._arrange()

    def forget_rows(self) -> None:
        """Hold the report no longer; the names stay, which the next one may have too."""
        self.beginResetModel()
        self._comparison = None
        self._rows, self._order = Rows(names=self._rows.names), no_rows()
        self.endResetModel()

    def set_filter(self, chosen: RowFilter) -> None:
        """Show these rows alone."""
        if chosen != self._wanted.chosen:
            self._wanted = replace(self._wanted, chosen=chosen)
            self._arrange()

    @property
    def all_rows(self) -> int:
        """How many rows there are without a filter."""
        return len(self._rows.worst_first)

    def image_at(self, row: int) -> int:
        """Index, in the comparison's tables, of the image that this row is about."""
        return int(self._rows.images[self._order[row]])

    def image_name_at(self, row: int) -> str:
        """The name of the image that this row is about, below the dataset's folder."""
        return self._rows.names[0][int(self._rows.values[0][self._order[row]])]

    def row_of_image(self, image: int, class_id: int | None = None) -> int:
        """The first row about this image, or -1 where none is shown.

        Where rows are about classes, that of this class if there is one.
        """
        found = np.flatnonzero(self._rows.images[self._order] == image)
        if not len(found):
            return -1
        return self._row_of_class(found, class_id)

    def _row_of_class(self, rows: Whole, class_id: int | None) -> int:
        return int(rows[0])

    def shown_images(self) -> Whole:
        """Every image that has a row, once each, in the order of the rows."""
        images = self._rows.images[self._order]
        if not len(images):
            return images
        first = np.full(int(images.max()) + 1, -1, np.int64)
        first[images[::-1]] = np.arange(len(images) - 1, -1, -1)  # the last one written is first
        return images[np.sort(first[first >= 0])]

    # What Qt asks

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = int(self._order[index.row()]), index.column()
        text = self._columns[column].form == "text"
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if text else RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self._text(row, column)) if text else None
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
        return header(column.title, folded(column.meaning), role, right=column.form != "text")

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        descending = order == Qt.SortOrder.DescendingOrder
        self._wanted = replace(self._wanted, column=column, descending=descending)
        self._arrange()

    @property
    def in_order(self) -> str:
        """In which order the rows stand, as it follows their number in a sentence."""
        column = self._wanted.column
        if not 0 <= column < len(self._columns):
            return "worst first"
        return f"sorted by {self._columns[column].title}"

    # How

    def _rows_of(self, comparison: AnyComparison, before: Rows, chosen: RowFilter) -> Rows:
        """The rows, `before` where they are the same.

        May run in another thread, and must use nothing but its arguments.
        """
        raise NotImplementedError

    def _arrange(self) -> None:
        comparison, before, wanted = self._comparison, self._rows, self._wanted
        columns, rows_of, mask = self._columns, self._rows_of, self._mask

        def task() -> tuple[Rows, Whole]:
            if comparison is None:
                return Rows(), no_rows()
            rows = rows_of(comparison, before, wanted.chosen)
            return rows, ordered(rows, columns, wanted, mask)

        if self._computer is None:
            self._show(task())
        else:
            self._computer.ask(f"table {id(self)}", task, self._show, now=self._now)

    def _text(self, row: int, column: int) -> str:
        value = self._rows.values[column][row]
        form = self._columns[column].form
        if form == "text":
            return self._rows.names[column][int(value)]
        return shown(value.item(), form)

    def _show(self, arranged: tuple[Rows, Whole]) -> None:
        """Put these rows in order; selection and current row follow their rows if they can."""
        rows, order = arranged
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
        keys = self._rows.keys[self._order]
        wanted = {index.row(): int(before[index.row()]) for index in indexes}
        places = {row: np.flatnonzero(keys == key) for row, key in wanted.items()}
        return [
            self.index(int(found[0]), index.column())
            if len(found := places[index.row()])
            else QModelIndex()
            for index in indexes
        ]
