"""A table view set up for the report models."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.kit.signals import Sends
from app.kit.tables.whole_rows import HEADER_PADDING, WholeRowsView

_NAME_WIDTH = 180
_NUMBER_WIDTHS = (64, 116)  # least and most: as wide as the longest word of the title
_HEADER_LINES = 2.4  # that a long title is spread over


class ReportTableView(WholeRowsView):
    """Whole rows, sorted by header clicks, first in the report's own order: worst first.

    `row_activated` carries the image of a row that was double clicked, or on which Enter was
    pressed.
    """

    row_activated = Sends[Any]()  # the key of the row

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.doubleClicked.connect(self._on_row_chosen)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model; its columns get widths, and its own order stays."""
        self.setSortingEnabled(False)
        super().setModel(model)
        header = self.horizontalHeader()
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        if model is not None:
            for column in range(1, model.columnCount()):
                self.setColumnWidth(column, self._width_of(column, model))
            self.setColumnWidth(0, _NAME_WIDTH)
            self._widen_names()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._widen_names()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._on_row_chosen(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _width_of(self, column: int, model: QAbstractItemModel) -> int:
        title = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(bold)
        word = max((metrics.horizontalAdvance(word) for word in title.split()), default=0)
        lines = metrics.horizontalAdvance(title) / _HEADER_LINES
        wanted = round(max(word, lines)) + HEADER_PADDING
        return max(_NUMBER_WIDTHS[0], min(_NUMBER_WIDTHS[1], wanted))

    def _widen_names(self) -> None:
        """The names get the room that the numbers leave, unless the last column does."""
        if self.model() is not None and not self.horizontalHeader().stretchLastSection():
            numbers = self.horizontalHeader().length() - self.columnWidth(0)
            self.setColumnWidth(0, max(_NAME_WIDTH, self.viewport().width() - numbers))

    def _on_row_chosen(self, index: QModelIndex) -> None:
        self.row_activated.emit(index.data(Qt.ItemDataRole.UserRole))
