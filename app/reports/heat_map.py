"""A confusion matrix: the more boxes in a cell, the stronger its colour; a click shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.kit.theme import is_dark

NONE = "no box"
_RIGHT, _WRONG = QColor("#0072B2"), QColor("#D55E00")  # Okabe and Ito 2008
_CELL = QSize(46, 26)
_LONGEST = 130  # pixels of a name above a column
_NO_PARENT = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class HeatMap(QTableView):
    """Rows: the reference's classes; columns: what the other model made of them; last: no box."""

    cell_chosen = Sends[str | None, str | None]()  # row's class, column's class

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = _MatrixModel(self)
        self.setHorizontalHeader(_TiltedHeader(self))
        self.setModel(self.matrix)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        for header, size in ((across, _CELL.width()), (down, _CELL.height())):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
            header.setHighlightSections(False)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)

    def show_matrix(
        self, class_names: Sequence[str], counts: NDArray[np.int64], rows: str, columns: str
    ) -> None:
        """Show ``[C+1, C+1]`` counts; `rows` and `columns` say whose classes those are."""
        self.matrix.set_matrix(tuple(class_names), counts, rows, columns)

    def _on_chosen(self, index: QModelIndex) -> None:
        if self.matrix.count(index):
            self.cell_chosen.emit(
                self.matrix.class_at(index.row()), self.matrix.class_at(index.column())
            )


class _MatrixModel(QAbstractTableModel):
    def __init__(self, view: HeatMap) -> None:
        super().__init__(view)
        self._view = view
        self._names: tuple[str, ...] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._sides = ("", "")
        self._shares: NDArray[np.float64] = np.zeros((0, 0))

    def set_matrix(
        self, names: tuple[str, ...], counts: NDArray[np.int64], rows: str, columns: str
    ) -> None:
        same = names == self._names
        if not same:
            self.beginResetModel()
        self._names, self._counts, self._sides = names, counts, (rows, columns)
        # square roots: a few boxes are seen beside hundreds
        self._shares = np.sqrt(counts / max(1, counts.max(initial=1)))
        if not same:
            self.endResetModel()
        elif len(counts):
            last = len(counts) - 1
            self.dataChanged.emit(self.index(0, 0), self.index(last, last))

    def class_at(self, place: int) -> str | None:
        return self._names[place] if place < len(self._names) else None

    def count(self, index: Index) -> int:
        return int(self._counts[index.row(), index.column()])

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._counts)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return self.rowCount(parent)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        count = self.count(index)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._told(index, count)
        return self._look(index, count, role) if count else None

    def _look(self, index: Index, count: int, role: int) -> str | QColor | None:
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{count:,}"
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._colour(index)
        return self._ink(index) if role == Qt.ItemDataRole.ForegroundRole else None

    def _told(self, index: Index, count: int) -> str:
        rows, columns = self._sides
        reference, given = (self._name(place) for place in (index.row(), index.column()))
        hint = "\nClick to see the images." if count else ""
        return tooltip(f"{rows}: {reference}\n{columns}: {given}\n{count:,} boxes{hint}")

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and 0 <= section < len(self._counts):
            return displayable(self._name(section))
        return None

    def _name(self, place: int) -> str:
        return self.class_at(place) or NONE

    def _colour(self, index: Index) -> QColor:
        colour = QColor(_RIGHT if index.row() == index.column() else _WRONG)
        colour.setAlphaF(0.10 + 0.90 * float(self._shares[index.row(), index.column()]))
        return colour

    def _ink(self, index: Index) -> QColor:
        strong = self._shares[index.row(), index.column()] > 0.5
        palette = self._view.palette()
        if strong or is_dark(palette):
            return QColor("#ffffff")
        return palette.color(QPalette.ColorRole.Text)


class _TiltedHeader(QHeaderView):
    """Names above narrow columns, written upwards."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    def sizeHint(self) -> QSize:
        model, metrics = self.model(), self.fontMetrics()
        across = Qt.Orientation.Horizontal
        names = [str(model.headerData(n, across) or "") for n in range(self.count())]
        longest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        return QSize(super().sizeHint().width(), min(_LONGEST, longest) + 16)

    def paintSection(self, painter: QPainter, rect: QRect, logical_index: int) -> None:
        name = str(self.model().headerData(logical_index, Qt.Orientation.Horizontal) or "")
        palette = self.palette()
        painter.save()
        painter.fillRect(rect, palette.color(QPalette.ColorRole.Window))
        painter.setPen(palette.color(QPalette.ColorRole.Midlight))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.translate(rect.left(), rect.bottom())
        painter.rotate(-90)
        room = QRect(8, 0, rect.height() - 12, rect.width())
        text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()
