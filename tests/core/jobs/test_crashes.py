"""Processes that die: the job's, at any moment, and the program's own."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import psutil
import pytest

from core.errors import UnexpectedError
from core.importing.service import plan_import
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.reports.service import plan_report
from core.unfinished import WORK_PREFIX
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.checkout import environment
from tests.support.jobs import job_processes, leftovers, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")

MOMENTS = ["Loading NNCF", "Collecting statistics", "Correcting biases"]


def kill_soon(number: signal.Signals, seconds: float) -> None:
    """Send the signal to the job's process after so long, from a thread of its own."""

    def kill() -> None:
        sleep(seconds)
        for process in job_processes():
            process.send_signal(number)

    threading.Thread(target=kill).start()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
@pytest.mark.parametrize("stage", MOMENTS)
def test_a_job_whose_process_dies_fails_with_a_sentence(
    made: Made, number: signal.Signals, stage: str
) -> None:
    delay = float(np.random.default_rng([number, len(stage)]).uniform(0, 0.02))
    workspace = made.workspace
    job = plan_optimize(made.workspace, made.parent.id, made.images, QuantizationPlan())
    died = run(
        made.workspace,
        job,
        at_stage=lambda name: kill_soon(number, delay) if name == stage else None,
    )
    assert died.end.outcome.state == "failed", died.stages
    assert number.name in died.sentence
    assert ("memory" in died.sentence) == (number == signal.SIGKILL)
    assert died.end.outcome.folder is None
    assert leftovers(made.root) == []
    assert not job.destination.exists()
    if number == signal.SIGSEGV:
        assert died.end.outcome.log is not None
        assert "Segmentation fault" in died.end.outcome.log.read_text("utf-8")

    opened = Workspace(made.root)
    assert opened.interrupted == ()
    failed = opened.project(job.project_id or 0)
    assert (failed.state, failed.message) == ("failed", died.sentence)
    again = plan_optimize(opened, made.parent.id, made.images, QuantizationPlan(subset_size=1))
    assert run(opened, again).end.outcome.state == "succeeded"
    opened.delete_project(failed.id)
    assert workspace.projects()[-1].state == "ready"


@pytest.mark.usefixtures("started")
def test_a_process_that_dies_while_it_starts(made: Made) -> None:
    done = threading.Event()

    def kill() -> None:
        while not done.is_set():
            for process in job_processes():
                with suppress(psutil.NoSuchProcess):  # it was gone already
                    process.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    died = run(made.workspace, plan_import(made.workspace, made.model, made.images))
    done.set()
    thread.join()
    assert "SIGKILL" in died.sentence
    assert leftovers(made.root) == []


# The window or the terminal: runs one quantization, tells its stages.
PROGRAM = """
import sys
from pathlib import Path
from core.jobs.planned import run_planned
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.workspace.store import Workspace
workspace = Workspace(Path(sys.argv[1]))
parent = workspace.projects()[0]
job = plan_optimize(workspace, parent.id, Path(sys.argv[2]), QuantizationPlan())
run_planned(workspace, job, lambda event: print(getattr(event, "stage", ""), flush=True))
"""


@pytest.mark.parametrize("stage", MOMENTS)
def test_a_program_that_is_killed_takes_its_job_with_it(made: Made, stage: str) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(made.root), str(made.images)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert program.stdout is not None
    while program.stdout.readline().strip() != stage:
        assert program.poll() is None, "it ended before that stage"
    (child,) = job_processes(program.pid)
    killed = monotonic()
    program.kill()
    program.wait()
    program.stdout.close()
    assert psutil.wait_procs([child], timeout=5)[1] == [], "the job's process outlives it"
    print(f"the job's process ended within {monotonic() - killed:.3f} s")  # pytest -rP
    assert len(leftovers(made.root)) == 1

    opened = Workspace(made.root)
    assert len(opened.interrupted) == 1
    assert "'Optimize ssd to INT8" in opened.interrupted[0]
    assert leftovers(made.root) == []
    assert opened.projects()[-1].state == "failed"
    assert "ended while this was being made" in opened.projects()[-1].message
    workspace = opened
    imported = run(workspace, plan_import(workspace, made.model, made.images))
    assert imported.end.outcome.state == "succeeded", "the lock was freed"


def test_the_next_job_sweeps_what_a_killed_program_left(made: Made) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    job = plan_import(made.workspace, made.model, made.images)
    left = job.destination.parent / f"{WORK_PREFIX}{process.pid}-0123abcd"
    left.mkdir(parents=True)
    assert run(made.workspace, job).end.outcome.state == "succeeded"
    assert not left.exists()


def test_a_job_that_runs_into_its_memory_limit_says_so(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hard limit that was set from outside holds, and what comes of it is explained."""
    (tmp_path / "sitecustomize.py").write_text(
        "import numpy\ndef empty(*arguments, **options): raise MemoryError\nnumpy.savez = empty\n"
    )
    monkeypatch.setenv("PYTHONPATH", environment(tmp_path)["PYTHONPATH"])
    failed = run(made.workspace, plan_report(made.workspace, made.optimized.id))
    assert "does not have enough memory" in failed.sentence


def test_what_nothing_explains_is_a_fault_of_the_program(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import numpy\ndef broken(*arguments, **options): raise ValueError('boom')\n"
        "numpy.savez = broken\n"
    )
    monkeypatch.setenv("PYTHONPATH", environment(tmp_path)["PYTHONPATH"])
    failed = run(made.workspace, plan_report(made.workspace, made.optimized.id))
    assert isinstance(failed.end.outcome.error, UnexpectedError)
    assert failed.sentence == "Unexpected error: boom. The log has the details."


@pytest.mark.usefixtures("started")
def test_the_processes_of_a_job_dump_no_core(made: Made) -> None:
    limits: list[tuple[int, int]] = []

    def look(stage: str) -> None:
        if stage == "Detecting with both models" and sys.platform == "linux":
            (process,) = job_processes()
            limits.append(process.rlimit(psutil.RLIMIT_CORE))
            limits.append(process.rlimit(psutil.RLIMIT_AS))

    run(made.workspace, plan_report(made.workspace, made.optimized.id), at_stage=look)
    if sys.platform == "linux":
        core_size, (memory, _) = limits
        assert core_size == (0, 0)
        assert 4 * 2**30 < memory < 4 * 2**30 + psutil.virtual_memory().total


@pytest.mark.usefixtures("started")
def test_a_crash_is_over_quickly(made: Made) -> None:
    """The program notices by itself, and waits for nothing."""
    killed: list[float] = []

    def kill(stage: str) -> None:
        if stage == "Collecting statistics":
            for process in job_processes():
                os.kill(process.pid, signal.SIGKILL)
            killed.append(monotonic())

    job = plan_optimize(made.workspace, made.parent.id, made.images, QuantizationPlan())
    died = run(made.workspace, job, at_stage=kill)
    assert died.end.outcome.state == "failed"
    assert monotonic() - killed[0] < 5


MEASURING = """
import sys
from pathlib import Path
from core.benchmark.service import plan_benchmark
from core.jobs.planned import run_planned
from core.workspace.store import Workspace
workspace = Workspace(Path(sys.argv[1]))
job = plan_benchmark(workspace, int(sys.argv[2]), seconds=60)
run_planned(workspace, job, lambda event: print(getattr(event, "stage", ""), flush=True))
"""


def test_a_program_that_is_killed_while_it_measures_leaves_nothing_running(made: Made) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", MEASURING, str(made.root), str(made.optimized.id)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as program:
        assert program.stdout is not None
        own = psutil.Process(program.pid)
        while len(own.children(recursive=True)) < 3:  # the job, and a worker of each model
            assert program.stdout.readline() != "", "it ended before it measured"
        descendants = own.children(recursive=True)
        program.kill()
    deadline = monotonic() + 2
    while monotonic() < deadline and any(map(runs, descendants)):
        sleep(0.02)
    assert not any(map(runs, descendants)), "they outlive the program"


def runs(process: psutil.Process) -> bool:
    """A zombie has ended; where nobody is there to ask how, it stays one."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
