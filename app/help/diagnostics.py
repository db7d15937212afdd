"""What to send to whoever helps: shown before it is copied."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QPlainTextEdit, QWidget

from app.kit.boxes import across, down
from app.kit.theme import GAP
from app.kit.widgets import button, label
from app.workers.computer import Computer
from app.workers.machinery import MachineAsker
from core.diagnostics import diagnostics, redacted


class DiagnosticsDialog(QDialog):
    """Help > Copy diagnostics."""

    def __init__(
        self,
        parent: QWidget | None,
        machine: MachineAsker,
        logs: Path,
        names: Sequence[str],
        traces: Sequence[Path],
    ) -> None:
        """`names` are left out, as paths are, unless they are asked for."""
        super().__init__(parent)
        self.setWindowTitle("Diagnostics")
        self.resize(820, 600)
        self._machine, self._logs, self._traces = machine, logs, traces
        self._names = tuple(names)
        self._texts = ("", "")  # without and with names
        self._computer = Computer(self)
        self.text = QPlainTextEdit("Asking OpenVINO for the devices…")
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Diagnostics")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.named = QCheckBox("Include names of users and projects, and paths")
        self.named.toggled.connect(self._show_text)
        self.copy = button("Copy", primary=True)
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._on_copy)
        self.said = label(quiet=True, wrap=False)
        close = button("Close")
        close.clicked.connect(self.accept)
        note = label("This is all that is copied. Nothing is sent anywhere.", quiet=True)
        below = across(self.named, (self.said, 1), self.copy, close, spacing=GAP)
        down(note, (self.text, 1), below, spacing=GAP, margins=GAP, on=self)
        machine.found.connect(self._gather)
        self._gather()
        machine.ask()

    def done(self, result: int) -> None:
        self._computer.close()
        super().done(result)

    def _gather(self) -> None:
        more = {
            "PySide6": pyside_version,
            "Qt": qVersion(),
            "Qt platform": QGuiApplication.platformName(),
        }
        names, known = self._names, self._machine.known
        make = partial(diagnostics, self._logs, known, more, self._traces)

        def both() -> tuple[str, str]:
            whole = make()
            return redacted(whole, names), whole

        self._computer.ask("diagnostics", both, self._on_gathered)

    def _on_gathered(self, texts: tuple[str, str]) -> None:
        self._texts = texts
        self.copy.setEnabled(True)
        self._show_text()

    def _show_text(self) -> None:
        if any(self._texts):
            self.text.setPlainText(self._texts[self.named.isChecked()])
            self.said.setText("")

    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self.text.toPlainText())
        self.said.setText("Copied")
