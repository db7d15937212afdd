"""Where something is done: on this machine, or on one that the user added."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.kit.fields import Choice, quietly
from app.kit.text import displayable
from core.errors import WorkbenchError
from core.machines.machine import Machine
from core.machines.store import agree, machine_named, machines
from core.machines.words import MADE_READY, SENT_TO_WORKERS, TRUST


class MachineChoice(Choice):
    """A choice of machines; none but this one where the user added none."""

    def __init__(self, name: str, offered: Callable[[], tuple[Machine, ...]] = machines) -> None:
        """`offered` are those of the user's that can be chosen; it raises WorkbenchError."""
        self._offered = offered
        super().__init__(name)
        self.refresh()

    @property
    def machine(self) -> str | None:
        """The name of the one that is chosen; None for this one."""
        chosen = self.currentData()
        return None if chosen is None else str(chosen)

    @property
    def offers(self) -> bool:
        """Whether there is anything to choose from."""
        return self.count() > 1

    def refresh(self) -> None:
        """Read which there are; what is chosen stays, if it is still there."""
        try:
            found = self._offered()
        except WorkbenchError:  # the dialog of machines says so
            found = ()
        before = self.machine
        with quietly(self):
            self.clear()
            self.addItem("This machine", None)
            for one in found:
                self.addItem(displayable(f"{one.name}: {one.address}"), one.name)
            names = [None, *(one.name for one in found)]
            self.setCurrentIndex(names.index(before) if before in names else 0)

    def showPopup(self) -> None:
        """Look first, for the terminal adds machines as well."""
        self.refresh()
        super().showPopup()


def allowed(parent: QWidget, name: str | None) -> bool:
    """Whether images and models may be sent to that machine, if it is one; asks once for each.

    What is wrong with the machine is said where the work is planned.
    """
    if name is None:
        return True
    try:
        machine = machine_named(name)
        return machine.agreed or ask_to_agree(parent, machine)
    except WorkbenchError:
        return True


def ask_to_agree(parent: QWidget, machine: Machine) -> bool:
    """Ask, and note that the user agrees; whether they do."""
    box = QMessageBox(QMessageBox.Icon.Question, "Send images and models", "", parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(displayable(f"Send images and models to {machine.name} ({machine.address})?"))
    box.setInformativeText(
        f"{MADE_READY if machine.by_ssh else SENT_TO_WORKERS} {TRUST} "
        "You are asked once for each machine; removing it deletes what was made and sent there."
    )
    yes = box.addButton("Agree", QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    if box.clickedButton() is not yes:
        return False
    agree(machine.name)
    return True
