"""What a profile shows: a sentence for each finding, with buttons for its layers."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kit.boxes import across, discard, down
from app.kit.signals import Sends
from app.kit.theme import GAP
from app.kit.widgets import Card, button, label
from core.profiling.bottlenecks import Bottleneck
from core.profiling.findings import Finding, layers_of
from core.wording.profiling import finding_sentence


class FindingsCard(Card):
    """The findings, one below the other."""

    layers_requested = Sends[tuple[int, ...]]()  # places among the layers
    keep_requested = Sends[tuple[int, ...]]()  # the same

    def __init__(self) -> None:
        super().__init__("Findings")
        self.rows: list[FindingRow] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(GAP)
        self.box.addLayout(self._rows)

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """Show these."""
        for row in self.rows:
            self._rows.removeWidget(row)
            discard(row)
        self.rows = [FindingRow(one) for one in findings]
        for row in self.rows:
            row.layers_requested.connect(self.layers_requested)
            row.keep_requested.connect(self.keep_requested)
            self._rows.addWidget(row)


class FindingRow(QWidget):
    """A sentence, and buttons for its layers."""

    layers_requested = Sends[tuple[int, ...]]()
    keep_requested = Sends[tuple[int, ...]]()

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._layers = layers_of(finding)
        them = "it" if len(self._layers) == 1 else "them"
        self.show_them = button(f"Show {them}", flat=True)
        self.show_them.clicked.connect(self._on_show_clicked)
        self.keep_them = button(f"Keep {them} in float", flat=True)
        self.keep_them.clicked.connect(self._on_keep_clicked)
        buttons = QWidget()
        across(self.show_them, self.keep_them, 1, spacing=0, margins=0, on=buttons)
        down(
            label(finding_sentence(finding), selectable=True),
            buttons,
            spacing=0,
            margins=0,
            on=self,
        )
        if not (isinstance(finding, Bottleneck) and finding.keep_in_float):
            self.keep_them.hide()
        if not self._layers:
            buttons.hide()

    def _on_show_clicked(self) -> None:
        self.layers_requested.emit(self._layers)

    def _on_keep_clicked(self) -> None:
        self.keep_requested.emit(self._layers)
