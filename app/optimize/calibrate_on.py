"""Where the statistics of the calibration images are collected, beside what that means."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.kit.boxes import across
from app.kit.fields import FIELD_WIDTH, note, quietly
from app.kit.theme import GAP
from app.machines.choice import MachineChoice

_MEANING = "Its workers collect the statistics of the calibration images. The model is the same."


class CalibrateOn(QWidget):
    """A choice of machines, which is of no use where there is but this one."""

    def __init__(self) -> None:
        super().__init__()
        self.choice = MachineChoice("Calibrate on")
        self.choice.setMinimumWidth(FIELD_WIDTH)
        self.note = note(_MEANING)
        self._before: str | None = None  # what was chosen before there was a reason against it
        across(self.choice, (self.note, 1), spacing=GAP, margins=0, on=self)

    @property
    def machine(self) -> str | None:
        """The name of the one that is chosen; None for this one."""
        return self.choice.machine

    def refresh(self) -> bool:
        """Read which there are; whether there is a choice."""
        self.choice.refresh()
        return self.choice.offers

    def show_reason(self, reason: str) -> None:
        """Why it is done on this machine alone; empty where the user may choose again."""
        if bool(reason) == self.choice.isEnabled():
            chosen = None if reason else self._before
            self._before = self.choice.machine
            with quietly(self.choice):
                self.choice.setCurrentIndex(max(0, self.choice.findData(chosen)))
            self.choice.setEnabled(not reason)
        self.note.setText(reason or _MEANING)
