"""Ranges of figures in a filter: a column, its lowest and its highest value a row."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.kit.boxes import discard
from app.kit.fields import Choice, Decimal
from core.reports.filters import RATIOS, Range

_MOST = 100_000.0
_OPEN = -1.0  # the value of a field that leaves its end open


class RangeRows(QWidget):
    """A column, its lowest and its highest value a row, and always an empty row to add one."""

    changed = Signal()

    def __init__(self, columns: Mapping[str, str]) -> None:
        super().__init__()
        self._columns = columns
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self.rows: list[RangeRow] = []
        self.show_ranges({})

    def ranges(self) -> dict[str, Range]:
        """Those that are set."""
        return {row.column: row.ends for row in self.rows if row.column}

    def show_ranges(self, ranges: dict[str, Range]) -> None:
        """Put the fields there."""
        if self.rows and self.ranges() == ranges:
            return
        wanted = [*ranges.items(), ("", (None, None))]
        while len(self.rows) > len(wanted):
            self._take(self.rows[-1])
        while len(self.rows) < len(wanted):
            self._add()
        for row, (column, ends) in zip(self.rows, wanted, strict=True):
            row.show_range(column, ends)

    def _add(self) -> None:
        row = RangeRow(self._columns)
        row.changed.connect(self._on_changed)
        row.removed.connect(self._on_removed)
        self.rows.append(row)
        self._box.addWidget(row)

    def _take(self, row: RangeRow) -> None:
        self.rows.remove(row)
        self._box.removeWidget(row)
        discard(row)

    def _on_changed(self) -> None:
        if self.rows[-1].column and len(self.rows) < len(self._columns):
            self._add()
        self.changed.emit()

    def _on_removed(self) -> None:
        row = self.sender()
        if isinstance(row, RangeRow) and len(self.rows) > 1:
            self._take(row)
            self.changed.emit()


class RangeRow(QWidget):
    changed = Signal()
    removed = Signal()

    def __init__(self, columns: Mapping[str, str]) -> None:
        super().__init__()
        self._quiet = False
        self.choice = Choice("Column")
        self.choice.addItem("Choose a column…", "")
        for column, words in columns.items():
            self.choice.addItem(words.capitalize(), column)
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.currentIndexChanged.connect(self._on_column)
        self.lowest, self.highest = _end("lowest"), _end("highest")
        self.remove = QToolButton()
        self.remove.setText("×")
        self.remove.setToolTip("Remove this range")
        self.remove.clicked.connect(self.removed)
        for spin in (self.lowest, self.highest):
            spin.valueChanged.connect(self._on_changed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(self.choice, 0, 0, 1, 2)
        grid.addWidget(self.remove, 0, 2)
        grid.addWidget(self.lowest, 1, 0)
        grid.addWidget(self.highest, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.show_range("", (None, None))

    @property
    def column(self) -> str:
        """The column's name; empty for none."""
        return str(self.choice.currentData())

    @property
    def ends(self) -> Range:
        """Lowest and highest value; None leaves an end open."""
        lowest, highest = (
            None if spin.value() == _OPEN else spin.value() for spin in (self.lowest, self.highest)
        )
        return lowest, highest

    def show_range(self, column: str, ends: Range) -> None:
        """Put the fields there, without a signal."""
        self._quiet = True
        self.choice.setCurrentIndex(max(0, self.choice.findData(column)))
        for spin, end in zip((self.lowest, self.highest), ends, strict=True):
            spin.setValue(_OPEN if end is None else end)
        self._fit()
        self._quiet = False

    def _fit(self) -> None:
        ratio = self.column in (*RATIOS, "damage")
        for part in (self.lowest, self.highest, self.remove):
            part.setVisible(bool(self.column))
        for spin in (self.lowest, self.highest):
            spin.setDecimals(2 if ratio else 0)
            spin.setSingleStep(0.05 if ratio else 1)

    def _on_column(self) -> None:
        self._fit()
        if not self._quiet:
            if self.ends == (None, None) and self.column not in RATIOS:
                self._quiet = True
                self.lowest.setValue(1)  # who chooses "missed" means: some
                self._quiet = False
            self.changed.emit()

    def _on_changed(self) -> None:
        if not self._quiet:
            self.changed.emit()


def _end(name: str) -> QDoubleSpinBox:
    spin = Decimal()
    spin.setRange(_OPEN, _MOST)
    spin.setSpecialValueText("any")
    spin.setValue(_OPEN)
    spin.setAccessibleName(f"The {name} value")
    return spin
