"""The best run under a limit of latency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.benchmark.plan import BenchmarkRun

Quantile = Literal["p50", "p90", "p95", "p99"]


def sweet_spot(runs: Sequence[BenchmarkRun], quantile: Quantile, most_ms: float) -> int | None:
    """The place of the run with the most pictures per second whose latency keeps the limit."""
    fit = [
        place
        for place, run in enumerate(runs)
        if (latency := latency_of(run, quantile)) is not None and latency <= most_ms
    ]
    return max(fit, key=lambda place: runs[place].throughput_fps, default=None)


def latency_of(run: BenchmarkRun, quantile: Quantile) -> float | None:
    """Milliseconds while the run's throughput was reached.

    None for runs of older versions, whose throughput and latency are of two settings, and which
    lack some quantiles.
    """
    if run.setting is None:
        return None
    found: float | None = getattr(run.latency_ms, quantile)
    return found
