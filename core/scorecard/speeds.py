"""Speeds that belong together: of one benchmark, one precision asked for and one mode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from core.benchmark.result import BenchmarkResult, BenchmarkRun, Ratio
from core.inference.settings import PrecisionHint
from core.metrics.speed.pairing import paired
from core.scorecard.score import Apart, ModelSpeed, Source, SpeedUp
from core.workspace.records import Artifact

_USUAL: PrecisionHint = "default"


@dataclass(frozen=True)
class OwnedBenchmark:
    """A benchmark, with the project that each of its models is of."""

    artifact: Artifact
    result: BenchmarkResult
    owners: Mapping[str, int]

    def model_of(self, project_id: int) -> str | None:
        """What the project's model is called in it."""
        return next((model for model, owner in self.owners.items() if owner == project_id), None)


class Speeds(NamedTuple):
    """A model's speed and its parent's, and their ratio or the reason why there is none."""

    mine: ModelSpeed | None = None
    parent: ModelSpeed | None = None
    ratio: SpeedUp | None = None
    apart: Apart | None = None


def speeds_of(
    holding: Mapping[int, Sequence[OwnedBenchmark]], project_id: int, parent_id: int | None
) -> Speeds:
    """The speeds of a project and of its parent.

    `holding` has the benchmarks that each project's model is in, the newest first.
    """
    own = holding.get(project_id, ())
    if parent_id is None:
        return Speeds(_newest(own, project_id))
    for benchmark in own:
        found = _together(benchmark, project_id, parent_id)
        if found is not None:
            return found
    mine, parent = _newest(own, project_id), _newest(holding.get(parent_id, ()), parent_id)
    apart = None if mine is None or parent is None else _apart(mine, parent)
    return Speeds(mine, parent, None, apart)


def _apart(mine: ModelSpeed, parent: ModelSpeed) -> Apart:
    if (mine.device, mine.device_name) != (parent.device, parent.device_name):
        return "device"
    return "precision" if mine.precision_hint != parent.precision_hint else "benchmark"


def _together(benchmark: OwnedBenchmark, project_id: int, parent_id: int) -> Speeds | None:
    """Both in one benchmark; None where one of them is not in it."""
    model, parent = benchmark.model_of(project_id), benchmark.model_of(parent_id)
    if model is None or parent is None:
        return None
    ratios = [
        one
        for one in benchmark.result.ratios
        if (one.model, one.against) == (model, parent)
        and one.precision_hint == one.against_precision_hint
        and not (one.mode is not None and one.mode.to_boxes)
    ]
    ratios.sort(key=lambda one: (one.mode is not None, one.precision_hint != _USUAL))
    for ratio in ratios:
        mine = _runs(benchmark.result, model, ratio)
        other = _runs(benchmark.result, parent, ratio)
        if mine is not None and other is not None:
            return _divided(benchmark, mine, other, ratio)
    own, others = _newest([benchmark], project_id), _newest([benchmark], parent_id)
    if own is None or others is None:
        return None
    return Speeds(own, others, None, _apart(own, others))


class _Runs(NamedTuple):
    """The places of two runs of a benchmark: what throughput and latency are taken of."""

    throughput: int
    latency: int


def _runs(result: BenchmarkResult, model: str, ratio: Ratio) -> _Runs | None:
    """The runs of a model that a ratio is of."""
    found = [
        (number, run)
        for number, run in enumerate(result.runs)
        if (run.model, run.precision_hint) == (model, ratio.precision_hint)
    ]
    if ratio.mode is not None:
        return next((_Runs(n, n) for n, run in found if run.mode == ratio.mode), None)
    return _hinted(found)


def _hinted(found: Sequence[tuple[int, BenchmarkRun]]) -> _Runs | None:
    many = next((n for n, run in found if run.measured_with("throughput")), None)
    alone = next((n for n, run in found if run.measured_with("latency")), None)
    return None if many is None or alone is None else _Runs(many, alone)


def _divided(benchmark: OwnedBenchmark, mine: _Runs, other: _Runs, ratio: Ratio) -> Speeds:
    """The figures of the rounds that the ratio is of."""
    runs = benchmark.result.runs
    fps = paired(
        runs[mine.throughput].throughput_rounds_fps,
        runs[other.throughput].throughput_rounds_fps,
        ratio.throughput.value,
    )
    ms = paired(
        runs[other.latency].latency_rounds_ms,
        runs[mine.latency].latency_rounds_ms,
        ratio.latency.value,
    )
    speed, parent = _speed(benchmark, mine), _speed(benchmark, other)
    if fps is not None:
        speed, parent = replace(speed, fps=fps[0]), replace(parent, fps=fps[1])
    if ms is not None:
        speed, parent = replace(speed, latency_ms=ms[1]), replace(parent, latency_ms=ms[0])
    speed_up = SpeedUp(
        throughput=ratio.throughput,
        latency=ratio.latency,
        throughput_verdict=ratio.throughput_verdict,
        latency_verdict=ratio.latency_verdict,
    )
    return Speeds(speed, parent, speed_up)


def _newest(benchmarks: Sequence[OwnedBenchmark], project_id: int) -> ModelSpeed | None:
    """The newest run by default, or else the newest."""
    for benchmark in benchmarks:
        model = benchmark.model_of(project_id)
        if model is not None and (runs := next(_usual(benchmark.result, model), None)):
            return _speed(benchmark, runs)
    return None


def _usual(result: BenchmarkResult, model: str) -> Iterator[_Runs]:
    """The runs of a model, those that a user wants first in front."""
    runs = [
        (number, run)
        for number, run in enumerate(result.runs)
        if run.model == model and not run.mode.to_boxes
    ]
    hints = dict.fromkeys(run.precision_hint for _, run in runs)
    for hint in sorted(hints, key=lambda one: one != _USUAL):
        same = [(number, run) for number, run in runs if run.precision_hint == hint]
        pair = _hinted(same)
        if pair is not None:
            yield pair
        yield from (_Runs(number, number) for number, _ in same)


def _speed(benchmark: OwnedBenchmark, runs: _Runs) -> ModelSpeed:
    """The medians of a model's runs."""
    artifact, result = benchmark.artifact, benchmark.result
    many, alone = result.runs[runs.throughput], result.runs[runs.latency]
    return ModelSpeed(
        source=Source(project_id=artifact.project_id, artifact_id=artifact.id, run=runs.throughput),
        latency_run=runs.latency,
        fps=many.throughput_spread_fps.median,
        latency_ms=alone.latency_ms.p50_spread.median,
        fps_spread=many.throughput_spread_fps,
        latency_spread_ms=alone.latency_ms.p50_spread,
        precision_hint=many.precision_hint,
        precision_executed=many.precision_executed,
        device=result.machine.device,
        device_name=result.machine.title,
        machine=result.machine.name,
        mode=None if runs.throughput != runs.latency else many.mode.label,
        started=result.started,
        stopped=result.stopped,
    )
