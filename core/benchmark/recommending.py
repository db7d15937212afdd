"""Which streams, threads, pinning and batch are recommended for a stated goal, from runs in turns.

OpenVINO's own hint is among the runs, and another setting is recommended only where the whole
interval of the ratio to it shows a gain.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from core.benchmark.measuring import benchmark
from core.benchmark.result import BenchmarkRun
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, RunMode
from core.benchmark.sweet_spot import Quantile, latency_of
from core.errors import InputError
from core.inference.processor import this_processor
from core.inference.settings import PrecisionHint
from core.metrics.speed.figures import Interval, Positive
from core.metrics.speed.statistics import ratio_interval
from core.progress import Step
from core.values import Value

Aim = Literal["throughput", "latency"]
SECONDS = 20.0  # of measuring all of them in turns
_MOST_STREAMS = 4  # numbers of streams that are tried
_UNDER: Quantile = "p95"  # of the latencies, that a limit holds for


class Goal(Value):
    """What a detector is to be fast at.

    Attributes:
        aim: most images a second (``throughput``), or the shortest time of one (``latency``).
        most_ms: of ``throughput``, the latency in milliseconds that 95 of 100 images keep to; None
            for any.
        cores_free: logical cores that are left to others.
    """

    aim: Aim
    most_ms: Positive | None = None
    cores_free: Annotated[int, Meta(ge=0, le=1024)] = 0


class RunSetting(Value):
    """How a detector is to be run for a goal, on a machine like the one that it was measured on.

    Attributes:
        goal: what for.
        streams, threads, pinned, requests: of OpenVINO and how many inferences are in flight; None
            leaves them to OpenVINO's hint for that aim.
        batch: images of one inference.
        cores: logical cores of the machine; elsewhere the hint alone is right.
        images_per_second, p95_ms: that were measured.
        gain: throughput, or one divided by the latency, as a multiple of the hint's; 1 for itself.
        processor: that it was measured on.
    """

    goal: Goal
    cores: int
    images_per_second: float
    p95_ms: float
    gain: Interval
    processor: str
    streams: int | None = None
    threads: int | None = None
    pinned: bool | None = None
    requests: int | None = None
    batch: int = 1

    @property
    def is_hint(self) -> bool:
        """Whether OpenVINO's hint alone decides, with one image an inference."""
        return self.streams is None and self.batch == 1


def require_possible(goal: Goal) -> None:
    """Raises InputError where this machine cannot leave so many cores free, or the limit is odd."""
    cores = os.cpu_count() or 1
    if goal.cores_free >= cores:
        raise InputError(
            f"This machine has {cores} logical cores: {goal.cores_free} cannot be left free.",
            "Leave fewer free.",
        )
    if goal.aim == "latency" and goal.most_ms is not None:
        raise InputError(
            "A limit of latency belongs to the goal throughput: the most images under it.",
            "Leave the limit out, or choose that goal.",
        )


def modes_for(goal: Goal, cores: int, batches: Sequence[int] = ()) -> tuple[RunMode, ...]:
    """The ways to run that are compared, OpenVINO's own hint first.

    `batches` are numbers of images of one inference that the network can take, besides one.
    """
    threads = max(1, cores - goal.cores_free)
    own = threads if goal.cores_free else None
    first = RunMode(hint=goal.aim, threads=own)
    if goal.aim == "latency":
        others = [RunMode(hint="streams", streams=1, threads=n, requests=1) for n in _some(threads)]
    else:
        others = [RunMode(hint="streams", streams=n, threads=threads) for n in _some(threads)]
        others += [RunMode(hint="throughput", batch=n, threads=own) for n in batches]
        if goal.most_ms is not None:
            others.append(RunMode(hint="latency", threads=own))
    pinned = [one for mode in others for one in _both(mode)]
    return (first, *pinned)


def _some(most: int) -> list[int]:
    """1, 2, 4 ... and the most, few of them."""
    powers = [2**n for n in range(most.bit_length()) if 2**n < most]
    return [*powers[-_MOST_STREAMS + 1 :], most]


def _both(mode: RunMode) -> tuple[RunMode, ...]:
    if mode.hint != "streams":
        return (mode,)
    from msgspec.structs import replace

    return tuple(replace(mode, pinned=pinned) for pinned in (True, False))


def recommend(
    xml: Path,
    goal: Goal,
    hint: PrecisionHint,
    images: Sequence[Path],
    step: Step,
    batches: Sequence[int] = (),
) -> RunSetting:
    """Measure the model stored at `xml` on this machine's CPU, and choose.

    `batches` see `modes_for`. Raises InputError where no way to run keeps to the goal's limit.
    """
    require_possible(goal)
    cores = os.cpu_count() or 1
    settings = BenchmarkSettings(
        precision_hints=(hint,), modes=modes_for(goal, cores, batches), seconds=SECONDS,
        input="dataset" if images else "random", narrow=0,
    )  # fmt: skip
    result, _ = benchmark([BenchmarkedModel(name="model", xml=xml)], settings, step, images=images)
    return chosen(result.runs, goal, cores)


def chosen(runs: Sequence[BenchmarkRun], goal: Goal, cores: int) -> RunSetting:
    """The best of these runs for the goal; the first one is OpenVINO's own hint."""
    fit = [place for place, run in enumerate(runs) if _keeps(run, goal)]
    if not fit:
        least = min(latency_of(run, _UNDER) for run in runs)
        raise InputError(
            f"No setting keeps to {goal.most_ms:g} ms: 95 of 100 images take at least "
            f"{least:.1f} ms here.",
            "Allow more, or choose a faster model.",
        )
    gains = {place: _gain(runs[place], runs[0], goal) for place in fit}
    best = max(fit, key=lambda place: gains[place].value)
    if 0 in fit and gains[best].low <= 1:
        best = 0
    run, mode = runs[best], runs[best].mode
    hinted = mode.hint != "streams" and mode.hint == goal.aim
    return RunSetting(
        goal=goal,
        cores=cores,
        images_per_second=run.throughput_fps,
        p95_ms=latency_of(run, _UNDER),
        gain=gains[best] if best else Interval(value=1.0, low=1.0, high=1.0),
        processor=this_processor().name,
        streams=None if hinted else run.streams,
        threads=None if hinted and not goal.cores_free else run.threads,
        pinned=mode.pinned,
        requests=None if hinted else run.requests,
        batch=mode.batch,
    )


def _keeps(run: BenchmarkRun, goal: Goal) -> bool:
    return goal.most_ms is None or latency_of(run, _UNDER) <= goal.most_ms


def _gain(mine: BenchmarkRun, own: BenchmarkRun, goal: Goal) -> Interval:
    """Round by round, as far as both have them."""
    if goal.aim == "throughput":
        both = zip(mine.throughput_rounds_fps, own.throughput_rounds_fps, strict=False)
    else:
        both = zip(own.latency_rounds_ms, mine.latency_rounds_ms, strict=False)
    numerator, denominator = zip(*both, strict=True)
    return ratio_interval(numerator, denominator)
