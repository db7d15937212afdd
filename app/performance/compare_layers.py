"""The layers of the first project beside those of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.kit.boxes import across, down
from app.kit.fields import combo
from app.kit.tables.rows_table import RowsTable
from app.kit.theme import GAP
from app.kit.widgets import heading, label
from app.performance.layers_model import PAIR_WIDTHS, pair_columns
from core.wording.project_comparison import pair_note
from core.wording.words import letter

if TYPE_CHECKING:
    from core.project_comparison.comparing import Pair, ProjectComparison


class CompareLayers(QWidget):
    """Which pair, and its table."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: tuple[Pair, ...] = ()
        self.pair = combo("Project whose layers are compared with A's", widest=170)
        self.pair.activated.connect(self._show_pair)
        self.note = label(quiet=True)
        self.table = RowsTable("Layer by layer", pair_columns("B"), PAIR_WIDTHS)
        self.table.setMinimumHeight(420)
        head = across((heading("Layer by layer", 2), 1), self.pair)
        down(head, self.note, self.table, spacing=GAP, margins=0, on=self)

    def show_comparison(self, comparison: ProjectComparison) -> None:
        """Show the layers of the first pair."""
        self._pairs = comparison.pairs
        self.pair.clear()
        self.pair.addItems([f"A and {letter(pair.place)}" for pair in self._pairs])
        self.pair.setVisible(len(self._pairs) > 1)
        self._show_pair(0)

    def _show_pair(self, number: int) -> None:
        there = number < len(self._pairs)
        self.table.setVisible(there)
        if not there:
            self.note.setText("To compare layers, profile both projects on the Layers page.")
            return
        pair = self._pairs[number]
        self.note.setText(pair_note(pair))
        self.table.show_rows(pair.groups, pair_columns(letter(pair.place)))
