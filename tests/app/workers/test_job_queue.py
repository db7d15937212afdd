"""The queue of a window: what runs beside what, in which order, and what is not started twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.kit.notice import Notice
from app.workers import job_queue
from app.workers.job_queue import JobQueue
from app.workers.queued import JobState, QueueState
from core.errors import InputError
from core.jobs.planned import Part, PlannedJob
from core.workspace.store import Workspace
from tests.support.queues import LIGHT, Stage


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage()
    monkeypatch.setattr(job_queue, "run_planned", made.run)
    return made


@pytest.fixture
def queue(qtbot: QtBot, tmp_path: Path) -> JobQueue:
    return JobQueue(Workspace(tmp_path / "workspace"))


def states(queue: JobQueue) -> dict[str, JobState]:
    return {job.planned.title: job.state for job in queue.all_jobs}


def wait_for(qtbot: QtBot, queue: JobQueue, **wanted: JobState) -> None:
    qtbot.waitUntil(lambda: states(queue) == wanted, timeout=30_000)


def test_light_jobs_run_beside_a_heavy_one_and_heavy_ones_in_turn(
    qtbot: QtBot, queue: JobQueue, stage: Stage
) -> None:
    said: list[QueueState] = []
    queue.state_changed.connect(said.append)
    queue.submit(stage.job("first"))
    queue.submit(stage.job("second"))
    queue.submit(stage.job("look", LIGHT))
    wait_for(qtbot, queue, first="running", look="running", second="waiting")
    qtbot.waitUntil(lambda: queue.state.progress is not None)
    assert (queue.state.title, queue.state.beside, queue.state.waiting) == ("first", 1, 1)
    stage.let_go("look")
    wait_for(qtbot, queue, first="running", second="waiting", look="succeeded")
    assert queue.state.title == "first"
    stage.let_go("first")
    wait_for(qtbot, queue, second="running", first="succeeded", look="succeeded")
    stage.let_go("second")
    qtbot.waitUntil(lambda: not queue.jobs)
    assert said[-1] == QueueState()


@pytest.mark.parametrize(("after", "left"), [(60.0, 65.0), (None, None)])
def test_the_time_left_of_a_chain_is_that_of_all_its_jobs(
    qtbot: QtBot, queue: JobQueue, stage: Stage, after: float | None, left: float | None
) -> None:
    known: list[float | None] = [None]  # while it waits
    part = Part(("first", "second"), 0, seconds_after=lambda: known[-1])
    queue.submit(stage.job("before"))
    queue.submit(replace(stage.job("first"), part=part))
    known.append(after)
    stage.let_go("before")
    wait_for(qtbot, queue, before="succeeded", first="running")
    qtbot.waitUntil(lambda: queue.state.progress is not None)
    assert queue.state.progress is not None
    assert queue.state.progress.seconds_left == left
    assert queue.state.title == "1 of 2: first"
    queue.close()


def test_a_few_light_jobs_run_at_once(qtbot: QtBot, queue: JobQueue, stage: Stage) -> None:
    for number in range(job_queue.LIGHT_AT_ONCE + 1):
        queue.submit(stage.job(f"look {number}", LIGHT))
    assert list(states(queue).values()).count("running") == job_queue.LIGHT_AT_ONCE
    stage.let_go("look 0")
    qtbot.waitUntil(lambda: states(queue)["look 3"] == "running", timeout=30_000)
    queue.close()


def test_those_that_wait_change_places_and_are_cancelled_one_by_one(
    qtbot: QtBot, queue: JobQueue, stage: Stage
) -> None:
    ended: list[tuple[str, str]] = []
    queue.job_ended.connect(lambda job, end: ended.append((job.title, end.outcome.state)))
    for title in ("first", "second", "third", "fourth"):
        queue.submit(stage.job(title))
    numbers = {job.planned.title: job.number for job in queue.all_jobs}
    queue.move(numbers["fourth"], -1)
    queue.move(numbers["fourth"], -1)
    queue.move(numbers["fourth"], -1)  # the first of those that wait stays that
    queue.move(numbers["first"], 1)  # it runs
    assert list(states(queue)) == ["first", "fourth", "second", "third"]
    queue.cancel(numbers["second"])
    assert stage.abandoned == ["second"]
    assert ended == [("second", "cancelled")]
    queue.cancel(numbers["first"])
    qtbot.waitUntil(lambda: states(queue)["fourth"] == "running", timeout=30_000)
    assert ended[1:] == [("first", "cancelled")]
    stage.let_go("fourth")
    qtbot.waitUntil(lambda: states(queue)["third"] == "running", timeout=30_000)
    queue.close()
    assert not queue.jobs and not queue.state.title


def test_the_same_wish_is_one_job(qtbot: QtBot, queue: JobQueue, stage: Stage) -> None:
    said: list[Notice] = []
    queue.notices.posted.connect(said.append)
    planned: list[str] = []

    def plan(title: str) -> PlannedJob:
        planned.append(title)
        return stage.job(title)

    assert queue.start(plan, "first") and queue.start(plan, "first")
    assert not said, "of a double click nothing is said"
    assert queue.start(plan, "second") and queue.start(plan, "first")
    assert planned == ["first", "second"]
    assert [one.text for one in said] == ["'first' is running already."]
    queue.cancel_current()
    assert queue.start(plan, "first"), "what is being cancelled can be wanted again"
    assert planned == ["first", "second", "first"]
    queue.close()


def test_what_is_refused_can_be_wanted_again(queue: JobQueue, stage: Stage) -> None:
    refusals = [True, False]

    def plan() -> PlannedJob:
        if refusals.pop(0):
            raise InputError("There is none.", "Choose another.")
        return stage.job("it")

    assert not queue.start(plan)
    assert queue.start(plan)
    assert states(queue) == {"it": "running"}
    queue.close()


def test_nothing_is_started_once_it_is_closed(queue: JobQueue, stage: Stage) -> None:
    """As what a thread found that came to its end while the window closed."""
    queue.close()
    assert not queue.start(stage.job, "it")
    assert not queue.jobs and not stage.doors


def test_a_job_that_ended_says_how(qtbot: QtBot, queue: JobQueue, stage: Stage) -> None:
    queue.submit(stage.job("it"))
    stage.let_go("it")
    wait_for(qtbot, queue, it="succeeded")
    (job,) = queue.all_jobs
    assert (job.shown, job.progress, job.finished) == (7, None, True)
    assert job.seconds > 0
