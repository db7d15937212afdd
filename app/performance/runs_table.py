"""All runs in a table: sorted by any figure, several selected at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.performance.run_text import HINT_NAMES, setting_text, whole_text
from app.performance.speed_presenter import Key
from core.benchmark.service import StoredRun

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


@dataclass(frozen=True)
class _Column:
    """Its title, what it means, its value of a run (to sort by), and how that is written."""

    title: str
    meaning: str
    value: Callable[[StoredRun], float | str | None]
    form: str = "{}"


_COLUMNS = (
    _Column("Model", "Named after its project", lambda one: displayable(one.title)),
    _Column(
        "Asked for",
        "Precision hint: true f32, OpenVINO's own choice (default), or another one",
        lambda one: HINT_NAMES[one.run.precision_hint],
    ),
    _Column(
        "Executed",
        "What most convolutions and matrix products really ran in",
        lambda one: one.run.precision_executed,
    ),
    _Column("Setting", "What OpenVINO aims at, or streams and batch", setting_text),
    _Column(
        "FPS",
        "Throughput: pictures per second, median of the rounds",
        lambda one: one.run.throughput_fps,
        "{:.1f}",
    ),
    _Column(
        "p50, ms",
        "Latency of single inferences: half of them take no longer",
        lambda one: one.run.latency_ms.p50,
        "{:.2f}",
    ),
    _Column("p90", "90 % take no longer", lambda one: one.run.latency_ms.p90, "{:.2f}"),
    _Column("p95", "95 % take no longer", lambda one: one.run.latency_ms.p95, "{:.2f}"),
    _Column("p99", "99 % take no longer", lambda one: one.run.latency_ms.p99, "{:.2f}"),
    _Column("Min", "The shortest", lambda one: one.run.latency_ms.min, "{:.2f}"),
    _Column("Max", "The longest", lambda one: one.run.latency_ms.max, "{:.2f}"),
    _Column(
        "First, ms",
        "The first inference after compiling",
        lambda one: one.run.first_inference_ms,
        "{:.1f}",
    ),
    _Column("Read, ms", "Reading the model", lambda one: one.run.read_ms, "{:.0f}"),
    _Column(
        "Compile, ms",
        "Compiling it, without a cache",
        lambda one: one.run.compile_ms,
        "{:.0f}",
    ),
    _Column(
        "Memory, MB",
        "Resident memory of its process, at the highest",
        lambda one: None if one.run.peak_memory_bytes is None else one.run.peak_memory_bytes / 1e6,
        "{:.0f}",
    ),
    _Column(
        "Size, MB",
        "Graph and weights on disk",
        lambda one: None if one.run.size_bytes is None else one.run.size_bytes / 1e6,
        "{:.2f}",
    ),
    _Column("Streams", "Computed side by side", lambda one: one.run.streams),
    _Column("In flight", "Inferences started at a time", lambda one: one.run.requests),
    _Column("Threads", "That compute", lambda one: one.run.threads),
    _Column("Device", "As OpenVINO names it", lambda one: one.result.machine.device),
    _Column("Measured", "When, in UTC", lambda one: one.result.started),
)
_FIRST_NUMBER = 4


class RunsTable(QTableView):
    """The runs of the chosen projects."""

    runs_selected = Sends[tuple[Key, ...]]()

    def __init__(self) -> None:
        super().__init__()
        self.rows = _Rows()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.rows)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setHighlightSections(False)
        self._silent = False
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def show_runs(self, runs: Sequence[StoredRun], selected: Sequence[Key]) -> None:
        """Show these runs, and these of them selected."""
        self._silent = True
        self.rows.show_runs(runs)
        chosen = QItemSelection()
        for row, one in enumerate(self.rows.runs):
            if one.key in selected:
                index = self._sorted.mapFromSource(self.rows.index(row, 0))
                chosen.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flags.ClearAndSelect | flags.Rows)
        self._silent = False

    def _on_selection_changed(self) -> None:
        if self._silent:
            return
        rows = sorted(
            self._sorted.mapToSource(index).row() for index in self.selectionModel().selectedRows()
        )
        self.runs_selected.emit(tuple(self.rows.runs[row].key for row in rows))


class _Rows(QAbstractTableModel):
    """The runs, newest benchmark first."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: tuple[StoredRun, ...] = ()

    def show_runs(self, runs: Sequence[StoredRun]) -> None:
        if [one.key for one in runs] == [one.key for one in self.runs]:
            return
        self.beginResetModel()
        self.runs = tuple(runs)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, one = _COLUMNS[index.column()], self.runs[index.row()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            number = index.column() >= _FIRST_NUMBER
            side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(whole_text(one))
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.UserRole):
            return None
        value = column.value(one)
        if role == Qt.ItemDataRole.UserRole:
            return -1.0 if value is None else value
        return "" if value is None else column.form.format(value)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return _COLUMNS[section].meaning
        return None
