"""Which deployment package is to be tested, on which machine, and what its self-test says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from app.kit.boxes import across, down
from app.kit.fields import Form, combo, note
from app.kit.text import displayable
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import PathField, button, label
from app.machines.choice import MachineChoice, allowed
from app.transfer.self_test_presenter import SelfTestPresenter
from core.deployment.self_testing import SelfTestResult
from core.deployment.wording import tested_sentence
from core.errors import WorkbenchError
from core.machines.run_on import hosts

_PACKAGES = "Deployment packages (*.zip);;All files (*)"
_TRUST = "The package's own code is run: choose one that you trust."
_DEVICES = "CPU", "GPU", "NPU"
_RUN_ON = "The package is sent to that machine and tested there, in its own turn."


class SelfTestDialog(QDialog):
    """A package, a machine, and the lines of the test."""

    def __init__(self, parent: QWidget, presenter: SelfTestPresenter) -> None:
        super().__init__(parent)
        self._presenter = presenter
        presenter.setParent(self)
        self.setWindowTitle("Test a deployment package")
        self.resize(760, 460)
        self.package = PathField("Package", "The folder or .zip file", files=_PACKAGES)
        self.package.changed.connect(self._show_possible)
        self.run_on = MachineChoice("Run on", hosts)
        self.device = combo("Device")
        self.device.addItems(_DEVICES)
        self.lines = QPlainTextEdit()
        self.lines.setAccessibleName("What the self-test says")
        self.lines.setReadOnly(True)
        self.note = label(selectable=True)
        self.start = button("Run self-test", primary=True)
        self.start.clicked.connect(self._on_start_clicked)
        self.stop = button("Cancel")
        self.stop.clicked.connect(presenter.cancel)
        self.stop.hide()
        close = button("Close")
        close.clicked.connect(self.accept)
        form = Form()
        form.add_field("Package", down(self.package, note(_TRUST), spacing=4))
        form.add_field("Device", self.device)
        where = down(self.run_on, note(_RUN_ON), spacing=4)
        form.add_field("Run on", where)
        form.setRowVisible(where, self.run_on.offers)
        foot = across((self.note, 1), self.stop, self.start, close, spacing=GAP)
        down(form, (self.lines, 1), foot, spacing=GAP, margins=MARGIN, on=self)
        presenter.working.connect(self._on_working)
        presenter.tested.connect(self._on_tested)
        presenter.failed.connect(self._on_failed)
        presenter.cancelled.connect(self._on_cancelled)
        self.finished.connect(presenter.close)
        self._show_possible()

    def _show_possible(self) -> None:
        self.start.setEnabled(self.package.path is not None and not self._presenter.busy)

    def _on_start_clicked(self) -> None:
        package: Path | None = self.package.path
        if package is not None and allowed(self, self.run_on.machine):
            self.lines.clear()
            self._presenter.test(package, self.device.currentText(), self.run_on.machine)

    def _on_working(self, doing: str) -> None:
        self.stop.setVisible(bool(doing))
        for field in (self.package, self.device, self.run_on):
            field.setEnabled(not doing)
        self._show_possible()
        if doing:
            self.note.setText(displayable(doing))

    def _on_tested(self, tested: SelfTestResult) -> None:
        self.lines.setPlainText(displayable("\n".join(tested.lines)))
        self.note.setText(displayable(tested_sentence(tested)))

    def _on_failed(self, error: WorkbenchError) -> None:
        self.note.setText(displayable(str(error)))

    def _on_cancelled(self) -> None:
        self.note.setText("Cancelled.")
