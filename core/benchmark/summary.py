"""From samples to the figures that are stored and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from core.benchmark.conversation import Ready
from core.benchmark.gain import no_gain
from core.benchmark.machine import this_machine
from core.benchmark.noise import Noise
from core.benchmark.plan import (
    BenchmarkPlan,
    BenchmarkResult,
    BenchmarkRun,
    Contestant,
    Ratio,
    Setting,
)
from core.benchmark.samples import Samples
from core.benchmark.statistics import latency, ratio_interval, spread, verdict
from core.benchmark.verdict import speed_sentence
from core.inference.compiling import PrecisionHint


@dataclass(frozen=True, eq=False)
class Measurement:
    """One run and its samples; `ready` or `earlier` has what its process told."""

    contestant: Contestant
    precision_hint: PrecisionHint
    setting: Setting
    ready: Ready | None
    earlier: BenchmarkRun | None
    samples: Samples
    peak_memory_bytes: int
    complete: bool


@dataclass(frozen=True, eq=False)
class Session:
    """What is true of all runs; fields as those of `BenchmarkResult`."""

    plan: BenchmarkPlan
    started: str
    round_seconds: float
    noise: Noise
    stopped: bool
    problems: tuple[str, ...]


def summarize(session: Session, measured: Sequence[Measurement]) -> BenchmarkResult:
    """The result of a benchmark."""
    runs = tuple(_run(one) for one in measured)
    ratios = tuple(_ratios(measured))
    where = this_machine(session.plan.device)
    return BenchmarkResult(
        machine=where,
        rounds=min(len(one.samples.turns) for one in measured),
        round_seconds=session.round_seconds,
        started=session.started,
        runs=runs,
        ratios=ratios,
        sentence=speed_sentence(runs, ratios),
        plan=session.plan,
        noise=session.noise,
        stopped=session.stopped,
        problems=session.problems,
        advice=no_gain(where, runs, ratios),
    )


def _run(one: Measurement) -> BenchmarkRun:
    samples = one.samples
    throughput = spread(samples.fps)
    figures: dict[str, Any] = {
        "throughput_fps": throughput.median,
        "throughput_spread_fps": throughput,
        "throughput_rounds_fps": tuple(samples.fps),
        "latency_ms": latency([turn.latencies_ms for turn in samples.turns]),
        "latency_rounds_ms": tuple(samples.medians_ms),
        "inferences": samples.inferences,
        "peak_memory_bytes": one.peak_memory_bytes,
        "complete": one.complete,
    }
    if one.ready is None:
        assert one.earlier is not None
        return msgspec.structs.replace(one.earlier, **figures)
    xml = one.contestant.xml
    files = [path for path in (xml, xml.with_suffix(".bin")) if path.is_file()]
    told: dict[str, Any] = msgspec.structs.asdict(one.ready)
    return BenchmarkRun(
        model=one.contestant.name,
        precision_hint=one.precision_hint,
        setting=one.setting,
        latency_threads=one.ready.threads,
        size_bytes=sum(path.stat().st_size for path in files),
        **told,
        **figures,
    )


def _ratios(measured: Sequence[Measurement]) -> list[Ratio]:
    """Of every two runs of one setting; those with OpenVINO's two hints are told together."""
    by_setting: dict[Setting, dict[tuple[str, PrecisionHint], Samples]] = {}
    for one in measured:
        runs = by_setting.setdefault(one.setting, {})
        runs[one.contestant.name, one.precision_hint] = one.samples
    found = []
    throughput, alone = Setting(hint="throughput"), Setting(hint="latency")
    if throughput in by_setting and alone in by_setting:
        found += _pairs(by_setting.pop(throughput), by_setting.pop(alone), "")
    for setting, runs in by_setting.items():
        found += _pairs(runs, runs, setting.label)
    return found


def _pairs(
    throughput: dict[tuple[str, PrecisionHint], Samples],
    alone: dict[tuple[str, PrecisionHint], Samples],
    setting: str,
) -> list[Ratio]:
    both = [key for key in throughput if key in alone]
    return [
        _ratio(key, base, (throughput[key], throughput[base]), (alone[key], alone[base]), setting)
        for place, key in enumerate(both)
        for base in both[:place]
    ]


def _ratio(
    key: tuple[str, PrecisionHint],
    base: tuple[str, PrecisionHint],
    throughput: tuple[Samples, Samples],
    alone: tuple[Samples, Samples],
    setting: str,
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
        throughput=by_fps,
        latency=by_ms,
        setting=setting,
        throughput_verdict=verdict(by_fps, rounds),
        latency_verdict=verdict(by_ms, rounds_alone),
    )
