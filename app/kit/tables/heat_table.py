"""A grid of cells, the stronger in colour the more; a click on one leads to what it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.kit.signals import Sends
from app.kit.tables.cells import NO_PARENT, Index
from app.kit.text import displayable, tooltip

_CELL = QSize(46, 26)
_LONGEST = 130  # pixels of a name above a column
_Role = Qt.ItemDataRole


@dataclass(frozen=True)
class HeatCell:
    """A cell; without `text` it is empty, and a click on it leads nowhere."""

    text: str = ""
    hint: str = ""
    colour: QColor | None = None
    ink: QColor | None = None


CellOf = Callable[[int, int], HeatCell | None]


class HeatTable(QTableView):
    """Cells between named rows and columns, made as they come into view.

    Columns are narrow with their names written upwards, so that many fit; or, with `wide`, they
    share the room with their names above them.
    """

    cell_chosen = Sends[int, int]()  # row, column

    def __init__(self, parent: QWidget | None = None, *, wide: bool = False) -> None:
        super().__init__(parent)
        self._model = _HeatModel(self)
        if not wide:
            self.setHorizontalHeader(_UpwardHeader(self))
        self.setModel(self._model)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.setAccessibleName("Column titles")
        down.setAccessibleName("Row titles")
        for header, size in ((across, _CELL.width()), (down, _CELL.height())):
            mode = QHeaderView.ResizeMode
            header.setSectionResizeMode(mode.Stretch if wide else mode.Fixed)
            header.setMinimumSectionSize(_CELL.height())
            header.setDefaultSectionSize(size)
            header.setHighlightSections(False)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)

    def show_cells(self, rows: Sequence[str], columns: Sequence[str], cell: CellOf) -> None:
        """Show these; `cell` gives that of a row and a column, None where there is none."""
        self._model.set_cells(tuple(rows), tuple(columns), cell)

    def _on_chosen(self, index: Index) -> None:
        if index.data():
            self.cell_chosen.emit(index.row(), index.column())


class _HeatModel(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._cell: CellOf = lambda row, column: None

    def set_cells(self, rows: tuple[str, ...], columns: tuple[str, ...], cell: CellOf) -> None:
        if self._names != (rows, columns):
            self.beginResetModel()
            self._names, self._cell = (rows, columns), cell
            self.endResetModel()
            return
        self._cell = cell
        if rows and columns:
            last = self.index(len(rows) - 1, len(columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._names[0])

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._names[1])

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        cell = self._cell(index.row(), index.column()) if index.isValid() else None
        if cell is None:
            return None
        answers: dict[int, Any] = {
            _Role.DisplayRole: displayable(cell.text),
            _Role.ToolTipRole: tooltip(cell.hint) if cell.hint else None,
            _Role.BackgroundRole: cell.colour,
            _Role.ForegroundRole: cell.ink,
            _Role.TextAlignmentRole: Qt.AlignmentFlag.AlignCenter,
        }
        return answers.get(role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        names = self._names[orientation == Qt.Orientation.Horizontal]
        shown = role == _Role.DisplayRole and 0 <= section < len(names)
        return displayable(names[section]) if shown else None


class _UpwardHeader(QHeaderView):
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
