"""A confusion matrix: the more boxes in a cell, the stronger its colour; a click shows them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QWidget

from app.kit.signals import Sends
from app.kit.tables.heat_table import HeatCell, HeatTable
from app.kit.theme import is_dark

NONE = "no box"
_RIGHT, _WRONG = QColor("#0072B2"), QColor("#D55E00")  # Okabe and Ito 2008


class ConfusionMatrix(HeatTable):
    """Rows: the reference's classes; columns: what the other model made of them; last: no box."""

    classes_chosen = Sends[str | None, str | None]()  # row's class, column's class

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Confusion matrix")
        self._names: tuple[str, ...] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._shares: NDArray[np.float64] = np.zeros((0, 0))
        self._sides = ("", "")
        self.cell_chosen.connect(self._on_cell_chosen)

    def show_matrix(
        self, class_names: Sequence[str], counts: NDArray[np.int64], rows: str, columns: str
    ) -> None:
        """Show ``[C+1, C+1]`` counts; `rows` and `columns` say whose classes those are."""
        self._names, self._counts, self._sides = tuple(class_names), counts, (rows, columns)
        # square roots: a few boxes are seen beside hundreds
        self._shares = np.sqrt(counts / max(1, counts.max(initial=1)))
        shown = [self._name(place) for place in range(len(counts))]
        self.show_cells(shown, shown, self._cell)

    def _cell(self, row: int, column: int) -> HeatCell:
        count = int(self._counts[row, column])
        rows, columns = self._sides
        hint = f"{rows}: {self._name(row)}\n{columns}: {self._name(column)}\n{count:,} boxes"
        if not count:
            return HeatCell(hint=hint)
        colour = QColor(_RIGHT if row == column else _WRONG)
        colour.setAlphaF(0.10 + 0.90 * float(self._shares[row, column]))
        return HeatCell(
            f"{count:,}", f"{hint}\nClick to see the images.", colour, self._ink(row, column)
        )

    def _ink(self, row: int, column: int) -> QColor:
        palette = self.palette()
        if self._shares[row, column] > 0.5 or is_dark(palette):
            return QColor("#ffffff")
        return palette.color(QPalette.ColorRole.Text)

    def _class(self, place: int) -> str | None:
        return self._names[place] if place < len(self._names) else None

    def _name(self, place: int) -> str:
        return self._class(place) or NONE

    def _on_cell_chosen(self, row: int, column: int) -> None:
        self.classes_chosen.emit(self._class(row), self._class(column))
