"""The best run under a limit of latency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.benchmark.result import BenchmarkRun

Quantile = Literal["p50", "p90", "p95", "p99"]


def sweet_spot(runs: Sequence[BenchmarkRun], quantile: Quantile, most_ms: float) -> int | None:
    """The place of the run with the most FPS whose latency meets the limit."""
    fit = [place for place, run in enumerate(runs) if latency_of(run, quantile) <= most_ms]
    return max(fit, key=lambda place: runs[place].throughput_fps, default=None)


def latency_of(run: BenchmarkRun, quantile: Quantile) -> float:
    """Milliseconds while the run's throughput was reached."""
    found: float = getattr(run.latency_ms, quantile)
    return found
