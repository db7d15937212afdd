"""The measurement: all runs in turns, in short rounds, in random order.

Each run (a model at one precision hint in one mode) has a process of its own that waits while it
is not its turn. Every round gives each of them one, in an order drawn anew, so that a machine that
slows down slows all alike.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import numpy as np

from core.benchmark.conversation import Prepare
from core.benchmark.noise import NoiseWatch
from core.benchmark.pace import Goal, Pace
from core.benchmark.result import BenchmarkResult, NotRun
from core.benchmark.runs import Earlier, Run, runs_of
from core.benchmark.samples import Samples, Turn
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings
from core.benchmark.summary import summarize
from core.benchmark.worker_pool import WorkerPool, room_for_processes
from core.benchmark.worker_process import CannotRun, WorkerProcess
from core.errors import InputError, JobCancelled, WorkbenchError
from core.jobs.quiet import LONGEST_SECONDS, TimedRounds
from core.progress import Step

WARM_UP_SECONDS = 0.3
MOST_PROCESSES = 16

PREPARING = "Compiling and warming up"
MEASURING = "Measuring in turns"


def benchmark(
    models: Sequence[BenchmarkedModel],
    settings: BenchmarkSettings,
    step: Step,
    *,
    images: Sequence[Path] = (),
    earlier: Earlier | None = None,
    keep: Callable[[], None] = lambda: None,
    pool: WorkerPool | None = None,
    goal: Goal | None = None,
) -> tuple[BenchmarkResult, list[Samples]]:
    """Measure these models; gives the result, and the samples of each of its runs.

    `step` hears of progress and may raise JobCancelled to stop: then what was measured is the
    result, after a call of `keep`, unless not one round is complete. `images` are run on where the
    settings say so. What `earlier` has is not measured again. Processes are of the `pool`, if there
    is one; a `goal` ends it when that is reached. Raises InputError where a model cannot be run.
    """
    own = WorkerPool() if pool is None else pool
    return _Benchmark(models, settings, step, images, earlier, keep, own, goal).run()


class _Benchmark:
    """The state of one measurement."""

    def __init__(
        self,
        models: Sequence[BenchmarkedModel],
        settings: BenchmarkSettings,
        step: Step,
        images: Sequence[Path],
        earlier: Earlier | None,
        keep: Callable[[], None],
        pool: WorkerPool,
        goal: Goal | None,
    ) -> None:
        self._keep = keep
        self._pool = pool
        self._models = tuple(models)
        self._settings = settings
        self._step = step
        self._images = tuple(images)
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._watch = NoiseWatch()
        self._order = np.random.default_rng(settings.seed)
        self._not_run: list[NotRun] = []
        self._runs = runs_of(models, settings, earlier)
        self._pace = Pace(settings, len(self._runs), goal)

    def run(self) -> tuple[BenchmarkResult, list[Samples]]:
        stopped = False
        groups = [group for group in self._groups() if not all(run.complete for run in group)]
        try:
            for number, group in enumerate(groups, start=1):
                which = f" (group {number} of {len(groups)})" if groups[1:] else ""
                self._measure(group, which)
        except JobCancelled:
            if not self._something:
                raise
            stopped = True
        measured = [run for run in self._runs if run.samples.turns]
        if not measured:
            reasons = dict.fromkeys(one.reason for one in self._not_run)
            raise InputError(f"No run can be made: {' '.join(reasons)}", "Choose other settings.")
        result = summarize(
            measured,
            self._models,
            self._settings,
            started=self._started,
            round_seconds=self._pace.turn_seconds,
            noise=self._watch.noise([run.samples.fps for run in measured]),
            stopped=stopped,
            not_run=tuple(self._not_run),
        )
        return result, [run.samples for run in measured]

    def _groups(self) -> list[list[Run]]:
        """Runs that take turns with each other: as many as memory has room for.

        Runs of one mode stay together, because they are the ones to be compared.
        """
        room = room_for_processes()
        same = len(self._models) * len(self._settings.precision_hints)
        size = same * max(1, min(room, MOST_PROCESSES) // same)
        return [self._runs[first : first + size] for first in range(0, len(self._runs), size)]

    def _measure(self, group: list[Run], which: str) -> None:
        with self._pool.lent(len(group)) as processes, ExitStack() as stack:
            stack.push(self._keep_before_the_end)

            def listen() -> None:
                self._step(PREPARING + which, 0, len(group))

            rounds = stack.enter_context(TimedRounds(listen))
            running = self._prepare(group, processes, which, rounds)
            self._watch.watch([process.pid for _, process in running])
            if running:
                self._take_turns(running, which, rounds)
            for run, _ in running:
                run.complete = True

    @property
    def _something(self) -> bool:
        return any(run.samples.turns for run in self._runs)

    def _keep_before_the_end(self, kind: type[BaseException] | None, *_: object) -> None:
        """Say so at once, before processes are waited for: a cancelled job is not given long."""
        if kind is JobCancelled and self._something:
            self._keep()

    def _prepare(
        self, group: list[Run], processes: list[WorkerProcess], which: str, rounds: TimedRounds
    ) -> list[tuple[Run, WorkerProcess]]:
        """As many at once as the pool says, one where compiling is timed; gives those that run."""
        stage = PREPARING + which
        running = []
        waiting = deque(zip(group, processes, strict=True))
        for number, (run, process) in enumerate(zip(group, processes, strict=True)):
            self._step(stage, number, len(group))

            def listen(number: int = number) -> None:
                self._step(stage, number, len(group))

            rounds.give_way(listen)
            while waiting and len(group) - len(waiting) < number + self._pool.together:
                following, its_process = waiting.popleft()
                its_process.send(self._request(following))
            try:
                run.ready = process.ready(listen)
            except CannotRun as error:
                self._leave_out(run, error)
                continue
            running.append((run, process))
        return running

    def _request(self, run: Run) -> Prepare:
        return Prepare(
            xml=run.model.xml,
            precision_hint=run.hint,
            mode=run.mode,
            settings=self._settings,
            images=self._images,
            warm_up_seconds=min(WARM_UP_SECONDS, self._settings.seconds / 4),
        )

    def _take_turns(
        self, running: list[tuple[Run, WorkerProcess]], which: str, rounds: TimedRounds
    ) -> None:
        stage = MEASURING + which
        runs = [run for run, _ in running]
        done, begin = min(len(run.samples.turns) for run in runs), monotonic() - rounds.waited
        spent = sum(run.seconds for run in runs)
        while True:
            passed = spent + monotonic() - begin - rounds.waited
            if self._pace.enough(runs, done, passed):
                break
            expected = self._pace.expected_rounds(len(runs), done, passed)

            def listen(done: int = done, expected: int = expected) -> None:
                self._step(stage, done, expected)

            if rounds.give_way(listen):
                self._watch.skip()
            turns = self._round(running, rounds, listen)
            for place, (turn, memory) in turns.items():  # whole rounds only
                runs[place].samples.turns.append(turn)
                runs[place].peak_memory_bytes = max(runs[place].peak_memory_bytes, memory)
            done += 1
            self._watch.look()
        self._step(stage, done, done)

    def _round(
        self,
        running: list[tuple[Run, WorkerProcess]],
        rounds: TimedRounds,
        listen: Callable[[], None],
    ) -> dict[int, tuple[Turn, int]]:
        """One turn of every run, by its place; a long round lets light work in between two."""
        turns = {}
        for place in self._order.permutation(len(running)):
            if rounds.asked(LONGEST_SECONDS):
                self._watch.look()
                rounds.give_way(listen)
                self._watch.skip()
            run, process = running[place]
            try:
                turns[int(place)] = process.turn(self._pace.turn(), listen)
            except CannotRun as error:
                raise WorkbenchError(
                    f"{run.title} cannot be measured any longer: {error.what}",
                    error.next_step or "Choose another device, precision or mode.",
                ) from error
        return turns

    def _leave_out(self, run: Run, error: CannotRun) -> None:
        """A batch that a model cannot take is a finding; that it cannot run at all, a failure."""
        if run.mode.batch == 1:
            raise InputError(
                f"{run.title} cannot be run: {error.what}",
                error.next_step or "Choose another device, precision or mode.",
            )
        self._not_run.append(
            NotRun(model=run.model.name, precision_hint=run.hint, mode=run.mode, reason=error.what)
        )
        run.complete = True
