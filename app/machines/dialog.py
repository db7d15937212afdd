"""The machines that can be worked on: added, checked, agreed to and removed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from app.kit.boxes import across, down
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.tables.whole_rows import WholeRowsView
from app.kit.text import displayable
from app.kit.theme import GAP
from app.kit.widgets import button, label
from app.machines.add_dialog import AddMachineDialog
from app.machines.choice import ask_to_agree
from app.machines.presenter import MachinesPresenter
from core.errors import WorkbenchError
from core.machines.job import MachineChecked, MachineCleared
from core.machines.machine import THIS, Machine
from core.machines.words import (
    MACHINES,
    TRUST,
    WORKER_TITLES,
    checked_text,
    machine_line,
    removed_text,
    worker_row,
)

_THIS = ("This machine", "–", "–")
_NONE = "You have added none. Work is done on this machine."
_TITLES = tuple(title[0].upper() + title[1:] for title in WORKER_TITLES)
_SHOWN = 4  # workers, without scrolling
_WIDTHS = (170, 220, 70, 60, 80, 110, 70)  # pixels of the columns of workers


class MachinesDialog(QDialog):
    """A table of the machines, and what the workers of one are."""

    def __init__(self, parent: QWidget, presenter: MachinesPresenter) -> None:
        super().__init__(parent)
        self._presenter = presenter
        presenter.setParent(self)
        self._found: tuple[Machine, ...] = ()
        self.setWindowTitle("Machines")
        self.resize(1080, 600)
        self.table = self._table("Machines", ("Machine", "Agreed", "Address"), (200, 90))
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.workers = self._table("Workers", _TITLES, _WIDTHS)
        self.workers.wrap_rows()
        self.workers.fit_height(_SHOWN)
        self.workers.hide()
        self.note = label(selectable=True)
        self._build_buttons()
        close = button("Close", primary=True)
        close.clicked.connect(self.accept)
        what = label(f"{MACHINES} {TRUST}")
        actions = (self.add, 1, self.stop, self.agree, self.check, self.remove)
        down(
            *(
                what,
                (self.table, 2),
                across(*actions, spacing=GAP),
                self.note,
                self.workers,
                across(1, close),
            ),
            spacing=GAP,
            margins=GAP,
            on=self,
        )
        presenter.changed.connect(self._on_changed)
        presenter.working.connect(self._on_working)
        presenter.checked.connect(self._on_checked)
        presenter.cleared.connect(self._on_cleared)
        presenter.failed.connect(self._on_failed)
        presenter.cancelled.connect(self._on_cancelled)
        self.finished.connect(presenter.close)
        presenter.read()

    def _table(self, name: str, titles: tuple[str, ...], widths: tuple[int, ...]) -> WholeRowsView:
        table = WholeRowsView()
        table.setAccessibleName(name)
        table.setModel(PlainModel(tuple(map(PlainColumn, titles)), self))
        table.header.setStretchLastSection(True)
        for place, width in enumerate(widths):
            table.setColumnWidth(place, width)
        return table

    def _build_buttons(self) -> None:
        self.add = button("Add…")
        self.add.clicked.connect(self._on_add_clicked)
        self.agree = button("Agree…")
        self.agree.setToolTip("Agree that images and models are sent there.")
        self.agree.clicked.connect(self._on_agree_clicked)
        self.check = button("Check")
        self.check.setToolTip(
            "Ask what it is, and make a host that you agreed to ready. Nothing of yours is sent."
        )
        self.check.clicked.connect(self._on_check_clicked)
        self.stop = button("Cancel")
        self.stop.clicked.connect(self._presenter.cancel)
        self.stop.hide()
        self.remove = button("Remove…")
        self.remove.clicked.connect(self._on_remove_clicked)

    # What there is

    def _on_changed(self, found: tuple[Machine, ...]) -> None:
        before = self._chosen()
        self._found = found
        self._model(self.table).set_rows([_THIS, *map(machine_line, found)])
        names = [one.name for one in found]
        again = before is not None and before.name in names
        self.table.selectRow(1 + names.index(before.name) if again and before else len(found))
        self.note.setText("" if found else _NONE)
        self._on_selection_changed()

    def _model(self, table: WholeRowsView) -> PlainModel:
        model = table.model()
        assert isinstance(model, PlainModel)
        return model

    @property
    def _line(self) -> int | None:
        """The chosen one: 0 is this machine."""
        rows = self.table.selectionModel().selectedRows()
        return self._model(self.table).place(rows[0].row()) if rows else None

    def _chosen(self) -> Machine | None:
        line = self._line
        return self._found[line - 1] if line else None

    def _on_selection_changed(self) -> None:
        chosen = self._chosen()
        self.check.setEnabled(self._line is not None)
        self.remove.setEnabled(chosen is not None)
        self.agree.setEnabled(chosen is not None and not chosen.agreed)
        self.workers.hide()

    def _on_working(self, doing: str) -> None:
        self.stop.setVisible(bool(doing))
        for part in (self.check, self.remove, self.add):
            part.setEnabled(not doing)
        if doing:
            self.note.setText(displayable(doing))
        else:
            self.check.setEnabled(self._line is not None)
            self.remove.setEnabled(self._chosen() is not None)

    def _on_cancelled(self) -> None:
        self.note.setText("Cancelled.")

    def _on_checked(self, checked: MachineChecked) -> None:
        machine = next((one for one in self._found if one.name == checked.machine), None)
        if machine is None and checked.machine != THIS:
            return
        rows = [worker_row(one) for one in checked.workers]
        self._model(self.workers).set_rows(rows, range(len(rows)))
        self.workers.setVisible(bool(rows))
        if machine is None:
            self.note.setText("This is what this machine would bring to the work of another.")
            return
        how = "To agree, press Agree."
        self.note.setText(displayable(" ".join(checked_text(checked, machine, how))))

    def _on_cleared(self, machine: Machine, cleared: MachineCleared) -> None:
        self.note.setText(displayable(removed_text(machine, cleared)))

    def _on_failed(self, error: WorkbenchError) -> None:
        self.note.setText(displayable(str(error)))

    # What the user wants

    def _on_check_clicked(self) -> None:
        self.workers.hide()
        self._presenter.check(self._chosen())

    def _on_agree_clicked(self) -> None:
        machine = self._chosen()
        if machine is not None and ask_to_agree(self, machine):
            self._presenter.read()
            chosen = self._chosen()
            if chosen is not None and chosen.by_ssh:
                self._presenter.check(chosen)

    def _on_add_clicked(self) -> None:
        dialog = AddMachineDialog(self, self._presenter)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.added.connect(self._on_added)
        dialog.open()

    def _on_added(self, machine: Machine) -> None:
        self.note.setText(f"Added {machine.name}. Check shows what it is.")

    def _on_remove_clicked(self) -> None:
        machine = self._chosen()
        if machine is None:
            return
        if not machine.agreed:  # nothing of ours is there
            self._take_off(machine)
            return
        box = QMessageBox(QMessageBox.Icon.Question, "Remove machine", "", parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(displayable(f"Remove {machine.name}, and what was made and sent there?"))
        box.setInformativeText("Where it cannot be reached, it can be taken off the list alone.")
        everything = box.addButton("Remove", QMessageBox.ButtonRole.AcceptRole)
        alone = box.addButton("Take off the list", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        box.exec()
        if box.clickedButton() is everything:
            self._presenter.remove(machine)
        elif box.clickedButton() is alone:
            self._take_off(machine)

    def _take_off(self, machine: Machine) -> None:
        self._presenter.forget(machine)
        self.note.setText(displayable(removed_text(machine, None)))
