"""A run in words: short for a chart, whole for a tooltip."""

from __future__ import annotations

from core.benchmark.service import StoredRun
from core.inference.compiling import PrecisionHint

HINT_NAMES: dict[PrecisionHint, str] = {
    "f32": "true f32",
    "default": "default",
    "bf16": "bf16",
    "f16": "f16",
}


def setting_text(stored: StoredRun) -> str:
    """Such as ``throughput`` or ``2 streams x batch 4``."""
    return stored.run.mode.label


def short_text(stored: StoredRun) -> str:
    """Model, precision asked for and executed, and setting."""
    run = stored.run
    return (
        f"{stored.title}, {HINT_NAMES[run.precision_hint]} ({run.precision_executed}), "
        f"{setting_text(stored)}"
    )


def whole_text(stored: StoredRun) -> str:
    """Everything that was recorded, a line each."""
    return "\n".join(f"{name}: {value}" for name, value in facts(stored))


def facts(stored: StoredRun) -> list[tuple[str, str]]:
    """Everything that was recorded: names and values."""
    run, where = stored.run, stored.result.machine
    spread, latency = run.throughput_spread_fps, run.latency_ms
    layers = ", ".join(f"{count} in {name}" for name, count in run.precision_layers.items())
    found = [
        ("Model", stored.title),
        ("Setting", setting_text(stored)),
        ("Precision", f"asked for {HINT_NAMES[run.precision_hint]}, executed {layers}"),
        (
            "Throughput",
            f"{spread.median:.1f} pictures per second (quartiles {spread.low:.1f} to "
            f"{spread.high:.1f})",
        ),
        (
            "Latency",
            f"p50 {latency.p50:.2f}, p90 {latency.p90:.2f}, p95 {latency.p95:.2f}, "
            f"p99 {latency.p99:.2f} ms",
        ),
    ]
    found += [
        ("Shortest, longest", f"{latency.min:.2f}, {latency.max:.2f} ms"),
        (
            "Start",
            f"read in {run.read_ms:.0f}, compiled in {run.compile_ms:.0f}, first inference "
            f"{run.first_inference_ms:.1f} ms",
        ),
        (
            "Memory",
            f"{run.peak_memory_bytes / 1e6:.0f} MB at most; {run.size_bytes / 1e6:.2f} MB on disk",
        ),
    ]
    devices = f" on {', '.join(run.devices)}" if run.devices else ""
    found += [
        (
            "Execution",
            f"{run.streams} streams, {run.requests} in flight, {run.threads} threads{devices}",
        ),
        (
            "Machine",
            f"{where.device_name}, {where.logical_cores} logical cores"
            + (f"; {', '.join(where.instruction_sets)}" if where.instruction_sets else ""),
        ),
        ("OpenVINO", where.openvino),
        ("Measured", f"{stored.result.started}, {len(run.throughput_rounds_fps)} rounds"),
    ]
    return found
