"""Benchmark results written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from core.benchmark.noise import Noise
from core.benchmark.result import BenchmarkResult, BenchmarkRun, Ratio
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, RunMode
from core.inference.machine import Machine
from core.metrics.speed.figures import Interval
from core.metrics.speed.statistics import latency, spread, verdict

MACHINE = Machine(
    device="CPU", device_name="A processor", logical_cores=2, openvino="1", system="any"
)
QUIET = Noise(other_load_cores=0.0, other_load_most_cores=0.0)


def run_of(model: str = "parent", fps: float = 10.0, ms: float = 1.0, **more: Any) -> BenchmarkRun:
    """A run of one round in true f32, in the mode throughput."""
    run = BenchmarkRun(
        model=model,
        precision_hint="f32",
        mode=RunMode(),
        precision_executed="f32",
        precision_layers={"f32": 3},
        streams=1,
        threads=2,
        requests=1,
        devices=("CPU",),
        arithmetic=None,
        throughput_fps=fps,
        throughput_spread_fps=spread([fps]),
        throughput_rounds_fps=(fps,),
        latency_ms=latency([[ms]]),
        latency_rounds_ms=(ms,),
        inferences=1,
        read_ms=2.0,
        compile_ms=30.0,
        first_inference_ms=4.0,
        peak_memory_bytes=50_000_000,
        size_bytes=1_000_000,
        complete=True,
    )
    return msgspec.structs.replace(run, **more)


def ratio_of(value: float, rounds: int = 9, **more: Any) -> Ratio:
    """Optimized against parent, both by default, known to a hundredth."""
    interval = Interval(value=value, low=value - 0.01, high=value + 0.01)
    ratio = Ratio(
        model="optimized",
        precision_hint="default",
        against="parent",
        against_precision_hint="default",
        mode=None,
        throughput=interval,
        latency=interval,
        throughput_verdict=verdict(interval, rounds),
        latency_verdict=verdict(interval, rounds),
    )
    return msgspec.structs.replace(ratio, **more)


def result_of(*runs: BenchmarkRun, **more: Any) -> BenchmarkResult:
    """A benchmark of these runs on a quiet machine."""
    names = dict.fromkeys(run.model for run in runs)
    result = BenchmarkResult(
        models=tuple(BenchmarkedModel(name=name, xml=Path(f"{name}.xml")) for name in names),
        settings=BenchmarkSettings(),
        machine=MACHINE,
        rounds=1,
        round_seconds=0.25,
        started="2030-01-01T10:00:00+00:00",
        runs=runs,
        ratios=(),
        noise=QUIET,
    )
    return msgspec.structs.replace(result, **more)
