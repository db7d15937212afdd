"""All runs in a table: sorted by any figure, several selected at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QAbstractItemView

from app.kit.signals import Sends
from app.kit.tables.columns import Column
from app.kit.tables.rows_table import RowsTable
from app.performance.speed_presenter import Key
from core.benchmark.service import StoredRun
from core.inference.words import HINTS
from core.sizes import megabytes
from core.text import when
from core.wording.benchmark_runs import executed_in, run_summary


def _column(
    title: str, meaning: str, value: Callable[[StoredRun], float | str | None], form: str = ""
) -> Column[StoredRun]:
    """`form` is how a number is written; without it, the value is text."""
    return Column(
        title,
        meaning,
        value,
        f"{{:{form}}}".format if form else str,
        hint=run_summary,
        right=bool(form),
    )


_COLUMNS = (
    _column("Model", "Named after its project", lambda one: one.title),
    _column(
        "Asked for",
        "Precision hint: true f32, OpenVINO's own choice (default), or another one",
        lambda one: HINTS[one.run.precision_hint],
    ),
    _column(
        "Executed",
        "Precision that most convolutions and matrix products ran in",
        lambda one: executed_in(one.run, one.result),
    ),
    _column(
        "Mode",
        "OpenVINO's performance hint, or streams and batch",
        lambda one: one.run.mode.label,
    ),
    _column(
        "FPS",
        "Throughput in FPS, median of the rounds",
        lambda one: one.run.throughput_fps,
        ".1f",
    ),
    _column(
        "p50, ms",
        "Median latency",
        lambda one: one.run.latency_ms.p50,
        ".2f",
    ),
    _column("p90", "90th percentile of latency", lambda one: one.run.latency_ms.p90, ".2f"),
    _column("p95", "95th percentile of latency", lambda one: one.run.latency_ms.p95, ".2f"),
    _column("p99", "99th percentile of latency", lambda one: one.run.latency_ms.p99, ".2f"),
    _column("Min", "Shortest latency", lambda one: one.run.latency_ms.min, ".2f"),
    _column("Max", "Longest latency", lambda one: one.run.latency_ms.max, ".2f"),
    _column(
        "First, ms",
        "The first inference after compiling",
        lambda one: one.run.first_inference_ms,
        ".1f",
    ),
    _column("Read, ms", "Reading the model", lambda one: one.run.read_ms, ".0f"),
    _column(
        "Compile, ms",
        "Compiling it, without a cache",
        lambda one: one.run.compile_ms,
        ".0f",
    ),
    Column(
        "Memory",
        "Peak resident memory of its process",
        lambda one: one.run.peak_memory_bytes,
        partial(megabytes, digits=0),
        hint=run_summary,
        right=True,
    ),
    Column(
        "Size",
        "Graph and weights on disk",
        lambda one: one.run.size_bytes,
        megabytes,
        hint=run_summary,
        right=True,
    ),
    _column("Streams", "Parallel streams", lambda one: one.run.streams, "d"),
    _column("In flight", "Infer requests in flight", lambda one: one.run.requests, "d"),
    _column("Threads", "Compute threads", lambda one: one.run.threads, "d"),
    _column("Device", "As OpenVINO names it", lambda one: one.result.machine.device),
    _column("Run on", "Empty: this machine", lambda one: one.result.machine.name),
    _column("Measured", "When the benchmark started", lambda one: when(one.result.started)),
)


class RunsTable(RowsTable):
    """The runs of the chosen projects, newest benchmark first."""

    runs_selected = Sends[tuple[Key, ...]]()

    def __init__(self) -> None:
        super().__init__("Runs", _COLUMNS)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.header.setStretchLastSection(False)
        self._runs: tuple[StoredRun, ...] = ()
        self.rows_chosen.connect(self._on_rows_chosen)

    def show_runs(self, runs: Sequence[StoredRun], selected: Sequence[Key]) -> None:
        """Show these runs, and these of them selected."""
        if _shown(runs) != _shown(self._runs):
            self._runs = tuple(runs)
            self.show_rows(self._runs)
            self.fit_columns()
        self.select_all(place for place, one in enumerate(self._runs) if one.key in selected)

    def _on_rows_chosen(self, places: tuple[int, ...]) -> None:
        self.runs_selected.emit(tuple(self._runs[place].key for place in places))


def _shown(runs: Sequence[StoredRun]) -> list[tuple[Key, str]]:
    """What of them may have changed; a stored run does not."""
    return [(one.key, one.title) for one in runs]
