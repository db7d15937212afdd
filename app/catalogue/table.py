"""The catalogue as a table that can be searched and sorted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.kit.signals import Sends
from core.catalogue.entries import Accuracy, CatalogueEntry

SORT_ROLE = int(Qt.ItemDataRole.UserRole)
SEARCH_ROLE = SORT_ROLE + 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NAME_WIDTH = 210
_PADDING = 26  # of both sides, and the sort arrow

_ACCURACY_MEANING = (
    "The zoo's own measurement of each model, in a metric of its own: the details name it.\n"
    "Only figures of the same metric and dataset can be compared."
)

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class _Column:
    """One column; `key` sorts it, and `sample` is as wide as it must show."""

    title: str
    text: Callable[[CatalogueEntry], str]
    key: Callable[[CatalogueEntry], Any]
    sample: str
    number: bool = False


def size_text(size_bytes: int) -> str:
    """Such as ``187.9 MB``."""
    return f"{size_bytes / 1e6:,.1f} MB"


def _accuracy(entry: CatalogueEntry) -> str:
    best = _best(entry)
    return best.figure if best else "none"


def _share(entry: CatalogueEntry) -> float:
    best = _best(entry)
    return -1.0 if best is None else best.value if best.unit == "%" else best.value * 100


def _best(entry: CatalogueEntry) -> Accuracy | None:
    return entry.accuracy[0] if entry.accuracy else None


COLUMNS = (
    _Column("Name", lambda e: e.name, lambda e: e.name.lower(), ""),
    _Column("Finds", lambda e: e.task, lambda e: e.task, "People, vehicles and bikes"),
    _Column("Classes", lambda e: str(len(e.class_names)), lambda e: len(e.class_names), "91", True),
    _Column(
        "Input",
        lambda e: f"{e.input.width} × {e.input.height}",
        lambda e: e.input.width * e.input.height,
        "1333 × 1333",
        True,
    ),
    _Column(
        "Download", lambda e: size_text(e.size_bytes), lambda e: e.size_bytes, "888.8 MB", True
    ),
    _Column("Accuracy\nas published", _accuracy, _share, "24.9452%", True),
    _Column("Licence", lambda e: e.license or "not known", lambda e: e.license or "", "Apache-2.0"),
)


class CatalogueModel(QAbstractTableModel):
    """A row for each entry."""

    def __init__(self, entries: tuple[CatalogueEntry, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries = entries

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return int(_RIGHT if COLUMNS[section].number else _LEFT)
            if role == Qt.ItemDataRole.ToolTipRole and COLUMNS[section].text is _accuracy:
                return _ACCURACY_MEANING
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry, column = self.entries[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(entry)
        if role == SORT_ROLE:
            return column.key(entry)
        if role == SEARCH_ROLE:
            return " ".join([*(c.text(entry) for c in COLUMNS), *entry.class_names]).lower()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_RIGHT if column.number else _LEFT)
        if role == Qt.ItemDataRole.ToolTipRole and column.text is _accuracy:
            return "\n".join(accuracy.text for accuracy in entry.accuracy)
        return None


class CatalogueProxy(QSortFilterProxyModel):
    """Keeps the rows that have every word of a search, anywhere."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self.setSortRole(SORT_ROLE)

    def search(self, text: str) -> None:
        """Show the rows with these words."""
        self._words = text.lower().split()
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        found = str(self.sourceModel().index(source_row, 0, source_parent).data(SEARCH_ROLE))
        return all(word in found for word in self._words)


class CatalogueView(QTableView):
    """Whole rows; the names get the room that the other columns leave.

    `entry_activated` tells of a double click or Enter.
    """

    entry_selected = Sends[CatalogueEntry | None]()
    entry_activated = Signal()

    def __init__(self, entries: tuple[CatalogueEntry, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Models")
        self._source = CatalogueModel(entries, self)
        self.rows = CatalogueProxy(self)
        self.rows.setSourceModel(self._source)
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setStyleSheet("QTableView::item { padding: 0 5px; }")  # in line with the headers
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        for number, column in enumerate(COLUMNS[1:], 1):
            title = max(column.title.split("\n"), key=len)
            wide = max(
                header.fontMetrics().horizontalAdvance(title) + _PADDING + 12,
                self.fontMetrics().horizontalAdvance(column.sample) + _PADDING,
            )
            self.setColumnWidth(number, wide)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.doubleClicked.connect(self.entry_activated)

    @property
    def selected(self) -> CatalogueEntry | None:
        """The entry of the selected row."""
        rows = self.selectionModel().selectedRows()
        return self._source.entries[self.rows.mapToSource(rows[0]).row()] if rows else None

    def select_first(self) -> None:
        """Select the first row, unless one is selected."""
        if self.selected is None and self.rows.rowCount():
            self.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected is not None:
            self.entry_activated.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        others = self.horizontalHeader().length() - self.columnWidth(0)
        self.setColumnWidth(0, max(_NAME_WIDTH, self.viewport().width() - others))

    def _on_selection_changed(self) -> None:
        self.entry_selected.emit(self.selected)
