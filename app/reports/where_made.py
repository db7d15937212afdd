"""Where a report is made: on a host, which it is then about, or here, with help in detecting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.kit.boxes import down
from app.kit.fields import Form, note, quietly
from app.kit.text import displayable
from app.machines.choice import MachineChoice, allowed
from core.machines.machine import Machine
from core.machines.run_on import hosts
from core.machines.store import machines
from core.reports.kind import Option

_RUN_ON = "Both models run there and are judged there: the report is about that machine."
_DETECT_ON = "Detection is divided among its workers. The report is the same as without."


class WhereMade:
    """Two rows of a form, *Run on* and *Detect on*; each is seen where there is a choice."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._run_on = _Field("Run on", hosts, _RUN_ON)
        self._detect_on = _Field("Detect on", machines, _DETECT_ON)
        self.run_on, self.detect_on = self._run_on.choice, self._detect_on.choice
        for field in (self._run_on, self._detect_on):
            form.add_field(field.choice.accessibleName(), field)
        self.run_on.currentIndexChanged.connect(self._on_run_on_changed)

    def refresh(self, options: frozenset[Option]) -> None:
        """Look which machines there are, for a report that can be asked for `options`."""
        for field, option in ((self._run_on, "run_on"), (self._detect_on, "fresh")):
            field.choice.refresh()
            offered = option in options and field.choice.offers
            if not offered:
                with quietly(field.choice):
                    field.choice.setCurrentIndex(0)
            self._form.setRowVisible(field, offered)
        self._on_run_on_changed()

    def allowed(self, parent: QWidget) -> bool:
        """Whether images and models may be sent to what is chosen; asks once for each."""
        return all(allowed(parent, one.machine) for one in (self.run_on, self.detect_on))

    def _on_run_on_changed(self) -> None:
        """What runs on a host as a whole is not divided as well."""
        host = self.run_on.machine
        if host is not None:
            self.detect_on.setCurrentIndex(0)
        self.detect_on.setEnabled(host is None)
        said = _DETECT_ON if host is None else f"All of it runs on {host}."
        self._detect_on.note.setText(displayable(said))


class _Field(QWidget):
    """A choice of machines, and what it means below it."""

    def __init__(self, name: str, offered: Callable[[], tuple[Machine, ...]], meaning: str) -> None:
        super().__init__()
        self.choice = MachineChoice(name, offered)
        self.note = note(meaning)
        down(self.choice, self.note, spacing=4, margins=0, on=self)
