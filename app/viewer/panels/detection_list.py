"""The list of detections beside the picture."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.viewer.panels.detection_rows import STATUS_WORDS, DetectionRow, ordered
from app.viewer.scene.colours import STYLES
from app.viewer.scene.scene import Side

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_TITLES = ("Status", "Class", "Parent", "Optim.", "IoU")
_MEANINGS = (
    "What became of it; the worst comes first",
    "The class; where the two models differ, the parent's first",
    "Score of the parent",
    "Score of the optimized model",
    "Overlap of the two models' boxes",
)
_NUMBERS = 2  # the first column with numbers
_SWATCH = 10
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NARROW_HEADER = "QHeaderView::section { padding: 4px 5px; font-weight: 400; }"


class DetectionModel(QAbstractTableModel):
    """The rows, in the order that the header was clicked for; `sort(-1)`: worst first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._given: tuple[DetectionRow, ...] = ()
        self._rows: tuple[DetectionRow, ...] = ()
        self._column, self._descending = -1, False
        self._swatches: dict[int, QPixmap] = {}

    @property
    def rows(self) -> tuple[DetectionRow, ...]:
        """As they are shown, from the top."""
        return self._rows

    def set_rows(self, rows: tuple[DetectionRow, ...]) -> None:
        """Show others; sorting stays."""
        self.beginResetModel()
        self._given = rows
        self._order()
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == 0:
            return self._swatch(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= _NUMBERS:
            return _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole and column < _NUMBERS:
            return tooltip(self._text(row, column))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _MEANINGS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight if section >= _NUMBERS else Qt.AlignmentFlag.AlignLeft
            )
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self.beginResetModel()
        self._order()
        self.endResetModel()

    def _order(self) -> None:
        self._rows = self._given
        if 0 <= self._column < len(_TITLES):
            self._rows = ordered(self._given, self._column, descending=self._descending)

    def _text(self, row: DetectionRow, column: int) -> str:
        if column == 0:
            return STATUS_WORDS[row.status]
        if column == 1:
            return displayable(row.class_name)
        value = (row.parent, row.optimized, row.iou)[column - _NUMBERS]
        return "–" if value is None else f"{value:.2f}"

    def _swatch(self, row: DetectionRow) -> QPixmap:
        found = self._swatches.get(row.status)
        if found is None:
            found = QPixmap(_SWATCH, _SWATCH)
            found.fill(QColor(STYLES[row.status].colour))
            self._swatches[row.status] = found
        return found


class DetectionList(QTableView):
    """Selecting a row emits `row_picked` with it; `row_opened` follows Enter or a double click."""

    row_picked = Sends[DetectionRow]()
    row_opened = Sends[DetectionRow]()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = DetectionModel(self)
        self._telling = True
        header = self.horizontalHeader()
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        self.setModel(self._model)
        self.setSortingEnabled(True)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAccessibleName("Detections")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header.setHighlightSections(False)
        header.setStyleSheet(_NARROW_HEADER)
        header.setMinimumSectionSize(30)
        # Not by their contents: that would keep room for a sort indicator in every column.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        metrics = self.fontMetrics()
        for column, widest in ((0, "Matched"), (2, "Parent"), (3, "Optim."), (4, "0.00")):
            room = _SWATCH + 18 if column == 0 else 16
            header.resizeSection(column, metrics.horizontalAdvance(widest) + room)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.activated.connect(self._on_activated)

    @property
    def rows(self) -> tuple[DetectionRow, ...]:
        """As they are shown, from the top."""
        return self._model.rows

    @property
    def current_row(self) -> DetectionRow | None:
        """The selected row."""
        index = self.currentIndex()
        return self.rows[index.row()] if index.isValid() else None

    def set_rows(self, rows: tuple[DetectionRow, ...]) -> None:
        """List these; none is selected."""
        self._telling = False
        self._model.set_rows(rows)
        self._telling = True

    def select_box(self, side: Side, index: int) -> None:
        """Select the row of a box and bring it into view, or none; nothing is emitted."""
        self._telling = False
        place = next((n for n, row in enumerate(self.rows) if (side, index) in row.places), -1)
        if place < 0:
            self.clearSelection()
            self.selectionModel().clearCurrentIndex()
        else:
            chosen = self._model.index(place, 0)
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(chosen, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(chosen)
        self._telling = True

    def _on_current_changed(self, current: QModelIndex) -> None:
        if self._telling and current.isValid():
            self.row_picked.emit(self.rows[current.row()])

    def _on_activated(self, index: QModelIndex) -> None:
        self.row_opened.emit(self.rows[index.row()])
