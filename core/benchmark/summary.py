"""From samples to the figures that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from core.benchmark.no_gain import no_gain
from core.benchmark.noise import Noise
from core.benchmark.parts import typical
from core.benchmark.result import BenchmarkResult, BenchmarkRun, NotRun, Ratio
from core.benchmark.runs import Run
from core.benchmark.samples import Samples
from core.benchmark.settings import (
    LATENCY,
    THROUGHPUT,
    BenchmarkedModel,
    BenchmarkSettings,
    RunMode,
)
from core.inference.machine import this_machine
from core.inference.settings import PrecisionHint
from core.metrics.speed.statistics import latency, ratio_interval, spread, verdict

_Runs = dict[tuple[str, PrecisionHint], Samples]


def summarize(
    measured: Sequence[Run],
    models: tuple[BenchmarkedModel, ...],
    settings: BenchmarkSettings,
    *,
    started: str,
    round_seconds: float,
    noise: Noise,
    stopped: bool,
    not_run: tuple[NotRun, ...],
) -> BenchmarkResult:
    """The result of a benchmark; what is not computed here as in `BenchmarkResult`."""
    runs = tuple(_figures(run) for run in measured)
    ratios = tuple(_ratios(measured))
    machine = this_machine(settings.device)
    return BenchmarkResult(
        models=models,
        settings=settings,
        machine=machine,
        rounds=min(len(run.samples.turns) for run in measured),
        round_seconds=round_seconds,
        started=started,
        runs=runs,
        ratios=ratios,
        noise=noise,
        stopped=stopped,
        not_run=not_run,
        no_gain=no_gain(machine, runs, ratios),
    )


def _figures(run: Run) -> BenchmarkRun:
    samples = run.samples
    throughput = spread(samples.fps)
    figures: dict[str, Any] = {
        "throughput_fps": throughput.median,
        "throughput_spread_fps": throughput,
        "throughput_rounds_fps": tuple(samples.fps),
        "latency_ms": latency([turn.latencies_ms for turn in samples.turns]),
        "latency_rounds_ms": tuple(samples.medians_ms),
        "inferences": samples.inferences,
        "parts_ms": typical(samples.parts_ms),
        "peak_memory_bytes": run.peak_memory_bytes,
        "complete": run.complete,
    }
    if run.ready is None:
        assert run.earlier is not None
        return msgspec.structs.replace(run.earlier, **figures)
    xml = run.model.xml
    files = [path for path in (xml, xml.with_suffix(".bin")) if path.is_file()]
    facts: dict[str, Any] = msgspec.structs.asdict(run.ready)
    return BenchmarkRun(
        model=run.model.name,
        precision_hint=run.hint,
        mode=run.mode,
        size_bytes=sum(path.stat().st_size for path in files),
        **facts,
        **figures,
    )


def _ratios(measured: Sequence[Run]) -> list[Ratio]:
    """Of every two runs of one mode; those with OpenVINO's two hints go together."""
    by_mode: dict[RunMode, _Runs] = {}
    for run in measured:
        by_mode.setdefault(run.mode, {})[run.model.name, run.hint] = run.samples
    found = []
    if THROUGHPUT in by_mode and LATENCY in by_mode:
        found += _pairs(by_mode.pop(THROUGHPUT), by_mode.pop(LATENCY), None)
    for mode, runs in by_mode.items():
        found += _pairs(runs, runs, mode)
    return found


def _pairs(throughput: _Runs, alone: _Runs, mode: RunMode | None) -> list[Ratio]:
    both = [key for key in throughput if key in alone]
    return [
        _ratio(key, base, (throughput[key], throughput[base]), (alone[key], alone[base]), mode)
        for place, key in enumerate(both)
        for base in both[:place]
    ]


def _ratio(
    key: tuple[str, PrecisionHint],
    base: tuple[str, PrecisionHint],
    throughput: tuple[Samples, Samples],
    alone: tuple[Samples, Samples],
    mode: RunMode | None,
) -> Ratio:
    mine, other = throughput
    rounds = min(len(mine.turns), len(other.turns))
    by_fps = ratio_interval(mine.fps[:rounds], other.fps[:rounds])
    mine, other = alone
    rounds_alone = min(len(mine.turns), len(other.turns))
    by_ms = ratio_interval(other.medians_ms[:rounds_alone], mine.medians_ms[:rounds_alone])
    return Ratio(
        model=key[0],
        precision_hint=key[1],
        against=base[0],
        against_precision_hint=base[1],
        mode=mode,
        throughput=by_fps,
        latency=by_ms,
        throughput_verdict=verdict(by_fps, rounds),
        latency_verdict=verdict(by_ms, rounds_alone),
    )
