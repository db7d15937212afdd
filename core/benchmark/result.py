"""What a benchmark measured: codes and figures. `core.wording.benchmark` says them in sentences."""

from __future__ import annotations

from typing import Literal

from core.benchmark.noise import Noise
from core.benchmark.parts import Parts
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, ModeHint, RunMode
from core.inference.machine import Machine
from core.inference.settings import DEFAULT_DEVICE, Arithmetic, PrecisionHint
from core.metrics.speed.figures import Interval, Latency, Positive, Spread, Verdict
from core.profiling.bottlenecks import Bottleneck
from core.values import Stored, Value


class BenchmarkRun(Value):
    """One model at one precision hint and in one mode.

    Attributes:
        model: name of the model.
        precision_hint: what was asked for: ``default`` (OpenVINO chooses), or a precision.
        mode: how it was run.
        precision_executed: of most convolutions and matrix products: ``f32``, ``bf16``, ``int8``.
        precision_layers: how many of them ran in which precision.
        streams, threads, requests: as OpenVINO used them; 0 where the device does not say.
        devices: that did the work: of AUTO, what it chose.
        arithmetic: of sums of INT8 products, on the CPU; None where nothing is quantized or it is
            not known.
        throughput_fps: median over the rounds, images per second.
        throughput_spread_fps: the same with its quartiles.
        throughput_rounds_fps: every round's.
        latency_ms: of single inferences, from start to end, so many requests in flight.
        latency_rounds_ms: every round's median.
        inferences: how many were timed.
        read_ms, compile_ms, first_inference_ms: once, without a cache of compiled models.
        peak_memory_bytes: resident, of the process that measured it.
        size_bytes: graph and weights on disk.
        complete: False where measuring was stopped before.
        parts_ms: of an image that goes to boxes, those of the middle round; else None. With one
            request in flight they add up to the whole; with several they overlap.
    """

    model: str
    precision_hint: PrecisionHint
    mode: RunMode
    precision_executed: str
    precision_layers: dict[str, int]
    streams: int
    threads: int
    requests: int
    devices: tuple[str, ...]
    arithmetic: Arithmetic | None
    throughput_fps: Positive
    throughput_spread_fps: Spread
    throughput_rounds_fps: tuple[Positive, ...]
    latency_ms: Latency
    latency_rounds_ms: tuple[Positive, ...]
    inferences: int
    read_ms: float
    compile_ms: float
    first_inference_ms: float
    peak_memory_bytes: int
    size_bytes: int
    complete: bool
    parts_ms: Parts | None = None

    def measured_with(self, hint: ModeHint) -> bool:
        """Whether this says what OpenVINO's hint alone gives, of the network alone."""
        return self.mode.hint == hint and self.mode.batch == 1 and not self.mode.to_boxes


class Ratio(Value):
    """How one run compares with another: above 1, the first one is better.

    Attributes:
        model, precision_hint: of the run that is judged.
        against, against_precision_hint: of the run that it is compared with.
        mode: of both runs; None where `throughput` is of the runs with the hint ``throughput`` and
            `latency` of those with the hint ``latency``.
        throughput: its frames per second over the other's.
        latency: the other's milliseconds over its own.
        throughput_verdict, latency_verdict: what that says.
    """

    model: str
    precision_hint: PrecisionHint
    against: str
    against_precision_hint: PrecisionHint
    mode: RunMode | None
    throughput: Interval
    latency: Interval
    throughput_verdict: Verdict
    latency_verdict: Verdict


class NotRun(Value):
    """A run that could not be made, and the reason that OpenVINO gave."""

    model: str
    precision_hint: PrecisionHint
    mode: RunMode
    reason: str


Reason = Literal["float_layers", "all_int8", "fast_bf16", "slow_int8"]


class NoGain(Value):
    """An INT8 model that is no faster than the model it is compared with, both by default.

    Attributes:
        model, against: the names of both.
        verdict: of the throughput.
        latency_gain: the ratio of the latencies where that is better; else None.
        precision_executed: what the other one runs in by default.
        precision_layers: how many of the INT8 model's convolutions and matrix products ran in
            which precision.
        reasons: what is known to slow it down: some layers are float, or none is and the time goes
            elsewhere; the processor multiplies bf16 natively; it has no instructions for INT8.
        bottlenecks: the layers that cost most, by a profile of both; empty without one.
        instead: the place, among the runs, of the fastest one that loses nothing.
    """

    model: str
    against: str
    verdict: Verdict
    latency_gain: float | None
    precision_executed: str
    precision_layers: dict[str, int]
    reasons: tuple[Reason, ...]
    instead: int
    bottlenecks: tuple[Bottleneck, ...] = ()


class BenchmarkResult(Stored):
    """All runs of one benchmark, measured in turns.

    Attributes:
        models: ratios are against those that stand before, so the parent is first.
        settings: what was asked for.
        machine: where it was measured.
        rounds: how many, of the run with the fewest.
        round_seconds: a turn's length, at least.
        started: when, in UTC.
        runs: one for each model, precision hint and mode.
        ratios: of every two runs of one mode.
        noise: what else went on meanwhile.
        stopped: whether it was cancelled; the runs hold what had been measured.
        not_run: runs that could not be made.
        no_gain: models that quantization makes no faster.
    """

    models: tuple[BenchmarkedModel, ...]
    settings: BenchmarkSettings
    machine: Machine
    rounds: int
    round_seconds: float
    started: str
    runs: tuple[BenchmarkRun, ...]
    ratios: tuple[Ratio, ...]
    noise: Noise
    stopped: bool = False
    not_run: tuple[NotRun, ...] = ()
    no_gain: tuple[NoGain, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where parts do not belong together: a file may be anyone's."""
        names = [one.name for one in self.models]
        known = {(run.model, run.precision_hint) for run in self.runs}
        pairs = [(one.model, one.precision_hint) for one in self.ratios]
        pairs += [(one.against, one.against_precision_hint) for one in self.ratios]
        if not self.runs or {model for model, _ in known} - set(names):
            raise ValueError("its runs are not those of its models")
        if len(set(names)) < len(names):
            raise ValueError("it has two models of one name")
        if set(pairs) - known:
            raise ValueError("it compares runs that it does not have")
        if not all(0 <= one.instead < len(self.runs) for one in self.no_gain):
            raise ValueError("it names a run that it does not have")

    def emulates(self, run: BenchmarkRun) -> bool:
        """Whether the CPU ran layers in bf16 without instructions for it, as far as is known."""
        on_cpu = run.devices == (DEFAULT_DEVICE,)
        return on_cpu and self.machine.emulates(run.precision_layers)

    def run(
        self, model: str, precision_hint: PrecisionHint, hint: ModeHint = "throughput"
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
        """The ratio of those two runs with OpenVINO's hints, or else in the first mode."""
        wanted = (model, hint, against, against_hint)
        for ratio in self.ratios:
            had = (ratio.model, ratio.precision_hint, ratio.against, ratio.against_precision_hint)
            if had == wanted:
                return ratio
        return None
