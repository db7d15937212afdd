"""A table view set up for the report models."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

_NAME_WIDTH = 180
_NUMBER_WIDTHS = (64, 116)  # least and most: as wide as the longest word of the title
_HEADER_LINES = 2.4  # that a long title is spread over
_HEADER_PADDING = 28  # of both sides, and the sort arrow


class ReportTableView(QTableView):
    """Whole rows, sorted by header clicks, first in the report's own order: worst first.

    `image_activated` carries the image of a row that was double clicked, or on which Enter was
    pressed.
    """

    image_activated = Signal(object)  # int

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalHeader(WrappedHeader(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 10)
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
        wanted = round(max(word, lines)) + _HEADER_PADDING
        return max(_NUMBER_WIDTHS[0], min(_NUMBER_WIDTHS[1], wanted))

    def _widen_names(self) -> None:
        """The names get the room that the numbers leave, unless the last column does."""
        if self.model() is not None and not self.horizontalHeader().stretchLastSection():
            numbers = self.horizontalHeader().length() - self.columnWidth(0)
            self.setColumnWidth(0, max(_NAME_WIDTH, self.viewport().width() - numbers))

    def _on_row_chosen(self, index: QModelIndex) -> None:
        self.image_activated.emit(index.data(Qt.ItemDataRole.UserRole))


class WrappedHeader(QHeaderView):
    """A header whose long titles go over several lines, as high as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionsMovable(True)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.sectionResized.connect(self._on_section_resized)

    def sectionSizeFromContents(self, logical_index: int) -> QSize:
        size = super().sectionSizeFromContents(logical_index)
        model = self.model()
        if model is None:
            return size
        text = str(model.headerData(logical_index, Qt.Orientation.Horizontal) or "")
        room = max(24, self.sectionSize(logical_index) - _HEADER_PADDING)
        flags = int(Qt.TextFlag.TextWordWrap)
        needed = self.fontMetrics().boundingRect(0, 0, room, 1000, flags, text)
        return QSize(size.width(), needed.height() + 10)

    def _on_section_resized(self) -> None:
        self.updateGeometry()
        self.geometriesChanged.emit()
