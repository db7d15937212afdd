"""What the runner makes of a child process that misbehaves; the child is a few lines of Python."""

import errno
import os
import sys
import tempfile
import threading
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from core.benchmark.job import BenchmarkJob
from core.benchmark.settings import BenchmarkSettings
from core.folders import machine_lock
from core.importing.job import ImportJob
from core.jobs import ahead, process, runner
from core.jobs.events import Event, JobOutcome, Progress
from core.jobs.job import Job
from core.jobs.runner import run_job
from core.unfinished import APP_NAME

START = """
import base64, json, os, signal, subprocess, sys, time
def say(**message): print(json.dumps(message), flush=True)
folder = base64.b64decode(json.loads(sys.stdin.readline())["folder"]).decode()
sys.stdin.readline()
"""
DONE = "open(folder + '/made.txt', 'w').write('x'); say(type='succeeded')\n"


class Child:
    """Runs jobs with a program in place of the child process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self._monkeypatch = monkeypatch
        self.destination = tmp_path / "out" / "job"
        self.log = tmp_path / "log.txt"
        self.events: list[Event] = []

    def use(self, program: str) -> None:
        """Run this program for every job from now on."""
        self._monkeypatch.setattr(
            ahead, "command", lambda module: [sys.executable, "-c", START + program]
        )

    def run(self, program: str, cancel_at: str = "") -> JobOutcome:
        self.use(program)
        cancel = threading.Event()

        def on_event(event: Event) -> None:
            self.events.append(event)
            if isinstance(event, Progress) and event.stage == cancel_at:
                cancel.set()

        return run_job(
            ImportJob(), self.destination, on_event=on_event, cancel=cancel, log=self.log
        )

    @property
    def left(self) -> list[str]:
        return [p.name for p in self.destination.parent.iterdir()]


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Child:
    return Child(monkeypatch, tmp_path)


def test_what_is_no_message_is_passed_over(child: Child) -> None:
    outcome = child.run(
        "say(type='progress', stage='one')\n"
        'sys.stdout.buffer.write(b\'\\xff\\xfe\\x00 garbage\\n{"type": "prog\\n[1, 2]\\n\\n\')\n'
        "print('x' * 3_000_000)\n"
        "say(type='unheard of')\n"
        "say(type='progress', stage='two', new_field=3)\n" + DONE
    )
    assert outcome.state == "succeeded"
    assert [e.stage for e in child.events if isinstance(e, Progress)] == ["one", "two"]
    assert (child.destination / "made.txt").read_text() == "x"


def test_a_message_cut_short_is_no_end(child: Child) -> None:
    outcome = child.run('sys.stdout.write(\'{"type": "succee\'); sys.stdout.flush(); os._exit(0)')
    assert outcome.state == "failed"
    assert "ended unexpectedly (exit status 0)" in str(outcome.error)
    assert child.left == []


def test_an_exit_without_a_word_is_a_failure(child: Child) -> None:
    outcome = child.run("print('a trace', file=sys.stderr); os._exit(3)")
    assert outcome.state == "failed"
    assert "exit status 3" in str(outcome.error)
    assert child.log.read_text() == "a trace\n"
    assert outcome.log == child.log
    assert child.left == []


def test_a_failure_keeps_its_sentence_and_leaves_no_files(child: Child) -> None:
    outcome = child.run(
        "open(folder + '/half.txt', 'w').write('x')\n"
        "say(type='failed', what='It is odd.', next_step='Look.', refused_input=True)\n"
    )
    assert outcome.state == "failed"
    assert str(outcome.error) == "It is odd. Look."
    assert child.left == []


def test_a_child_that_does_not_leave_after_its_end_is_ended(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LINGER_SECONDS", 0.3)
    outcome = child.run(DONE + "time.sleep(600)\n")
    assert outcome.state == "succeeded"
    assert child.left == ["job"]


def test_an_end_after_the_cancel_is_a_cancel(child: Child) -> None:
    outcome = child.run(
        "say(type='progress', stage='late')\nsys.stdin.readline()\n" + DONE, cancel_at="late"
    )
    assert outcome.state == "cancelled"
    assert child.left == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_child_that_refuses_to_end_is_killed_with_all_it_started(child: Child) -> None:
    started = monotonic()
    outcome = child.run(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "say(type='log', text=str(other.pid))\n"
        "say(type='progress', stage='deaf')\n"
        "time.sleep(600)\n",
        cancel_at="deaf",
    )
    assert outcome.state == "cancelled"
    assert monotonic() - started < 60
    grandchild = int(child.events[0].text)  # type: ignore[union-attr]
    for _ in range(100):
        if not psutil.pid_exists(grandchild):
            break
        sleep(0.05)
    assert not psutil.pid_exists(grandchild)
    assert child.left == []


def test_a_child_that_never_reads_its_request(child: Child) -> None:
    outcome = child.run("sys.stdin.close(); os._exit(4)")
    assert "exit status 4" in str(outcome.error)


def test_a_child_that_cannot_be_started(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "command", lambda module: ["/no-such-program"])
    outcome = run_job(ImportJob(), child.destination)
    assert outcome.state == "failed"
    assert "no-such-program" in str(outcome.error)
    assert child.left == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES])
def test_files_that_cannot_be_published(
    child: Child, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(work: Path, destination: Path) -> None:
        raise OSError(number, "reason", str(destination))

    monkeypatch.setattr(runner, "publish", full)
    outcome = child.run(DONE)
    assert outcome.state == "failed"
    full_disk = number != errno.EACCES
    assert (
        f"The disk of the folder {child.destination.parent} is full." in str(outcome.error)
    ) == full_disk
    assert (f"{child.destination} cannot be used: reason." in str(outcome.error)) != full_disk
    assert child.left == []


HEAVY = BenchmarkJob(models=(), settings=BenchmarkSettings())


@pytest.mark.parametrize("second", [HEAVY, ImportJob()], ids=["heavy", "light"])
def test_heavy_jobs_take_turns_and_light_ones_do_not_wait_for_them(
    child: Child, tmp_path: Path, second: Job
) -> None:
    """Whatever their folders are."""
    order: list[str] = []
    first_runs = threading.Event()

    def run(name: str, job: Job) -> JobOutcome:
        def on_event(event: Event) -> None:
            if isinstance(event, Progress):
                order.append(f"{name}: {event.stage}")
            first_runs.set()

        outcome = run_job(job, tmp_path / name / "out", on_event=on_event)
        order.append(f"{name}: {outcome.state}")
        return outcome

    child.use(
        "say(type='progress', stage='works')\ntime.sleep(.8 if 'first' in folder else 0)\n" + DONE
    )
    first = threading.Thread(target=run, args=("first", HEAVY))
    first.start()
    assert first_runs.wait(30)
    assert run("second", second).state == "succeeded"
    first.join()
    if second is HEAVY:
        assert order == [
            "first: works",
            "second: Waiting for another job on this machine",
            "first: succeeded",
            "second: works",
            "second: succeeded",
        ]
    else:
        assert order == ["first: works", "second: works", "second: succeeded", "first: succeeded"]


def test_a_destination_that_is_a_file_fails_in_words(child: Child) -> None:
    child.destination.parent.parent.mkdir(exist_ok=True)
    child.destination.parent.write_text("in the way")
    outcome = run_job(ImportJob(), child.destination)
    assert outcome.state == "failed"
    assert "A file lies where a folder is needed" in str(outcome.error)


def test_a_cache_folder_that_cannot_be_made_fails_in_words(
    child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("the folder is named by a variable on Linux alone")
    for name in ("file", f"{APP_NAME}-cache-{os.geteuid()}"):  # nor one among temporary files
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(OSError, match="file"):
        machine_lock()
    outcome = run_job(ImportJob(), child.destination)
    assert outcome.state == "failed"
    assert str(tmp_path / "file") in str(outcome.error)
