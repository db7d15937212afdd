"""The measurement: all runs in turns, in short rounds, in random order.

Each run (a model at one precision hint and one setting) has a process of its own that waits while
it is not its turn. Every round gives each of them one, in an order drawn anew, so that a machine
that slows down slows all alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import numpy as np
import psutil

from core.benchmark.conversation import Prepare, Ready, TakeTurn
from core.benchmark.lanes import CannotRun, LaneProcess
from core.benchmark.noise import NoiseWatch
from core.benchmark.plan import (
    MIN_ROUNDS,
    BenchmarkPlan,
    BenchmarkResult,
    BenchmarkRun,
    Contestant,
    Setting,
)
from core.benchmark.samples import Samples
from core.benchmark.statistics import ratio_interval, spread_interval, width
from core.benchmark.summary import Measurement, Session, summarize
from core.errors import InputError, JobCancelled
from core.inference.compiling import PrecisionHint
from core.progress import Step

TURN_SECONDS = 0.25
GOOD_ROUNDS = 20  # that the time should suffice for: many short ones say more than few long ones
SHORTEST_TURN_SECONDS = 0.05
WARM_UP_SECONDS = 0.3
LOOK_ROUNDS = 12  # from so many rounds on it is asked whether the intervals are narrow enough
ITERATION_ROUNDS = 10  # that given iterations are divided among
PATIENCE = 3  # times the seconds asked for,
PATIENCE_SECONDS = 30.0  # or so many, until the fewest rounds are done
MOST_PROCESSES = 16
PROCESS_BYTES = 400 * 2**20  # room that a measuring process should have
MEMORY_SHARE = 0.6  # of what is free, for all of them

PREPARING = "Compiling and warming up"
MEASURING = "Measuring in turns"


@dataclass(frozen=True, eq=False)
class Earlier:
    """What an earlier benchmark of the same plan had measured when it was stopped."""

    result: BenchmarkResult
    samples: Sequence[Samples]


@dataclass(eq=False)
class _Lane:
    """One run: what it is, and what has been measured of it so far."""

    contestant: Contestant
    hint: PrecisionHint
    setting: Setting
    samples: Samples = field(default_factory=Samples)
    ready: Ready | None = None
    peak_memory_bytes: int = 0
    complete: bool = False
    earlier: BenchmarkRun | None = None

    @property
    def key(self) -> tuple[str, PrecisionHint, Setting]:
        return self.contestant.name, self.hint, self.setting

    @property
    def title(self) -> str:
        return f"{self.contestant.name} ({self.hint}, {self.setting.label})"


def benchmark(
    plan: BenchmarkPlan,
    step: Step,
    *,
    images: Sequence[Path] = (),
    earlier: Earlier | None = None,
    keep: Callable[[], None] = lambda: None,
) -> tuple[BenchmarkResult, list[Samples]]:
    """Measure what the plan says; gives the result, and the samples of each of its runs.

    `step` hears of progress and may raise JobCancelled to stop: then what was measured is the
    result, after a call of `keep`, unless not one round is complete. `images` are pictures to run
    on, where the plan says so. What `earlier` has is not measured again.
    """
    return _Benchmark(plan, step, images, earlier, keep).run()


class _Benchmark:
    """The state of one measurement."""

    def __init__(
        self,
        plan: BenchmarkPlan,
        step: Step,
        images: Sequence[Path],
        earlier: Earlier | None,
        keep: Callable[[], None],
    ) -> None:
        self._keep = keep
        self._plan = plan
        self._step = step
        self._images = tuple(images)
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._watch = NoiseWatch()
        self._order = np.random.default_rng(plan.seed)
        self._problems: list[str] = []
        self._lanes = [
            _Lane(contestant, hint, setting)
            for setting in plan.settings
            for contestant in plan.contestants
            for hint in plan.precision_hints
        ]
        if earlier is not None:
            _take_over(self._lanes, earlier)
        turns = len(self._lanes) * GOOD_ROUNDS if self._lanes[1:] else LOOK_ROUNDS
        self._turn_seconds = max(SHORTEST_TURN_SECONDS, min(TURN_SECONDS, plan.seconds / turns))

    def run(self) -> tuple[BenchmarkResult, list[Samples]]:
        stopped = False
        heats = [heat for heat in self._heats() if not all(lane.complete for lane in heat)]
        try:
            for number, heat in enumerate(heats, start=1):
                self._measure(heat, f" (group {number} of {len(heats)})" if heats[1:] else "")
        except JobCancelled:
            if not self._something:
                raise
            stopped = True
        measured = [lane for lane in self._lanes if lane.samples.turns]
        if not measured:
            raise InputError(" ".join(self._problems), "Choose other settings.")
        session = Session(
            self._plan,
            self._started,
            self._turn_seconds,
            self._watch.noise([lane.samples.fps for lane in measured]),
            stopped,
            tuple(self._problems),
        )
        result = summarize(session, [_measurement(lane) for lane in measured])
        return result, [lane.samples for lane in measured]

    def _heats(self) -> list[list[_Lane]]:
        """Runs that take turns with each other: as many as memory has room for.

        Runs of one setting stay together, because they are the ones to be compared.
        """
        room = MEMORY_SHARE * psutil.virtual_memory().available // PROCESS_BYTES
        same = len(self._plan.contestants) * len(self._plan.precision_hints)
        settings = max(1, int(min(room, MOST_PROCESSES)) // same)
        size = settings * same
        return [self._lanes[first : first + size] for first in range(0, len(self._lanes), size)]

    def _measure(self, heat: list[_Lane], which: str) -> None:
        with ExitStack() as stack:
            processes = []
            for _ in heat:  # all at once: they load OpenVINO while the first ones compile
                process = LaneProcess()
                stack.callback(process.close)
                processes.append(process)
            stack.callback(_kill_all, processes)  # comes first
            stack.push(self._keep_before_the_end)
            running = self._prepare(heat, processes, which)
            self._watch.watch([process.pid for _, process in running])
            if running:
                self._take_turns(running, which)
            for lane, _ in running:
                lane.complete = True

    @property
    def _something(self) -> bool:
        return any(lane.samples.turns for lane in self._lanes)

    def _keep_before_the_end(self, kind: type[BaseException] | None, *_: object) -> None:
        """Tell at once, before processes are waited for: a cancelled job is not given long."""
        if kind is JobCancelled and self._something:
            self._keep()

    def _prepare(
        self, heat: list[_Lane], processes: list[LaneProcess], which: str
    ) -> list[tuple[_Lane, LaneProcess]]:
        """One after the other, so that compiling is timed alone; gives those that can run."""
        stage = PREPARING + which
        running = []
        for number, (lane, process) in enumerate(zip(heat, processes, strict=True)):
            self._step(stage, number, len(heat))
            request = Prepare(
                xml=lane.contestant.xml,
                precision_hint=lane.hint,
                setting=lane.setting,
                device=self._plan.device,
                images=self._images,
                seed=self._plan.seed,
                warm_up_seconds=min(WARM_UP_SECONDS, self._plan.seconds / 4),
            )

            def listen(number: int = number) -> None:
                self._step(stage, number, len(heat))

            try:
                lane.ready = process.prepare(request, listen)
            except CannotRun as error:
                self._cannot(lane, error)
                continue
            running.append((lane, process))
        return running

    def _take_turns(self, running: list[tuple[_Lane, LaneProcess]], which: str) -> None:
        stage = MEASURING + which
        lanes = [lane for lane, _ in running]
        budget = self._plan.seconds * len(lanes) / len(self._lanes)
        done, begin = min(len(lane.samples.turns) for lane in lanes), monotonic()
        spent = sum(sum(_seconds(lane)) for lane in lanes)
        while not self._enough(lanes, done, spent + monotonic() - begin, budget):
            passed = spent + monotonic() - begin
            rounds = _expected_rounds(self._plan, done, passed, budget, len(lanes))

            def listen(done: int = done, rounds: int = rounds) -> None:
                self._step(stage, done, rounds)

            turns = {}
            for place in self._order.permutation(len(running)):
                lane, process = running[place]
                turns[place] = process.turn(self._turn(lane), listen)
            for place, (turn, memory) in turns.items():  # whole rounds only
                lanes[place].samples.turns.append(turn)
                lanes[place].peak_memory_bytes = max(lanes[place].peak_memory_bytes, memory)
            done += 1
            self._watch.look()
        self._step(stage, done, done)

    def _turn(self, lane: _Lane) -> TakeTurn:
        if self._plan.iterations is None:
            return TakeTurn(seconds=self._turn_seconds)
        part = -(-self._plan.iterations // ITERATION_ROUNDS)
        return TakeTurn(seconds=0, iterations=part)

    def _enough(self, lanes: list[_Lane], done: int, passed: float, budget: float) -> bool:
        if self._plan.iterations is not None:
            return min(lane.samples.inferences for lane in lanes) >= self._plan.iterations
        if done < MIN_ROUNDS:
            return done > 1 and passed > max(PATIENCE * budget, PATIENCE_SECONDS)
        if passed >= budget:
            return True
        return self._plan.narrow > 0 and done >= LOOK_ROUNDS and self._narrow(lanes)

    def _narrow(self, lanes: list[_Lane]) -> bool:
        """Whether every interval is narrow enough; the figure's own where there is no ratio."""
        if len(lanes) == 1:
            fps = lanes[0].samples.fps
            return width(spread_interval(fps)) <= self._plan.narrow
        for place, lane in enumerate(lanes):
            for base in lanes[:place]:
                if base.setting == lane.setting:
                    found = ratio_interval(lane.samples.fps, base.samples.fps)
                    if width(found) > self._plan.narrow:
                        return False
        return True

    def _cannot(self, lane: _Lane, error: CannotRun) -> None:
        """A batch that a model cannot take is a finding; that it cannot run at all, a failure."""
        sentence = f"{lane.title} cannot be run: {error.what}"
        if lane.setting.batch == 1:
            raise InputError(sentence, "Choose another device, precision or setting.")
        self._problems.append(sentence)
        lane.complete = True


def _kill_all(processes: Sequence[LaneProcess]) -> None:
    for process in processes:
        process.kill()


def _take_over(lanes: list[_Lane], earlier: Earlier) -> None:
    found = {
        (run.model, run.precision_hint, run.setting): (run, samples)
        for run, samples in zip(earlier.result.runs, earlier.samples, strict=True)
    }
    for lane in lanes:
        if lane.key in found:
            lane.earlier, lane.samples = found[lane.key]
            lane.complete = lane.earlier.complete
            lane.peak_memory_bytes = lane.earlier.peak_memory_bytes or 0


def _measurement(lane: _Lane) -> Measurement:
    return Measurement(
        contestant=lane.contestant,
        precision_hint=lane.hint,
        setting=lane.setting,
        ready=lane.ready,
        earlier=lane.earlier,
        samples=lane.samples,
        peak_memory_bytes=lane.peak_memory_bytes,
        complete=lane.complete,
    )


def _seconds(lane: _Lane) -> list[float]:
    """What each of its turns took."""
    return [len(turn.latencies_ms) * lane.setting.batch / turn.fps for turn in lane.samples.turns]


def _expected_rounds(
    plan: BenchmarkPlan, done: int, passed: float, budget: float, lanes: int
) -> int:
    if plan.iterations is not None:
        return max(done + 1, ITERATION_ROUNDS)
    each = passed / done if done else lanes * TURN_SECONDS * 1.2
    return max(done + 1, MIN_ROUNDS, round(budget / each))
