"""What was deleted: looked at, restored, or removed for good."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from app.kit.boxes import across, down
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.tables.whole_rows import WholeRowsView
from app.kit.text import counted, displayable, shortened, tooltip
from app.kit.theme import GAP
from app.kit.widgets import button, label
from app.shell.keeping import InTrash, Keeping
from core.sizes import megabytes
from core.text import when

_COLUMNS = (
    PlainColumn("What"),
    PlainColumn("Deleted"),
    PlainColumn("Size", "What removing it for good frees", partial(megabytes, digits=1)),
)
_LONGEST = 120  # characters of what is asked about
_READING = "Looking into the trash…"


class TrashDialog(QDialog):
    """A table of what is in the trash."""

    def __init__(self, parent: QWidget, keeping: Keeping) -> None:
        super().__init__(parent)
        self._keeping = keeping
        self._found: tuple[InTrash, ...] = ()
        self.setWindowTitle("Trash")
        self.resize(760, 420)
        self.table = WholeRowsView()
        self.table.setAccessibleName("Deleted projects and reports")
        self._model = PlainModel(_COLUMNS, self)
        self.table.setModel(self._model)
        self.table.setColumnWidth(1, 140)
        self.table.setColumnWidth(2, 110)
        self.table.widen_first(200)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.note = label(_READING, quiet=True)
        self.restore = button("Restore")
        self.restore.clicked.connect(self._on_restore_clicked)
        self.remove = button("Delete for good…")
        self.remove.clicked.connect(self._on_remove_clicked)
        self.empty = button("Empty trash…")
        self.empty.clicked.connect(self._on_empty_clicked)
        self.close_button = button("Close", primary=True)
        self.close_button.clicked.connect(self.accept)
        buttons = across(self.empty, 1, self.remove, self.restore, self.close_button, spacing=GAP)
        down(self.note, (self.table, 1), buttons, spacing=GAP, margins=GAP, on=self)
        keeping.trash_read.connect(self.show_trash)
        self._on_selection_changed()
        self.empty.setEnabled(False)
        keeping.read_trash()

    def show_trash(self, found: tuple[InTrash, ...]) -> None:
        """Show what is in the trash."""
        self._found = found
        rows = [(one.text, when(one.entry.deleted), one.size_bytes) for one in found]
        self._model.set_rows(rows, [one.entry.number for one in found])
        self.empty.setEnabled(bool(found))
        if found:
            size = megabytes(sum(one.size_bytes for one in found), 1)
            self.note.setText(f"{counted(len(found), 'entry', 'entries')}, {size} in all.")
            self.table.selectRow(0)
        else:
            self.note.setText("The trash is empty.")
        self._on_selection_changed()

    def _chosen(self) -> InTrash | None:
        rows = self.table.selectionModel().selectedRows()
        return self._found[self._model.place(rows[0].row())] if rows else None

    def _on_selection_changed(self) -> None:
        chosen = self._chosen() is not None
        self.restore.setEnabled(chosen)
        self.remove.setEnabled(chosen)

    def _on_restore_clicked(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._keeping.restore(chosen.entry.number)
            self._keeping.read_trash()

    def _on_remove_clicked(self) -> None:
        chosen = self._chosen()
        if chosen is not None and self._agreed(chosen.text, chosen.size_bytes):
            self._keeping.remove(chosen.entry.number)

    def _on_empty_clicked(self) -> None:
        everything = "all that is in the trash"
        if self._agreed(everything, sum(one.size_bytes for one in self._found)):
            self._keeping.empty_trash()

    def _agreed(self, what: str, size_bytes: int) -> bool:
        box = QMessageBox(QMessageBox.Icon.Warning, "Delete for good", "", parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(displayable(f"Delete {shortened(what, _LONGEST)} for good?"))
        box.setToolTip(tooltip(what))
        box.setInformativeText(f"This frees {megabytes(size_bytes, 1)} and cannot be undone.")
        delete = box.addButton("Delete for good", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        box.exec()
        return box.clickedButton() is delete
