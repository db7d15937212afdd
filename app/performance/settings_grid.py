"""A grid of streams and batches as a heat map: one for each model and precision hint."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.kit.boxes import across, down
from app.kit.fields import combo, quietly
from app.kit.signals import Sends
from app.kit.tables.heat_table import HeatCell, HeatTable
from app.kit.text import counted, displayable
from app.kit.theme import GAP
from app.kit.widgets import label
from app.performance.speed_presenter import Key
from core.benchmark.service import StoredRun
from core.wording.benchmark_runs import model_and_precision, run_summary

# From little to much, after ColorBrewer's Blues: by lightness, so that no colour vision is needed.
_LIGHT, _DARK = QColor("#e3eef9"), QColor("#08306b")
FPS, LATENCY = "Throughput, FPS", "Latency p50, ms"


class SettingsGrid(QWidget):
    """Rows are streams, columns batches; darker = higher."""

    run_chosen = Sends[Key]()

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[StoredRun, ...] = ()
        self._cells: dict[tuple[int, int], StoredRun] = {}
        self._streams: list[int] = []
        self._batches: list[int] = []
        self.which, self.figure = combo("Model and precision"), combo("Figure")
        self.figure.addItems([FPS, LATENCY])
        for choice in (self.which, self.figure):
            choice.currentIndexChanged.connect(self._draw)
        self.note = label(quiet=True)
        row = across((self.which, 2), (self.figure, 1), (self.note, 1), spacing=GAP)
        self.table = HeatTable(wide=True)
        self.table.setAccessibleName("Runs by their settings")
        self.table.cell_chosen.connect(self._on_cell_chosen)
        down(row, (self.table, 1), margins=0, on=self)

    def show_runs(self, runs: Sequence[StoredRun]) -> bool:
        """Show those of these runs that are of a grid; False where there are none."""
        self._runs = tuple(one for one in runs if _cell(one) is not None)
        before = self.which.currentText()
        with quietly(self.which):
            self.which.clear()
            self.which.addItems(list(dict.fromkeys(_group(one) for one in self._runs)))
            self.which.setCurrentIndex(max(0, self.which.findText(before)))
        self._draw()
        return bool(self._runs)

    def _draw(self) -> None:
        group = self.which.currentText()
        self._cells = {
            cell: one
            for one in reversed(self._runs)  # the newest one last, and so on top
            if _group(one) == group and (cell := _cell(one)) is not None
        }
        self._streams = sorted({row for row, _ in self._cells})
        self._batches = sorted({column for _, column in self._cells})
        values = [self._value(one) for one in self._cells.values()]
        self.note.setText(
            "Darker = higher" if values else "No grid of streams and batches was measured."
        )
        least, most = min(values, default=0.0), max(values, default=0.0)

        def cell_of(row: int, column: int) -> HeatCell | None:
            one = self._cells.get((self._streams[row], self._batches[column]))
            return None if one is None else _shown(one, self._value(one), least, most)

        self.table.show_cells(
            [counted(n, "stream", "streams") for n in self._streams],
            [f"batch {n}" for n in self._batches],
            cell_of,
        )

    def _value(self, one: StoredRun) -> float:
        if self.figure.currentText() == FPS:
            return one.run.throughput_fps
        return one.run.latency_ms.p50

    def _on_cell_chosen(self, row: int, column: int) -> None:
        self.run_chosen.emit(self._cells[self._streams[row], self._batches[column]].key)


def _shown(one: StoredRun, value: float, least: float, most: float) -> HeatCell:
    share = (value - least) / (most - least) if most > least else 1.0
    ink = QColor("#ffffff") if share > 0.45 else QColor("#10243d")
    return HeatCell(f"{value:.1f}", run_summary(one), _between(share), ink)


def _between(share: float) -> QColor:
    return QColor(
        round(_LIGHT.red() + share * (_DARK.red() - _LIGHT.red())),
        round(_LIGHT.green() + share * (_DARK.green() - _LIGHT.green())),
        round(_LIGHT.blue() + share * (_DARK.blue() - _LIGHT.blue())),
    )


def _cell(one: StoredRun) -> tuple[int, int] | None:
    mode = one.run.mode
    if mode.hint != "streams" or mode.streams is None or mode.to_boxes:
        return None
    return mode.streams, mode.batch


def _group(one: StoredRun) -> str:
    return displayable(model_and_precision(one))
