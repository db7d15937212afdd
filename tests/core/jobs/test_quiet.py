"""Timed rounds have the machine to themselves; light work is done between them all the same."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import sleep

import pytest

from core.benchmark.job import BenchmarkJob
from core.benchmark.service import plan_benchmark
from core.capabilities import jobs
from core.check.job import CheckJob
from core.deployment.job import PackageJob
from core.deployment.self_testing import SelfTestJob
from core.importing.service import plan_import
from core.jobs.events import Event, Progress
from core.jobs.planned import JobEnd, run_planned
from core.jobs.quiet import LightWork, TimedRounds, waiting_for_others, working_seconds
from core.optimize.job import QuantizeJob
from core.predict.job import PredictJob
from core.profiling.job import ProfileJob
from core.reports.kinds import KINDS
from core.search.job import SearchJob
from tests.core.conftest import Made
from tests.support.checkout import environment

START = """
import json, sys, threading, queue, time
from pathlib import Path
from core.jobs.quiet import LightWork, TimedRounds
from core.optimize.job import QuantizeJob
from core.predict.job import PredictJob
from core.profiling.job import ProfileJob
from core.reports.kinds import KINDS
from core.search.job import SearchJob
def say(*what): print(json.dumps(what), flush=True)
def wait(): pass
"""

MEASURES = """
# A benchmark as its job makes it, which tells when it times something.
from core.benchmark import worker_process
from core.benchmark.measuring import benchmark
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings
def timed(method):
    def wrapped(self, *given):
        began = time.monotonic()
        result = method(self, *given)
        say("timed", began, time.monotonic())
        return result
    return wrapped
Worker = worker_process.WorkerProcess
Worker.ready, Worker.turn = timed(Worker.ready), timed(Worker.turn)
models = [BenchmarkedModel(name=Path(one).stem, xml=Path(one)) for one in sys.argv[1:]]
result, _ = benchmark(
    models, BenchmarkSettings(seconds=2.0, narrow=0.0), lambda *a, **k: None,
)
say("rounds", len(result.runs[0].throughput_rounds_fps))
"""

WORKS = """
# What a light job does in its process: something between two steps, and it tells when.
from core.jobs.context import JobContext
context = JobContext(Path(), lambda message: None, threading.Event())
context.join()
notes = open(sys.argv[1], "w")
say("works")
while True:
    began = time.monotonic()
    time.sleep(0.05)
    print(json.dumps((began, time.monotonic())), file=notes, flush=True)
    context.step("Working")
"""

HOLDS_ALONE = "with TimedRounds(wait): say('held'); time.sleep(600)"
SHARES = "share = LightWork(); share.take(wait); say('held'); time.sleep(600)"
WAITS_AT_THE_DOOR = "share = LightWork(); share.take(lambda: say('held')); time.sleep(600)"


@contextmanager
def process(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", START + program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def lines(notes: Path) -> list[tuple[float, float]]:
    """The spans in a file whose last line may be cut off."""
    whole = [line for line in notes.read_text().splitlines() if line.endswith("]")]
    return [tuple(json.loads(line)) for line in whole]


def held(one: subprocess.Popen[str]) -> None:
    assert one.stdout is not None
    assert json.loads(one.stdout.readline()) in (["held"], ["works"])


def test_light_work_and_what_is_timed_never_run_at_once(made: Made, tmp_path: Path) -> None:
    """Recorded in three processes: a benchmark, and two of light work that never ends."""
    models = [made.parent.model, made.optimized.model]
    notes = [tmp_path / "first.txt", tmp_path / "second.txt"]
    with process(WORKS, notes[0]) as first, process(WORKS, notes[1]) as second:
        for one in (first, second):
            held(one)
        with process(MEASURES, *models) as measuring:
            assert measuring.stdout is not None
            said = [json.loads(line) for line in measuring.stdout]
    *spans, (name, rounds) = said
    timed = sorted((began, ended) for _, began, ended in spans)
    light = sorted(span for one in notes for span in lines(one))
    assert name == "rounds" and rounds >= 5, "the benchmark came to its end"
    for began, ended in timed:
        assert not [one for one in light if one[0] < ended and one[1] > began]
    gaps = pairwise(timed)
    used = [any(end < one[0] < begin for one in light) for (_, end), (begin, _) in gaps]
    assert used.count(True) >= 3, "light work went on while the benchmark ran"


def test_a_model_is_imported_while_another_is_measured(made: Made) -> None:
    """Before the benchmark's end, for which everything waited once."""
    measuring, cancel = threading.Event(), threading.Event()
    ends: list[JobEnd] = []

    def watch(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == "Measuring in turns":
            measuring.set()

    def measure() -> None:
        job = plan_benchmark(made.workspace, made.optimized.id, seconds=600)
        ends.append(run_planned(made.workspace, job, watch, cancel))

    thread = threading.Thread(target=measure)
    thread.start()
    try:
        assert measuring.wait(60)
        said: list[Event] = []
        job = plan_import(made.workspace, made.model, made.images)
        assert run_planned(made.workspace, job, said.append).outcome.state == "succeeded"
        assert thread.is_alive(), "the benchmark still runs"
        stages = [event.stage for event in said if isinstance(event, Progress)]
        assert stages[0] in (LightWork.waiting, "Looking at the images")
    finally:
        cancel.set()
        thread.join()
    assert ends[0].outcome.state == "succeeded", "of what it measured, nothing is lost"


@pytest.mark.parametrize("program", [HOLDS_ALONE, SHARES])
def test_a_killed_process_holds_up_nobody(program: str) -> None:
    with process(program) as holder:
        held(holder)
        holder.kill()
        holder.wait()
        share = LightWork()
        share.take(lambda: None)
        share.close()
        with TimedRounds(lambda: None):
            pass


def test_a_process_that_is_killed_at_the_door_leaves_it_open() -> None:
    def listen() -> None:
        pass

    with TimedRounds(listen) as rounds:
        with process(WAITS_AT_THE_DOOR) as waiting:
            held(waiting)
            assert rounds.asked()
            waiting.kill()
            waiting.wait()
        assert not rounds.asked()
        assert not rounds.give_way(listen)


def test_a_cancel_is_heard_while_light_work_goes_on() -> None:
    class Stop(Exception):
        pass

    def listen() -> None:
        raise Stop

    with process(SHARES) as holder:
        held(holder)
        with pytest.raises(Stop), TimedRounds(listen):
            pass
    share = LightWork()
    share.take(lambda: None)
    share.close()


def test_the_clock_of_a_search_stands_still_while_others_are_waited_for() -> None:
    with waiting_for_others():
        before = working_seconds()
        sleep(0.01)
        assert working_seconds() == before
    with pytest.raises(ValueError, match="gone"), waiting_for_others():
        raise ValueError("it is gone")
    at = working_seconds()
    sleep(0.01)
    assert working_seconds() > at, "it goes on, whatever happened"


def test_what_runs_models_over_datasets_or_measures_is_heavy() -> None:
    reports = {kind.job for kind in KINDS}
    heavy = {one for one in jobs() if one.weight == "heavy"}  # type: ignore[attr-defined]
    assert heavy - reports == {
        *(BenchmarkJob, ProfileJob, SearchJob, QuantizeJob, CheckJob, PredictJob),
        *(PackageJob, SelfTestJob),
    }
    assert reports <= heavy
    assert {one.weight for one in jobs()} == {"light", "heavy"}  # type: ignore[attr-defined]
