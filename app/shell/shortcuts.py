"""The keys of the whole program, in one table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QDialog, QTableView, QWidget

from app.kit.boxes import across, down
from app.kit.theme import GAP
from app.kit.widgets import button
from app.shell.menus import MenuEntry
from app.viewer.keys import KEYS, MORE


def key_rows(entries: Sequence[MenuEntry]) -> list[tuple[str, str, str]]:
    """Where, which keys, and what they do: those of the menus, then those of the viewer."""
    native = QKeySequence.SequenceFormat.NativeText
    rows = [
        (entry.menu, entry.action.shortcut().toString(native), entry.title.rstrip("…"))
        for entry in entries
        if not entry.action.shortcut().isEmpty()
    ]
    viewer = [(key.shown, key.words) for key in KEYS] + list(MORE)
    return rows + [("Viewer", keys, f"{words[0].upper()}{words[1:]}") for keys, words in viewer]


class ShortcutsDialog(QDialog):
    """Help > Shortcuts."""

    def __init__(self, parent: QWidget, entries: Sequence[MenuEntry]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.resize(620, 560)
        model = QStandardItemModel(self)
        model.setHorizontalHeaderLabels(["Where", "Keys", "What they do"])
        for row in key_rows(entries):
            model.appendRow([QStandardItem(text) for text in row])
        self.table = QTableView()
        self.table.setAccessibleName("Shortcuts")
        self.table.setModel(model)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.resizeColumnsToContents()
        self.table.horizontalHeader().setStretchLastSection(True)
        close = button("Close")
        close.clicked.connect(self.accept)
        down((self.table, 1), across(1, close), spacing=GAP, margins=GAP, on=self)
