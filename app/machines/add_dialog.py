"""A form for a machine that is to be added."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from app.kit.boxes import across, down
from app.kit.fields import Form, Whole
from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import PathField, button, label
from app.machines.presenter import MachinesPresenter
from core.errors import InputError, WorkbenchError
from core.machines.machine import MOST_CACHE_GIB, Machine, new_machine
from core.machines.ssh_address import SCHEME

_FILES = "Certificates and keys (*.pem *.crt *.cert *.key);;All files (*)"
_PEM = "PEM, of a scheduler that is not on this machine"
_USUAL_GIB = 20


class AddMachineDialog(QDialog):
    """Name, address, files of TLS (of a scheduler), and how much may be stored there."""

    added = Sends[Machine]()

    def __init__(self, parent: QWidget, presenter: MachinesPresenter) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setWindowTitle("Add a machine")
        self.resize(680, 380)
        self.name = self._line("Name", "lab")
        self.address = self._line("Address", "ssh://host, or tls://host:8786 of a Dask scheduler")
        self.ca, self.certificate, self.key = (
            PathField(name, _PEM, files=_FILES)
            for name in ("Authority's certificate", "Your certificate", "Its key")
        )
        self.address.textChanged.connect(self._on_address_changed)
        self.limit = Whole()
        self.limit.setAccessibleName("Most that is stored on each host")
        self.limit.setRange(1, MOST_CACHE_GIB)
        self.limit.setValue(_USUAL_GIB)
        self.limit.setSuffix(" GiB")
        self.limit.setMaximumWidth(160)
        self.note = label(selectable=True)
        self.add = button("Add", primary=True)
        self.add.clicked.connect(self._on_add_clicked)
        cancel = button("Cancel")
        cancel.clicked.connect(self.reject)
        form = Form()
        form.add_field("Name", self.name)
        form.add_field("Address", self.address)
        form.add_field("Authority's certificate", self.ca)
        form.add_field("Your certificate", self.certificate)
        form.add_field("Its key", self.key)
        form.add_field("Stored on each host at most", self.limit)
        foot = across(1, cancel, self.add, spacing=GAP)
        down(form, (self.note, 1), foot, spacing=GAP, margins=GAP, on=self)
        presenter.failed.connect(self._on_failed)

    def _line(self, name: str, example: str) -> QLineEdit:
        edit = QLineEdit()
        edit.setAccessibleName(name)
        edit.setPlaceholderText(example)
        edit.setMinimumHeight(FIELD_HEIGHT)
        return edit

    def _on_address_changed(self, text: str) -> None:
        """A host that is reached by SSH needs no files of TLS."""
        for field in (self.ca, self.certificate, self.key):
            field.setEnabled(not text.strip().startswith(SCHEME))

    def _on_add_clicked(self) -> None:
        fields = self.ca, self.certificate, self.key
        files = [one.path if one.isEnabled() else None for one in fields]
        try:
            machine = new_machine(
                self.name.text().strip(), self.address.text(), *files, cache_gib=self.limit.value()
            )
        except InputError as error:
            self._on_failed(error)
            return
        if self._presenter.add(machine):
            self.accept()
            self.added.emit(machine)

    def _on_failed(self, error: WorkbenchError) -> None:
        self.note.setText(displayable(str(error)))
