"""What is measured, and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Literal

from core.benchmark.machine import Machine
from core.benchmark.noise import Noise
from core.inference.compiling import DEFAULT_DEVICE, PrecisionHint
from core.values import Stored, Value

DEFAULT_SECONDS = 20.0
MIN_ROUNDS = 5
NARROW = 0.02
NOISE_FLOOR = 0.02  # ratios nearer to 1 are not called a difference, however sure they look
START_SECONDS = 2.0  # until a measuring process has read, compiled and warmed up a usual model

SettingHint = Literal["throughput", "latency", "streams"]
Verdict = Literal["faster", "slower", "within the noise", "too few rounds"]


class Contestant(Value):
    """A model to be measured.

    Attributes:
        name: unique among the contestants, such as ``parent`` and ``optimized``.
        xml: where it is stored.
    """

    name: str
    xml: Path


class Setting(Value):
    """How a model is run.

    Attributes:
        hint: what OpenVINO is told to aim at, ``throughput`` or ``latency``; or ``streams``, where
            their number is given instead.
        streams: inferences that the device computes side by side, with the hint ``streams``.
        batch: pictures of one inference.
        requests: inferences in flight; None for as many as OpenVINO asks for, with the hint
            ``latency`` for one at a time.
    """

    hint: SettingHint = "throughput"
    streams: int | None = None
    batch: int = 1
    requests: int | None = None

    @property
    def label(self) -> str:
        """Such as ``throughput`` or ``2 streams x batch 4``."""
        if self.hint == "streams":
            text = f"{self.streams} stream{'' if self.streams == 1 else 's'} x batch {self.batch}"
        else:
            text = self.hint if self.batch == 1 else f"{self.hint}, batch {self.batch}"
        return text if self.requests is None else f"{text}, {self.requests} in flight"


HINTED = (Setting(hint="throughput"), Setting(hint="latency"))


def grid(
    streams: Sequence[int], batches: Sequence[int], requests: int | None = None
) -> tuple[Setting, ...]:
    """A setting for every number of streams and every batch."""
    return tuple(
        Setting(hint="streams", streams=number, batch=batch, requests=requests)
        for number, batch in product(streams, batches)
    )


class BenchmarkPlan(Value):
    """Which models are measured, how, and for how long.

    Attributes:
        contestants: the models; ratios are against those that stand before, so the parent is first.
        precision_hints: each model is measured with each of them,
        settings: and at each of these.
        seconds: for all the measuring together, at most; warm-up left out.
        iterations: inferences of each run, instead of `seconds`.
        narrow: measuring ends before that where every ratio's interval is narrower than this share
            of the ratio; 0 for never.
        device: as OpenVINO names it.
        input: ``random`` pixels, or pictures of a ``dataset``, one after the other.
        seed: decides the order within each round, and the random input.
    """

    contestants: tuple[Contestant, ...]
    precision_hints: tuple[PrecisionHint, ...] = ("f32", "default")
    settings: tuple[Setting, ...] = HINTED
    seconds: float = DEFAULT_SECONDS
    iterations: int | None = None
    narrow: float = NARROW
    device: str = DEFAULT_DEVICE
    input: Literal["random", "dataset"] = "random"
    seed: int = 0

    def runs_of(self, models: int) -> int:
        """How many runs that makes of so many models."""
        return models * len(self.precision_hints) * len(self.settings)

    def estimated_seconds(self, models: int) -> float:
        """How long so many models take at most, starting the processes included."""
        return self.runs_of(models) * START_SECONDS + self.seconds


class Spread(Value):
    """Median and quartiles of the rounds."""

    median: float
    low: float
    high: float


class Latency(Value):
    """Milliseconds of single inferences; over all inferences of all rounds.

    `p50_spread` is the median of each round, and the quartiles of those medians. Results of older
    versions lack `p95`, `min` and `max`.
    """

    p50: float
    p90: float
    p99: float
    p50_spread: Spread
    p95: float | None = None
    min: float | None = None
    max: float | None = None


class BenchmarkRun(Value):
    """One model at one precision hint and one setting.

    Attributes:
        model: name of the contestant.
        precision_hint: what was asked for: ``default`` (OpenVINO chooses), or a precision.
        precision_executed: of most convolutions and matrix products: ``f32``, ``bf16``, ``int8``.
        precision_layers: how many of them ran in which precision.
        streams, threads, requests: as OpenVINO used them; 0 where the device does not tell.
        throughput_fps: median over the rounds, pictures per second.
        throughput_spread_fps: the same with its quartiles.
        throughput_rounds_fps: every round's.
        latency_ms: of single inferences, from start to end, so many requests in flight.
        latency_threads: as `threads`.
        latency_rounds_ms: every round's median.
        setting: None in results of older versions, whose throughput was measured with the hint
            ``throughput`` and whose latency with the hint ``latency``.
        devices: that did the work, where AUTO chose.
        inferences: how many were timed.
        read_ms, compile_ms, first_inference_ms: once, without a cache of compiled models.
        peak_memory_bytes: resident, of the process that measured it.
        size_bytes: graph and weights on disk.
        complete: False where measuring was stopped before.
    """

    model: str
    precision_hint: PrecisionHint
    precision_executed: str
    precision_layers: dict[str, int]
    streams: int
    threads: int
    requests: int
    throughput_fps: float
    throughput_spread_fps: Spread
    throughput_rounds_fps: tuple[float, ...]
    latency_ms: Latency
    latency_threads: int
    latency_rounds_ms: tuple[float, ...]
    setting: Setting | None = None
    devices: tuple[str, ...] = ()
    inferences: int | None = None
    read_ms: float | None = None
    compile_ms: float | None = None
    first_inference_ms: float | None = None
    peak_memory_bytes: int | None = None
    size_bytes: int | None = None
    complete: bool = True

    def measured_with(self, hint: SettingHint) -> bool:
        """Whether this tells what OpenVINO's hint gives; older results tell it of both."""
        return self.setting is None or (self.setting.hint == hint and self.setting.batch == 1)


class Interval(Value):
    """A ratio and its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def differs_from_one(self) -> bool:
        """Whether this is a difference: 1 is outside, and the ratio is beyond the noise floor.

        Starting one model twice gives figures that differ by a percent or two, however often each
        is measured; an interval cannot know that.
        """
        return not self.low <= 1.0 <= self.high and abs(self.value - 1) > NOISE_FLOOR


class Ratio(Value):
    """How one run compares with another: above 1, the first one is better.

    Attributes:
        model, precision_hint: of the run that is judged.
        against, against_precision_hint: of the run that it is compared with.
        throughput: its frames per second over the other's.
        latency: the other's milliseconds over its own.
        setting: both runs' label; empty where `throughput` is of the runs with the hint
            ``throughput`` and `latency` of those with the hint ``latency``.
        throughput_verdict, latency_verdict: in a word; empty in results of older versions.
    """

    model: str
    precision_hint: PrecisionHint
    against: str
    against_precision_hint: PrecisionHint
    throughput: Interval
    latency: Interval
    setting: str = ""
    throughput_verdict: Verdict | Literal[""] = ""
    latency_verdict: Verdict | Literal[""] = ""


class BenchmarkResult(Stored):
    """All runs of one benchmark, measured in turns in the same session.

    Attributes:
        machine: where it was measured.
        rounds: how many, of the run with the fewest.
        round_seconds: a turn's length, at least.
        started: when, in UTC.
        runs: one for each contestant, precision hint and setting.
        ratios: of every two runs of one setting.
        sentence: what it comes to.
        plan: what was asked for; None in results of older versions.
        noise: what else went on meanwhile.
        stopped: whether it was cancelled; the runs hold what had been measured.
        problems: sentences on runs that could not be made.
        advice: where quantization brings nothing, why, and what to use instead.
    """

    machine: Machine
    rounds: int
    round_seconds: float
    started: str
    runs: tuple[BenchmarkRun, ...]
    ratios: tuple[Ratio, ...]
    sentence: str
    plan: BenchmarkPlan | None = None
    noise: Noise | None = None
    stopped: bool = False
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    def run(
        self, model: str, precision_hint: PrecisionHint, hint: SettingHint = "throughput"
    ) -> BenchmarkRun | None:
        """The run of that model at that precision hint, with that hint to OpenVINO."""
        for run in self.runs:
            same = (run.model, run.precision_hint) == (model, precision_hint)
            if same and run.measured_with(hint):
                return run
        return None

    def ratio(
        self, model: str, hint: PrecisionHint, against: str, against_hint: PrecisionHint
    ) -> Ratio | None:
        """The ratio of those two runs with OpenVINO's hints, or else at the first setting."""
        wanted = (model, hint, against, against_hint)
        for ratio in self.ratios:
            had = (ratio.model, ratio.precision_hint, ratio.against, ratio.against_precision_hint)
            if had == wanted:
                return ratio
        return None
