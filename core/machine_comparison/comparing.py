"""Two models on several machines: what each machine measured, in one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.benchmark.result import BenchmarkResult, BenchmarkRun
from core.documents.csv import Cell
from core.documents.tables import Column, Table
from core.metrics.accuracy.kept import AccuracyKept
from core.reports.predictions.kind import PredictionsResult
from core.reports.wording import VERDICT_WORDS
from core.targets.titles import TARGETS
from core.values import Value


class OnMachine(Value):
    """What was measured on a machine.

    Attributes:
        machine: as the user names it; ``this`` for the one that the program runs on.
        benchmark: of both models, in turns with each other there.
        report: on predictions, both models run and judged there; None without images.
        problem: why the rest is missing; empty where nothing is.
    """

    machine: str
    benchmark: BenchmarkResult | None = None
    report: PredictionsResult | None = None
    problem: str = ""


COLUMNS = (
    Column("machine", "machine"),
    Column("host", "host", in_files=True),
    Column("processor", "processor"),
    Column("device", "device", in_files=True),
    Column("model", "model"),
    Column("precision_hint", "asked"),
    Column("precision_executed", "executed"),
    Column("throughput_fps", "FPS", "decibel"),
    Column("throughput_low_fps", "FPS, lower quartile", "decibel", in_files=True),
    Column("throughput_high_fps", "FPS, upper quartile", "decibel", in_files=True),
    Column("latency_p50_ms", "latency p50 ms", "ratio"),
    Column("latency_p99_ms", "latency p99 ms", "ratio", in_files=True),
    Column("accuracy_kept", "accuracy kept", "percent"),
    Column("accuracy_kept_low", "accuracy kept, low", "percent", in_files=True),
    Column("accuracy_kept_high", "accuracy kept, high", "percent", in_files=True),
    Column("verdict", "verdict"),
)


def machine_table(
    machines: Sequence[OnMachine], optimized: str, titles: Sequence[Mapping[str, str]] = ()
) -> Table:
    """A row for each machine, model and precision; `optimized` is what that model is called.

    `titles`, of each machine, say what the models of its benchmark are called here; those without
    one are left out. Figures of different machines stand below each other, and in no ratio.
    """
    rows: list[tuple[Cell, ...]] = []
    for place, one in enumerate(machines):
        rows += _rows(one, optimized, titles[place] if titles else None)
    return Table.of_rows(COLUMNS, rows)


def _rows(
    one: OnMachine, optimized: str, titles: Mapping[str, str] | None
) -> Iterator[tuple[Cell, ...]]:
    result = one.benchmark
    if result is None:
        return
    pairs = dict.fromkeys((run.model, run.precision_hint) for run in result.runs)
    for model, hint in pairs:
        title = model if titles is None else titles.get(model)
        if title is None:
            continue
        many, alone = result.run(model, hint), result.run(model, hint, "latency")
        if many is None or alone is None:
            continue
        machine = result.machine
        yield (
            one.machine,
            machine.host,
            machine.device_name,
            machine.device,
            title,
            hint,
            many.precision_executed,
            *_speed(many, alone),
            *_accuracy(one.report, hint if title == optimized else ""),
        )


def _speed(many: BenchmarkRun, alone: BenchmarkRun) -> tuple[Cell, ...]:
    spread, latency = many.throughput_spread_fps, alone.latency_ms
    return spread.median, spread.low, spread.high, latency.p50, latency.p99


def _accuracy(report: PredictionsResult | None, hint: str) -> tuple[Cell, ...]:
    """Of the optimized model, as the report ran it: by default, and by what INT8 alone left."""
    kept: AccuracyKept | None = None
    verdict: Cell = None
    if report is not None and hint == "default":
        kept, verdict = report.grounds.kept, VERDICT_WORDS[report.verdict.name]
        if report.target != "this_machine":  # of a project; judged as that computes
            verdict = f"{verdict} ({TARGETS[report.target]})"
    elif report is not None and hint == "f32":
        kept = report.grounds.kept_in_f32
    if kept is None:
        return None, None, None, verdict
    return kept.share.value, kept.share.low, kept.share.high, verdict
