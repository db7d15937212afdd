"""The keys of the whole program, in one table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QWidget

from app.kit.boxes import across, down
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.tables.whole_rows import WholeRowsView
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
        model = PlainModel(
            [PlainColumn(title) for title in ("What they do", "Keys", "Where")], self
        )
        model.set_rows([(words, keys, where) for where, keys, words in key_rows(entries)])
        self.table = WholeRowsView()
        self.table.setAccessibleName("Shortcuts")
        self.table.setModel(model)
        self.table.setColumnWidth(1, 150)
        self.table.setColumnWidth(2, 90)
        self.table.widen_first(200)
        self.table.selectRow(0)
        close = button("Close", primary=True)
        close.clicked.connect(self.accept)
        down((self.table, 1), across(1, close), spacing=GAP, margins=GAP, on=self)
