"""A cancelled job ends at once, whatever it is doing, and leaves nothing."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import filelock
import psutil
import pytest

from core.benchmark.service import plan_benchmark
from core.datasets.open import open_dataset
from core.errors import JobCancelled
from core.folders import machine_lock
from core.importing.service import plan_import
from core.inference.predicting import predict
from core.inference.settings import TRUE_F32
from core.jobs.planned import PlannedJob, run_planned
from core.jobs.runner import run_job
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.optimize.quantizing import quantize
from core.optimize.service import plan_optimize
from core.reports.service import plan_report
from tests.core.conftest import Made
from tests.support.jobs import job_processes, leftovers, run

AT_ONCE = 1.5  # seconds; a second is what is promised, the rest is for a busy machine

Plan = Callable[[Made], PlannedJob]


def importing(made: Made) -> PlannedJob:
    return plan_import(made.workspace, made.model, made.images)


def optimizing(made: Made) -> PlannedJob:
    return plan_optimize(made.workspace, made.parent.id, made.images, QuantizationPlan())


def comparing(made: Made) -> PlannedJob:
    return plan_report(made.workspace, made.optimized.id)


def measuring(made: Made) -> PlannedJob:
    return plan_benchmark(made.workspace, made.optimized.id, seconds=60)


STAGES: list[tuple[Plan, str]] = [
    (importing, "Looking at the images"),
    (importing, "Reading the model"),
    (importing, "Running it once"),
    (importing, "Copying it into the workspace"),
    (optimizing, "Loading NNCF"),
    (optimizing, "Collecting statistics"),
    (optimizing, "Correcting biases"),
    (optimizing, "Saving the optimized model"),
    (comparing, "Detecting with both models"),
    (comparing, "Comparing"),
    (measuring, "Compiling and warming up"),
    (measuring, "Measuring in turns"),
]


def state_of(made: Made) -> object:
    """All that a cancelled job must leave as it was."""
    workspace = made.workspace
    files = {p for p in made.root.rglob("*") if p.parent != workspace.logs and p.is_file()}
    cached = {p for p in files if workspace.detections_cache in p.parents}
    database = {p for p in files if p.name.startswith("workspace.sqlite3")}
    artifacts = [workspace.artifacts(project.id) for project in workspace.projects()]
    return workspace.projects(), artifacts, sorted(files - cached - database)


@pytest.mark.parametrize(("plan", "stage"), STAGES, ids=[stage for _, stage in STAGES])
def test_in_each_stage(made: Made, plan: Plan, stage: str) -> None:
    before = state_of(made)
    watched = run(made.workspace, plan(made), cancel_at=stage)
    assert watched.end.outcome.state == "cancelled"
    assert watched.end.project_id is None
    assert watched.end.outcome.folder is None
    assert watched.cancel_seconds is not None, f"{stage} never came: {watched.stages}"
    print(f"cancelled within {watched.cancel_seconds:.3f} s")  # shown by pytest -rP
    assert watched.cancel_seconds < AT_ONCE
    assert job_processes() == []
    assert leftovers(made.root) == []
    assert state_of(made) == before


def test_while_it_waits_for_its_turn(made: Made) -> None:
    before = state_of(made)
    with filelock.FileLock(machine_lock()):
        stage = "Waiting for another job on this machine"
        watched = run(made.workspace, optimizing(made), cancel_at=stage)
    assert watched.end.outcome.state == "cancelled"
    assert watched.stages == [stage]
    assert watched.cancel_seconds is not None
    assert watched.cancel_seconds < AT_ONCE
    assert state_of(made) == before


def test_before_it_starts(made: Made, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    job = optimizing(made)
    outcome = run_job(job.job, tmp_path / "out" / "model", cancel=cancel)
    assert outcome.state == "cancelled"
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be stopped there")
def test_a_process_that_does_not_react(made: Made) -> None:
    """As one does that is in the middle of a long call into a library."""
    before = state_of(made)

    def stop(stage: str) -> None:
        if stage == "Collecting statistics":
            for process in job_processes():
                process.send_signal(signal.SIGSTOP)

    watched = run(made.workspace, optimizing(made), "Collecting statistics", at_stage=stop)
    assert watched.end.outcome.state == "cancelled"
    assert watched.cancel_seconds is not None
    print(f"cancelled within {watched.cancel_seconds:.3f} s")  # shown by pytest -rP
    assert watched.cancel_seconds < AT_ONCE
    assert job_processes() == []
    assert state_of(made) == before


def test_at_random_moments(made: Made) -> None:
    """Also between two stages, and while the process starts or ends."""
    before = state_of(made)
    latencies = []
    for delay in (0.0, 0.05, 0.2, 0.4, 0.7, 1.0):
        cancel = threading.Event()
        asked: list[float] = []

        def ask(
            delay: float = delay, cancel: threading.Event = cancel, asked: list[float] = asked
        ) -> None:
            sleep(delay)
            asked.append(monotonic())
            cancel.set()

        thread = threading.Thread(target=ask)
        job = measuring(made)
        thread.start()
        end = run_planned(made.workspace, job, cancel=cancel)
        latencies.append(monotonic() - asked[0])
        thread.join()
        assert end.outcome.state == "cancelled"
        assert state_of(made) == before
    print(f"cancelled within {max(latencies):.3f} s")
    assert max(latencies) < AT_ONCE


def test_the_next_job_works_after_a_cancel(made: Made) -> None:
    run(made.workspace, importing(made), cancel_at="Reading the model")
    assert run(made.workspace, importing(made)).end.outcome.state == "succeeded"


def test_what_the_user_interrupts_leaves_no_process(made: Made) -> None:
    """An exception out of ``on_event``, as Ctrl-C makes one, ends the job on its way out."""
    before = state_of(made)
    job = measuring(made)

    def interrupt(event: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_planned(made.workspace, job, interrupt)
    assert job_processes() == []
    assert leftovers(made.root) == []
    assert state_of(made) == before
    assert run(made.workspace, importing(made)).end.outcome.state == "succeeded", "lock is free"


@pytest.mark.parametrize("stage", ["Loading NNCF", "Collecting statistics", "Correcting biases"])
def test_no_library_swallows_the_cancel_of_a_quantization(made: Made, stage: str) -> None:
    from nncf.common.logging.track_progress import track

    original = track.__iter__

    def step(name: str, done: int, total: int | None) -> None:
        if name == stage and (done == 1 or total is None):
            raise JobCancelled

    model = made.parent.model
    assert model is not None
    detector = load_stored(model).card.detector
    with pytest.raises(JobCancelled):
        quantize(model, detector, open_dataset(made.images), QuantizationPlan(), step)
    assert track.__iter__ is original, "NNCF is as it was"


def test_a_cancelled_prediction_leaves_no_request_running(made: Made) -> None:
    model = made.parent.model
    assert model is not None
    detector = load_stored(model).card.detector
    threads = threading.active_count()

    def progress(done: int) -> None:
        if done == 2:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        predict(model, detector, open_dataset(made.images), TRUE_F32, progress)
    assert threading.active_count() == threads, "the decoding threads are gone"
    assert len(predict(model, detector, open_dataset(made.images)).table) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="looks for zombies")
def test_no_zombies_are_left(made: Made) -> None:
    """What ends in another thread, as what a test before this one has left, is gone soon."""
    run(made.workspace, importing(made), cancel_at="Reading the model")
    until = monotonic() + 5
    while any(map(is_zombie, psutil.Process(os.getpid()).children(recursive=True))):
        assert monotonic() < until
        sleep(0.02)


def is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
