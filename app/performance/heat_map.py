"""A grid of streams and batches as a heat map: one for each model and precision hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import label
from app.performance.run_text import HINT_NAMES, whole_text
from core.benchmark.service import StoredRun

if TYPE_CHECKING:
    from app.performance.speed_presenter import Key

# From little to much, after ColorBrewer's Blues: by lightness, so that no colour vision is needed.
_LIGHT, _DARK = QColor("#e3eef9"), QColor("#08306b")
FPS, LATENCY = "Pictures per second", "Latency p50, ms"


class HeatMap(QWidget):
    """Rows are streams, columns batches; the darker a cell, the larger its figure."""

    run_chosen = Sends["Key"]()

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[StoredRun, ...] = ()
        self._cells: dict[tuple[int, int], StoredRun] = {}
        self.which, self.figure = QComboBox(), QComboBox()
        self.figure.addItems([FPS, LATENCY])
        for choice, name in ((self.which, "Model and precision"), (self.figure, "Figure")):
            choice.setMinimumHeight(FIELD_HEIGHT)
            choice.setAccessibleName(name)
            choice.currentIndexChanged.connect(self._on_choice_changed)
        self.note = label(quiet=True)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.which)
        row.addWidget(self.figure)
        row.addWidget(self.note, 1)
        self.table = QTableWidget()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        for header in (self.table.horizontalHeader(), self.table.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setMinimumSectionSize(36)
        self.table.cellClicked.connect(self._on_cell_clicked)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(row)
        box.addWidget(self.table, 1)

    def show_runs(self, runs: Sequence[StoredRun]) -> bool:
        """Show those of these runs that are of a grid; False where there are none."""
        self._runs = tuple(one for one in runs if _cell(one) is not None)
        before = self.which.currentText()
        self.which.blockSignals(True)
        self.which.clear()
        self.which.addItems(list(dict.fromkeys(_group(one) for one in self._runs)))
        self.which.setCurrentIndex(max(0, self.which.findText(before)))
        self.which.blockSignals(False)
        self._draw()
        return bool(self._runs)

    def _draw(self) -> None:
        group = self.which.currentText()
        self._cells = {
            cell: one
            for one in reversed(self._runs)  # the newest one last, and so on top
            if _group(one) == group and (cell := _cell(one)) is not None
        }
        streams = sorted({row for row, _ in self._cells})
        batches = sorted({column for _, column in self._cells})
        self.table.setRowCount(len(streams))
        self.table.setColumnCount(len(batches))
        self.table.setVerticalHeaderLabels([f"{_counted(n, 'stream')}" for n in streams])
        self.table.setHorizontalHeaderLabels([f"batch {n}" for n in batches])
        self.table.clearContents()
        values = [self._value(one) for one in self._cells.values()]
        self.note.setText(
            "The darker, the more." if values else "No grid of streams and batches was measured."
        )
        for (row, column), one in self._cells.items():
            item = _item(one, self._value(one), min(values), max(values))
            self.table.setItem(streams.index(row), batches.index(column), item)

    def _value(self, one: StoredRun) -> float:
        if self.figure.currentText() == FPS:
            return one.run.throughput_fps
        return one.run.latency_ms.p50

    def _on_choice_changed(self) -> None:
        self._draw()

    def _on_cell_clicked(self, row: int, column: int) -> None:
        item = self.table.item(row, column)
        if item is not None:
            self.run_chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def _item(one: StoredRun, value: float, least: float, most: float) -> QTableWidgetItem:
    share = (value - least) / (most - least) if most > least else 1.0
    item = QTableWidgetItem(f"{value:.1f}")
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    item.setBackground(_between(share))
    item.setForeground(QColor("#ffffff") if share > 0.45 else QColor("#10243d"))
    item.setToolTip(tooltip(whole_text(one)))
    item.setData(Qt.ItemDataRole.UserRole, one.key)
    return item


def _between(share: float) -> QColor:
    return QColor(
        round(_LIGHT.red() + share * (_DARK.red() - _LIGHT.red())),
        round(_LIGHT.green() + share * (_DARK.green() - _LIGHT.green())),
        round(_LIGHT.blue() + share * (_DARK.blue() - _LIGHT.blue())),
    )


def _cell(one: StoredRun) -> tuple[int, int] | None:
    setting = one.run.setting
    if setting is None or setting.hint != "streams" or setting.streams is None:
        return None
    return setting.streams, setting.batch


def _group(one: StoredRun) -> str:
    run = one.run
    return f"{one.title}, {HINT_NAMES[run.precision_hint]} ({run.precision_executed})"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
