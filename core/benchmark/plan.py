"""What is measured, and what comes out of it."""

from __future__ import annotations

from pathlib import Path

from core.inference.compiling import DEFAULT_DEVICE, PrecisionHint
from core.values import Value

DEFAULT_SECONDS = 20.0
MIN_ROUNDS = 5


class Contestant(Value):
    """A model to be measured.

    Attributes:
        name: unique among the contestants, such as ``parent`` and ``optimized``.
        xml: where it is stored.
    """

    name: str
    xml: Path


class BenchmarkPlan(Value):
    """Which models are measured, how, and for how long.

    Attributes:
        contestants: one or two models, the parent first.
        precision_hints: each model is measured with each of them.
        seconds: for all the measuring together, warm-up left out.
        device: as OpenVINO names it.
        seed: decides the order within each round, and the input.
    """

    contestants: tuple[Contestant, ...]
    precision_hints: tuple[PrecisionHint, ...] = ("f32", "default")
    seconds: float = DEFAULT_SECONDS
    device: str = DEFAULT_DEVICE
    seed: int = 0


class Spread(Value):
    """Median and quartiles of the rounds."""

    median: float
    low: float
    high: float


class Latency(Value):
    """Milliseconds of one inference at a time; over all inferences of all rounds.

    `p50_spread` is the median of each round, and the quartiles of those medians.
    """

    p50: float
    p90: float
    p99: float
    p50_spread: Spread


class BenchmarkRun(Value):
    """One model at one precision hint.

    Attributes:
        model: name of the contestant.
        precision_hint: what was asked for: ``f32``, or ``default`` (OpenVINO chooses).
        precision_executed: of most convolutions and matrix products: ``f32``, ``bf16``, ``int8``.
        precision_layers: how many of them ran in which precision.
        streams, threads, requests: of the throughput measurement.
        throughput_fps: median over the rounds, inferences per second, as many in flight as
            OpenVINO asks for.
        throughput_spread_fps: the same with its quartiles.
        throughput_rounds_fps: every round's.
        latency_ms: one inference at a time, compiled for latency.
        latency_threads: of the latency measurement.
        latency_rounds_ms: every round's median.
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


class Interval(Value):
    """A ratio and its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def differs_from_one(self) -> bool:
        """Whether the interval leaves 1 out: otherwise the difference is within the noise."""
        return not self.low <= 1.0 <= self.high


class Ratio(Value):
    """How one run compares with another: above 1, the first one is better.

    Attributes:
        model, precision_hint: of the run that is judged.
        against, against_precision_hint: of the run that it is compared with.
        throughput: its frames per second over the other's.
        latency: the other's milliseconds over its own.
    """

    model: str
    precision_hint: PrecisionHint
    against: str
    against_precision_hint: PrecisionHint
    throughput: Interval
    latency: Interval


class Machine(Value):
    """Where it was measured."""

    device: str
    device_name: str
    logical_cores: int
    openvino: str
    system: str


class BenchmarkResult(Value):
    """All runs of one benchmark, measured in turns in the same session."""

    machine: Machine
    rounds: int
    round_seconds: float
    started: str
    runs: tuple[BenchmarkRun, ...]
    ratios: tuple[Ratio, ...]
    sentence: str

    def run(self, model: str, precision_hint: PrecisionHint) -> BenchmarkRun | None:
        """The run of that model at that hint."""
        for run in self.runs:
            if (run.model, run.precision_hint) == (model, precision_hint):
                return run
        return None

    def ratio(
        self, model: str, hint: PrecisionHint, against: str, against_hint: PrecisionHint
    ) -> Ratio | None:
        """The ratio of those two runs."""
        wanted = (model, hint, against, against_hint)
        for ratio in self.ratios:
            had = (ratio.model, ratio.precision_hint, ratio.against, ratio.against_precision_hint)
            if had == wanted:
                return ratio
        return None
