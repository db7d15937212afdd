"""What the program is, which versions it is made of, and their licences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QModelIndex, Qt, qVersion
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QTabWidget, QWidget

from app.kit.boxes import across, divided, down
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.tables.whole_rows import WholeRowsView
from app.kit.theme import GAP
from app.kit.widgets import Card, button, heading, label
from app.workers.asked_process import AskedProcess
from app.workers.computer import Computer
from app.workers.machinery import MachineAsker
from core import __version__
from core.errors import IN_THE_LOG
from core.parts import InstalledPart, installed_parts, licence_text, own_licence, versions
from core.text import visible
from core.updates import Answer
from core.values import from_json
from core.wording.updates import updates_text

_ABOUT = (
    "Quantizes object detectors with OpenVINO and NNCF, measures the speedup and shows the cost in "
    "accuracy. Nothing leaves this machine unless you ask for it."
)
_NOT_ASKED = "The program asks for a newer version when you press this, and never by itself."


class AboutDialog(QDialog):
    """Help > About."""

    def __init__(self, parent: QWidget | None, machine: MachineAsker) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Detection Workbench")
        self.resize(820, 560)
        self._machine = machine
        self._parts: tuple[InstalledPart, ...] = ()
        self._computer = Computer(self)
        self._versions: dict[str, str] = {}
        self.card = Card("Versions")
        self.licences = self._make_licences()
        self.pages = QTabWidget()
        self.pages.tabBar().setAccessibleName("About")
        page = QWidget()
        self.check = button("Check now")
        self.check.setToolTip("Asks whether there is a newer version. Only this request is sent.")
        self.check.clicked.connect(self._check)
        self.newest = label(_NOT_ASKED, quiet=True, selectable=True)
        self._asked = AskedProcess(self)
        self._asked.answered.connect(self._on_answered)
        row = across(self.check, (self.newest, 1), spacing=GAP)
        down(label(_ABOUT), self.card, row, 1, spacing=GAP, margins=GAP, on=page)
        self.pages.addTab(page, "Versions")
        self.pages.addTab(self.licences, "Licences")
        close = button("Close")
        close.clicked.connect(self.accept)
        title = heading(f"Detection Workbench {__version__}")
        down(title, (self.pages, 1), across(1, close), spacing=GAP, margins=GAP, on=self)
        self._computer.ask("versions", versions, self._on_versions)
        self._computer.ask("parts", installed_parts, self._on_parts)
        machine.found.connect(self._show_versions)
        machine.ask()

    def done(self, result: int) -> None:
        self._computer.close()
        self._asked.close()
        super().done(result)

    def _check(self) -> None:
        self.newest.setText("Asking…")
        self._asked.ask("updates")

    def _on_answered(self, answer: bytes) -> None:
        try:
            outcome: Answer = from_json(answer, Answer)
        except msgspec.DecodeError:
            outcome = Answer(problem=f"The program could not ask. {IN_THE_LOG}")
        self.newest.setText(
            visible(updates_text(outcome.found) if outcome.found else outcome.problem)
        )

    def _make_licences(self) -> QWidget:
        self.table = WholeRowsView()
        self.table.setAccessibleName("Parts of the program")
        self._model = PlainModel([PlainColumn(one) for one in ("Part", "Version", "Licence")], self)
        self.table.setModel(self._model)
        self.table.setColumnWidth(1, 120)
        self.table.setColumnWidth(2, 260)
        self.table.widen_first(200)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Text of the licence")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        both = divided(self.table, self.text, (200, 240), (0, 1), upright=True)
        page = QWidget()
        down((both, 1), margins=GAP, on=page)
        return page

    def _on_versions(self, found: dict[str, str]) -> None:
        self._versions = found
        self._show_versions()

    def _show_versions(self) -> None:
        facts = {**self._versions, "PySide6": pyside_version, "Qt": qVersion()}
        known = self._machine.known
        facts["Processor"] = known.processor.name if known else "being asked…"
        self.card.set_facts([(name, visible(value)) for name, value in facts.items()])

    def _on_parts(self, parts: Sequence[InstalledPart]) -> None:
        ours = InstalledPart("Detection Workbench", __version__, "Apache-2.0")
        self._parts = (ours, *parts)
        texts = [(part.name, part.version, part.licence) for part in self._parts]
        self._model.set_rows([tuple(visible(text) for text in row) for row in texts])
        self.table.selectionModel().currentChanged.connect(self._on_part_chosen)
        self.table.setCurrentIndex(self._model.index(0, 0))

    def _on_part_chosen(self, current: QModelIndex) -> None:
        row: int = current.data(Qt.ItemDataRole.UserRole)
        read = partial(licence_text, self._parts[row].name) if row else own_licence
        self._computer.ask("text", read, self._show_text)

    def _show_text(self, text: str) -> None:
        self.text.setPlainText(text or "No text of a licence was installed with it.")
