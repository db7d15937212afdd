"""The look of all tables of which whole rows are chosen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from app.kit.signals import Sends
from app.kit.tables.widths import remember_widths, remembered_widths
from app.kit.text import tooltip

HEADER_PADDING = 28  # of both sides, and the sort arrow
_CELL_PADDING = 10  # of both sides
_PADDING_ABOVE_AND_BELOW = 15  # the style sheet's, and the line
_LINES = 2.4  # that a long title is spread over


class WholeRowsView(QTableView):
    """One row is chosen at a time; rows are as high as a line, long titles wrap.

    Rows stand in the model's own order until a header is clicked. `row_activated` carries the key
    of a row that was double clicked, or on which Enter was pressed.
    """

    row_activated = Sends[Any]()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least: int | None = None
        self._fitted: tuple[int | None] | None = None  # as many rows as it is to be high
        self._wrapped = False
        self.header = WrappedHeader(self)
        self.setHorizontalHeader(self.header)
        self.header.dragged.connect(self._on_dragged)
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
        self.doubleClicked.connect(self._on_double_clicked)
        self.horizontalScrollBar().rangeChanged.connect(
            self._fit_rows
        )  # it takes room from the rows
        self.header.geometriesChanged.connect(self._fit_rows)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model in its own order; a third click on a header leads back to it."""
        self.setSortingEnabled(False)
        super().setModel(model)
        self.header.setSortIndicatorClearable(True)
        self.header.setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)

    def widen_first(self, least: int) -> None:
        """The first column gets the room that the others leave, `least` pixels at least."""
        self._least = least
        self._widen()

    def fit_columns(self) -> None:
        """Columns are as wide as what they hold now, unless the user left them otherwise."""
        if not remembered_widths(self.header):
            self.resizeColumnsToContents()

    def fit_height(self, most: int | None = None) -> None:
        """Be as high as the rows are, or as `most` of them, and a scroll bar below where it is."""
        self._fitted = (most,)
        self._fit_rows()

    def wrap_rows(self) -> None:
        """Texts that are longer than their columns go over several lines."""
        self._wrapped = True
        self.setWordWrap(True)
        self._fit_rows()

    def viewportEvent(self, event: QEvent) -> bool:
        """A text that is shortened to its column is whole under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            hint = index.data(Qt.ItemDataRole.ToolTipRole)
            text = str(index.data() or "")
            room = self.visualRect(index).width() - _CELL_PADDING
            if not hint and not self._wrapped and self.fontMetrics().horizontalAdvance(text) > room:
                QToolTip.showText(event.globalPos(), tooltip(text), self.viewport())
                return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row current without selecting it, and it looks as if it were."""
        before = self.currentIndex().isValid()
        super().focusInEvent(event)
        if not before and self.currentIndex().isValid():
            self.selectRow(self.currentIndex().row())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._widen()

    def showEvent(self, event: QShowEvent) -> None:
        """With the columns as wide as the user left them."""
        super().showEvent(event)
        for column, width in remembered_widths(self.header).items():
            self.setColumnWidth(column, width)
        self._widen()

    def _on_dragged(self) -> None:
        remember_widths(self.header)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        typing = self.state() == QAbstractItemView.State.EditingState  # the field passes Enter on
        edited = typing or self.editTriggers() != QAbstractItemView.EditTrigger.NoEditTriggers
        if enter and not edited and self.currentIndex().isValid():
            self.row_activated.emit(self.currentIndex().data(Qt.ItemDataRole.UserRole))
        else:
            super().keyPressEvent(event)

    def _fit_rows(self) -> None:
        if self._fitted is None:
            return
        (most,) = self._fitted
        rows = self.model().rowCount()
        shown = rows if most is None else min(rows, most)
        height = shown * self.verticalHeader().defaultSectionSize()
        if self._wrapped:
            self.resizeRowsToContents()  # as high as the text, which would touch the lines
            for row in range(rows):
                self.setRowHeight(row, self.rowHeight(row) + _CELL_PADDING)
            height = sum(map(self.rowHeight, range(shown)))
        bar = self.horizontalScrollBar()
        if bar.maximum() > bar.minimum():
            height += bar.sizeHint().height()
        self.setFixedHeight(self.header.sizeHint().height() + height + 2 * self.frameWidth() + 2)

    def _widen(self) -> None:
        if self._least is not None and not self.header.stretchLastSection():
            others = self.header.length() - self.columnWidth(0)
            self.setColumnWidth(0, max(self._least, self.viewport().width() - others))

    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.row_activated.emit(index.data(Qt.ItemDataRole.UserRole))


class WrappedHeader(QHeaderView):
    """A header whose long titles go over several lines, as high as they need."""

    dragged = Signal()  # the user changed the width of a column

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.padding = HEADER_PADDING
        self.setAccessibleName("Column titles")
        self._sizes: dict[tuple[str, int, str, bool], QSize] = {}
        self._heights: dict[int, int] = {}
        self._before: list[int] = []
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionsMovable(True)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.sectionResized.connect(self._on_section_resized)

    def width_for(self, title: str, lines: float = _LINES) -> int:
        """Pixels of a column in which a title goes over so many lines."""
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(bold)
        word = max((metrics.horizontalAdvance(word) for word in title.split()), default=0)
        return round(max(word, metrics.horizontalAdvance(title) / lines)) + self.padding

    def sizeHint(self) -> QSize:
        """As high as the titles are now: Qt remembers what they were in narrower columns."""
        hint = super().sizeHint()
        sections = [section for section in range(self.count()) if not self.isSectionHidden(section)]
        self._heights = {
            section: self.sectionSizeFromContents(section).height() for section in sections
        }
        return QSize(hint.width(), max(self._heights.values(), default=hint.height()))

    def sectionSizeFromContents(self, logical_index: int) -> QSize:
        model = self.model()
        if model is None:
            return super().sectionSizeFromContents(logical_index)
        text = str(model.headerData(logical_index, Qt.Orientation.Horizontal) or "")
        room = max(24, self.sectionSize(logical_index) - self.padding)
        known = text, room, self.font().key(), self.isSortIndicatorShown()
        if known not in self._sizes:  # Qt asks seven times while a page is made
            width = super().sectionSizeFromContents(logical_index).width()
            flags = int(Qt.TextFlag.TextWordWrap)
            needed = self.fontMetrics().boundingRect(0, 0, room, 1000, flags, text)
            self._sizes[known] = QSize(width, needed.height() + _PADDING_ABOVE_AND_BELOW)
        return self._sizes[known]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._before = self._widths()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._widths() != self._before:
            self.dragged.emit()

    def _widths(self) -> list[int]:
        return [self.sectionSize(section) for section in range(self.count())]

    def changeEvent(self, event: QEvent) -> None:
        self._sizes.clear()  # of another style or font
        super().changeEvent(event)

    def _on_section_resized(self, section: int) -> None:
        """The view measures all titles anew, and so only where this one needs other lines now."""
        if self.sectionSizeFromContents(section).height() != self._heights.get(section):
            self.updateGeometry()
            self.geometriesChanged.emit()
