"""A stored run in words: short for a chart, whole for a tooltip."""

from __future__ import annotations

from core.benchmark.result import BenchmarkResult, BenchmarkRun
from core.benchmark.service import StoredRun
from core.inference.words import EMULATED, HINTS, SUMS
from core.sizes import megabytes
from core.text import counted, when
from core.wording.to_boxes import parts_text
from core.wording.words import precision


def run_title(stored: StoredRun) -> str:
    """Model, precision asked for and executed, and mode."""
    return f"{model_and_precision(stored)}, {stored.run.mode.label}"


def model_and_precision(stored: StoredRun) -> str:
    """Such as ``yolox, default (bf16)``."""
    run, machine = stored.run, stored.result.machine
    on = f", on {machine.name}" if machine.name else ""
    return f"{stored.title}, {precision(run.precision_hint, run.precision_executed)}{on}"


def ran_text(run: BenchmarkRun, result: BenchmarkResult) -> str:
    """What most layers ran in, and what INT8 sums were: ``int8, INT8 sums exact``."""
    sums = f", {SUMS[run.arithmetic]}" if run.arithmetic else ""
    return f"{executed_in(run, result)}{sums}"


def executed_in(run: BenchmarkRun, result: BenchmarkResult) -> str:
    """What most layers ran in: ``int8``, ``bf16``, ``bf16, emulated``."""
    return f"{run.precision_executed}{', emulated' if result.emulates(run) else ''}"


def run_summary(stored: StoredRun) -> str:
    """Everything that was recorded, a line each."""
    return "\n".join(f"{name}: {value}" for name, value in run_facts(stored))


def run_facts(stored: StoredRun) -> list[tuple[str, str]]:
    """Everything that was recorded: names and values."""
    run = stored.run
    spread, latency = run.throughput_spread_fps, run.latency_ms
    layers = ", ".join(f"{count} in {name}" for name, count in run.precision_layers.items())
    sums = f"; {SUMS[run.arithmetic]}" if run.arithmetic else ""
    sums += f"; {EMULATED}" if stored.result.emulates(run) else ""
    devices = f" on {', '.join(run.devices)}" if run.devices else ""
    return [
        ("Model", stored.title),
        ("Mode", run.mode.label),
        ("Precision", f"asked for {HINTS[run.precision_hint]}, executed {layers}{sums}"),
        (
            "Throughput",
            f"{spread.median:.1f} FPS (quartiles {spread.low:.1f} to {spread.high:.1f})",
        ),
        (
            "Latency",
            f"p50 {latency.p50:.2f}, p90 {latency.p90:.2f}, p95 {latency.p95:.2f}, p99 "
            f"{latency.p99:.2f} ms; {latency.min:.2f} to {latency.max:.2f} ms",
        ),
        *([("An image", parts_text(run.parts_ms))] if run.parts_ms is not None else []),
        (
            "Start",
            f"read in {run.read_ms:.0f}, compiled in {run.compile_ms:.0f}, first inference "
            f"{run.first_inference_ms:.1f} ms",
        ),
        (
            "Memory",
            f"{megabytes(run.peak_memory_bytes, 0)} at most; {megabytes(run.size_bytes)} on disk",
        ),
        (
            "Execution",
            f"{counted(run.streams, 'stream')}, {run.requests} in flight, "
            f"{counted(run.threads, 'thread')}{devices}",
        ),
        *_measured(stored),
    ]


def _measured(stored: StoredRun) -> list[tuple[str, str]]:
    """Where and when."""
    machine, rounds = stored.result.machine, len(stored.run.throughput_rounds_fps)
    sets = f"; {', '.join(machine.instruction_sets)}" if machine.instruction_sets else ""
    return [
        ("Machine", f"{machine.title}, {machine.logical_cores} logical cores{sets}"),
        ("OpenVINO", machine.openvino),
        ("Measured", f"{when(stored.result.started)}, {counted(rounds, 'round')}"),
    ]
