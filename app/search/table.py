"""The candidates of a search as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from app.kit.text import displayable, tooltip
from app.search.presenter import SearchView, marks
from core.optimize.words import differences
from core.search.candidates import Candidate, SearchState

_Index = QModelIndex | QPersistentModelIndex
_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOP = QModelIndex()


@dataclass(frozen=True)
class _Column:
    title: str
    meaning: str
    text: Callable[[Candidate], str]
    number: bool = False


def _agreement(one: Candidate) -> str:
    return f"{one.agreement:.4f}" if one.agreement is not None else ""


def _speed(one: Candidate) -> str:
    return f"{one.speed.value:.2f}×" if one.speed is not None else ""


def _size(one: Candidate) -> str:
    return f"{one.size_bytes / 1e6:.2f} MB" if one.size_bytes else ""


def _kept(one: Candidate) -> str:
    """How the plan differs from the default; of a failure, why."""
    if one.problem:
        return displayable(one.problem)
    if one.plan is None:
        return one.reason
    told = [
        f"{change.title.lower()}: {change.value}"
        for change in differences(one.plan)
        if change.field not in ("subset_size", "seed")
    ]
    return "; ".join(told) or "the default plan"


COLUMNS = (
    _Column("Candidate", "The model and how it runs.", lambda one: one.label),
    _Column("Mark", "What it is compared as; ● where nothing beats it.", lambda one: ""),
    _Column(
        "Agreement",
        "An estimate of its accuracy as a share of the parent's in true f32: the parent's\n"
        "detections on the images held back count as truths, by their squared scores.",
        _agreement,
        number=True,
    ),
    _Column(
        "Speed",
        "Throughput as a multiple of the parent's in true f32. Those of the last measurement,\n"
        "with all finalists in turns, are in bold.",
        _speed,
        number=True,
    ),
    _Column("Size", "Graph and weights.", _size, number=True),
    _Column("Plan", "How it differs from what NNCF does by default.", _kept),
)
_MARK, _SPEED_COLUMN = 1, 3


class CandidateModel(QAbstractTableModel):
    """A row for each candidate, in the order tried."""

    def __init__(self) -> None:
        super().__init__()
        self._state: SearchState | None = None
        self._marks: dict[str, str] = {}
        self._front: frozenset[str] = frozenset()

    def show_search(self, view: SearchView) -> None:
        """Show this search; the rows that were there stay where they are."""
        state = view.state
        before, after = self.rowCount(), len(state.candidates) if state else 0
        self._marks = marks(state) if state else {}
        self._front = view.front
        if self._state is None or state is None or after < before:
            self.beginResetModel()
            self._state = state
            self.endResetModel()
            return
        if after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
            self._state = state
            self.endInsertRows()
        self._state = state
        if before:
            self.dataChanged.emit(self.index(0, 0), self.index(before - 1, len(COLUMNS) - 1))

    def candidate(self, row: int) -> Candidate | None:
        """The candidate in this row."""
        candidates = self._state.candidates if self._state else ()
        return candidates[row] if 0 <= row < len(candidates) else None

    def row_of(self, identity: str) -> int:
        """The row of this candidate, -1 where there is none."""
        candidates = self._state.candidates if self._state else ()
        places = [place for place, one in enumerate(candidates) if one.id == identity]
        return places[0] if places else -1

    def rowCount(self, parent: _Index = _TOP) -> int:
        if parent.isValid() or self._state is None:
            return 0
        return len(self._state.candidates)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == _DISPLAY:
            return column.title
        return column.meaning if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        one = self.candidate(index.row())
        if one is None:
            return None
        column = COLUMNS[index.column()]
        if role == _DISPLAY:
            return self._mark(one) if index.column() == _MARK else column.text(one)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(one.problem or f"{one.reason}\n{_kept(one)}")
        if role == Qt.ItemDataRole.TextAlignmentRole and column.number:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.FontRole:
            return self._font(one, index.column())
        return None

    def _mark(self, one: Candidate) -> str:
        front = "●" if one.id in self._front else ""
        return " ".join(filter(None, (front, self._marks.get(one.id, ""))))

    def _font(self, one: Candidate, column: int) -> QFont | None:
        chosen = self._state is not None and one.id == self._state.choice.recommended
        if not chosen and not (column == _SPEED_COLUMN and one.session):
            return None
        font = QFont()
        font.setBold(True)
        return font
