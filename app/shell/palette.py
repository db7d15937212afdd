"""The command palette: whatever can be done or shown, found by a few letters of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QDialog, QLineEdit, QTableView, QWidget

from app.kit.boxes import down
from app.kit.theme import GAP
from app.kit.widgets import label
from core.text import visible

_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 10,
    Qt.Key.Key_PageUp: -10,
}
MOST = 50  # shown at once


@dataclass(frozen=True)
class Command:
    """Something that can be done: what it is called, more about it, and what does it."""

    title: str
    more: str
    run: Callable[[], object]


def ranked(commands: Sequence[Command], words: str) -> list[Command]:
    """Those that have all letters of `words` in their order, the closest first."""
    found = [
        (rank, place, command)
        for place, command in enumerate(commands)
        if (rank := _distance(f"{command.title} {command.more}".lower(), words.lower())) is not None
    ]
    return [command for _, _, command in sorted(found, key=lambda one: one[:2])]


def _distance(text: str, words: str) -> int | None:
    """How far apart the letters lie; less where a word begins with one. None if one is missing."""
    distance, place = 0, -1
    for letter in words.replace(" ", ""):
        starts = text.find(f" {letter}", max(place, 0))
        found = text.find(letter, place + 1)
        if found < 0:
            return None
        gap = found - place - 1
        if gap and 0 <= starts - place < gap + 6:  # the next word's beginning is as good
            found, gap = starts + 1, 1
        distance += gap
        place = found
    return distance


class Palette(QDialog):
    """A line to type in, and what fits."""

    def __init__(self, parent: QWidget, commands: Sequence[Command]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Command palette")
        self.resize(620, 420)
        self._commands = tuple(commands)
        self._fitting: list[Command] = []
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("What to do, or the name of a project")
        self.edit.setAccessibleName("Command")
        self.edit.textChanged.connect(self._on_text_changed)
        self.edit.installEventFilter(self)
        self.list = QTableView()
        self.list.setAccessibleName("Commands that fit")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setShowGrid(False)
        self.list.horizontalHeader().hide()
        self.list.verticalHeader().hide()
        self.list.clicked.connect(self._run_current)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self.none = label(quiet=True)
        down(self.edit, (self.list, 1), self.none, spacing=GAP, margins=GAP, on=self)
        self._on_text_changed("")
        self.list.setColumnWidth(0, 360)
        self.list.horizontalHeader().setStretchLastSection(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in _MOVES:
                self._move(_MOVES[key])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run_current()
                return True
        return super().eventFilter(watched, event)

    def _on_text_changed(self, words: str) -> None:
        self._fitting = ranked(self._commands, words)
        self._model.setRowCount(0)
        for command in self._fitting[:MOST]:
            items = [QStandardItem(visible(text)) for text in (command.title, command.more)]
            items[1].setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._model.appendRow(items)
        self.list.selectRow(0)
        more = len(self._fitting) - MOST
        self.none.setText(
            "Nothing is called so."
            if not self._fitting
            else f"{more} more fit."
            if more > 0
            else ""
        )

    def _move(self, rows: int) -> None:
        count = self._model.rowCount()
        if count:
            row = self.list.currentIndex().row() + rows
            self.list.selectRow(row % count if abs(rows) == 1 else min(max(row, 0), count - 1))

    def _run_current(self) -> None:
        row = self.list.currentIndex().row()
        if 0 <= row < len(self._fitting):
            self.accept()
            self._fitting[row].run()
