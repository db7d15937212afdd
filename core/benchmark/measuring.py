"""The measurement: all contestants in turns, in short rounds, in random order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from core.benchmark.inputs import random_inputs
from core.benchmark.machine import this_machine
from core.benchmark.plan import (
    MIN_ROUNDS,
    BenchmarkPlan,
    BenchmarkResult,
    BenchmarkRun,
    Contestant,
    Ratio,
)
from core.benchmark.statistics import latency, ratio_interval, spread
from core.benchmark.verdict import speed_sentence
from core.inference.compiling import (
    ExecutedPrecision,
    PrecisionHint,
    compile_for,
    executed_precision,
    optimal_requests,
    stream_count,
    thread_count,
)
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

Step = Callable[[str, int, int | None], None]

SLOT_SECONDS = 0.25  # one lane's turn at throughput, and again at latency
SHORTEST_SLOT_SECONDS = 0.05
WARM_UP_SECONDS = 0.3


@dataclass(eq=False)
class _Lane:
    """One model at one precision hint, compiled twice: for throughput and for latency."""

    contestant: Contestant
    hint: PrecisionHint
    precision: ExecutedPrecision
    requests: list[ov.InferRequest]
    single: ov.InferRequest
    streams: int
    threads: int
    latency_threads: int
    fps: list[float] = field(default_factory=list)
    samples_ms: list[list[float]] = field(default_factory=list)

    @property
    def latency_rounds(self) -> list[float]:
        return [float(np.median(samples)) for samples in self.samples_ms]


def benchmark(plan: BenchmarkPlan, step: Step) -> BenchmarkResult:
    """Measure what the plan says; `step` hears of progress and may raise to stop.

    Every lane (model and precision hint) is warmed up; then each round gives every lane a turn,
    in an order drawn anew, so that a machine that slows down slows all alike.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    lanes = []
    pairs = list(product(plan.contestants, plan.precision_hints))
    for number, (contestant, hint) in enumerate(pairs):
        step("Compiling and warming up", number, len(pairs))
        lanes.append(_prepare(contestant, hint, plan))
    rounds, slot = _schedule(plan.seconds, len(lanes))
    order = np.random.default_rng(plan.seed)
    for done in range(rounds):
        for place in order.permutation(len(lanes)):
            step("Measuring in turns", done, rounds)
            lanes[place].fps.append(_throughput(lanes[place].requests, slot))
            lanes[place].samples_ms.append(_latencies(lanes[place].single, slot))
    step("Measuring in turns", rounds, rounds)
    return _result(plan, lanes, rounds, slot, started)


def _schedule(seconds: float, lanes: int) -> tuple[int, float]:
    """How many rounds, and how long a turn."""
    turns = 2 * lanes
    rounds = max(MIN_ROUNDS, round(seconds / (turns * SLOT_SECONDS)))
    slot = min(SLOT_SECONDS, seconds / (turns * rounds))
    return rounds, max(SHORTEST_SLOT_SECONDS, slot)


def _prepare(contestant: Contestant, hint: PrecisionHint, plan: BenchmarkPlan) -> _Lane:
    model = openvino_core().read_model(contestant.xml)
    inputs = random_inputs(contestant.xml, model, plan.seed)
    many = compile_for(model, hint, "THROUGHPUT", plan.device)
    one = compile_for(model, hint, "LATENCY", plan.device)
    requests = [many.create_infer_request() for _ in range(optimal_requests(many))]
    single = one.create_infer_request()
    for request in (*requests, single):
        request.infer(inputs)  # from now on the inputs are in place
    lane = _Lane(
        contestant,
        hint,
        executed_precision(many),
        requests,
        single,
        stream_count(many),
        thread_count(many),
        thread_count(one),
    )
    _throughput(requests, WARM_UP_SECONDS)
    _latencies(single, WARM_UP_SECONDS)
    return lane


def _throughput(requests: list[ov.InferRequest], seconds: float) -> float:
    """Inferences per second with all requests in flight, counted until the last one is done."""
    busy = deque(requests)
    start = perf_counter()
    for request in busy:
        request.start_async()
    count = 0
    while perf_counter() - start < seconds:
        request = busy.popleft()
        request.wait()
        count += 1
        request.start_async()
        busy.append(request)
    for request in busy:
        request.wait()
        count += 1
    return count / (perf_counter() - start)


def _latencies(request: ov.InferRequest, seconds: float) -> list[float]:
    """Milliseconds of single inferences, one after the other; at least three."""
    samples: list[float] = []
    start = now = perf_counter()
    while now - start < seconds or len(samples) < 3:
        request.infer()
        before, now = now, perf_counter()
        samples.append((now - before) * 1000)
    return samples


def _result(
    plan: BenchmarkPlan, lanes: list[_Lane], rounds: int, slot: float, started: str
) -> BenchmarkResult:
    runs = tuple(_run(lane) for lane in lanes)
    ratios = tuple(_ratio(lane, base) for lane, base in _compared(lanes))
    return BenchmarkResult(
        machine=this_machine(plan.device),
        rounds=rounds,
        round_seconds=slot,
        started=started,
        runs=runs,
        ratios=ratios,
        sentence=speed_sentence(runs, ratios),
    )


def _run(lane: _Lane) -> BenchmarkRun:
    throughput = spread(lane.fps)
    return BenchmarkRun(
        model=lane.contestant.name,
        precision_hint=lane.hint,
        precision_executed=lane.precision.name,
        precision_layers=lane.precision.layers,
        streams=lane.streams,
        threads=lane.threads,
        requests=len(lane.requests),
        throughput_fps=throughput.median,
        throughput_spread_fps=throughput,
        throughput_rounds_fps=tuple(lane.fps),
        latency_ms=latency(lane.samples_ms),
        latency_threads=lane.latency_threads,
        latency_rounds_ms=tuple(lane.latency_rounds),
    )


def _compared(lanes: list[_Lane]) -> list[tuple[_Lane, _Lane]]:
    """Which lanes are compared: every lane with every one that stands before it."""
    return [(lane, base) for place, lane in enumerate(lanes) for base in lanes[:place]]


def _ratio(lane: _Lane, base: _Lane) -> Ratio:
    return Ratio(
        model=lane.contestant.name,
        precision_hint=lane.hint,
        against=base.contestant.name,
        against_precision_hint=base.hint,
        throughput=ratio_interval(lane.fps, base.fps),
        latency=ratio_interval(base.latency_rounds, lane.latency_rounds),
    )
