"""Jobs of other processes are seen, can be asked to stop, and vanish with their process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep, time

import pytest

from core.jobs import registry
from core.jobs.events import Progress
from core.jobs.registry import Announcement, Ended, ask_to_cancel, others
from core.unfinished import announced, sweep_everywhere
from tests.support.checkout import environment, running_python
from tests.support.models import CLASSES, save, ssd

OTHER = """
import sys, time
from pathlib import Path
from core.jobs.events import Progress
from core.jobs.registry import Announcement, Ended
one = Announcement("Optimize it", "window", Path("/work"))
one.say("running", Progress(stage="Working", done=3, total=4))
print("ready", flush=True)
while not one.cancel_wanted:
    time.sleep(0.02)
one.end(Ended(state="failed", seconds=3, message="It broke."))
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No jobs but those of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def other(cache: None) -> Iterator[subprocess.Popen[str]]:
    with running_python(OTHER) as process:
        yield process


def test_a_job_of_another_process_is_seen_and_asked_to_stop(other: subprocess.Popen[str]) -> None:
    (job,) = others()
    assert (job.announced.title, job.announced.face) == ("Optimize it", "window")
    assert job.announced.doing == "running"
    assert job.announced.progress == Progress(stage="Working", done=3, total=4)
    ask_to_cancel(job.identity)
    assert other.wait(60) == 0
    (ended,) = others()
    assert ended.identity == job.identity
    assert job.there and not ended.there
    assert ended.announced.ended is not None
    assert (ended.announced.ended.state, ended.announced.ended.message) == ("failed", "It broke.")
    sweep_everywhere()
    assert others() == (ended,), "its process is gone, how it ended is not"


def test_how_a_job_ended_is_known_for_some_hours(
    other: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_to_cancel(others()[0].identity)
    assert other.wait(60) == 0
    now = time()
    monkeypatch.setattr(registry, "time", lambda: now + 11 * 3600)
    assert len(others()) == 1
    monkeypatch.setattr(registry, "time", lambda: now + 13 * 3600)
    assert others() == ()
    assert list(announced().iterdir()) == []


def test_a_command_goes_on_with_its_next_job() -> None:
    one = Announcement("tutorial", "terminal", Path())
    one.end(Ended(state="succeeded"))
    (path,) = announced().iterdir()
    assert path.name.startswith("ended-")
    one.say("running")
    (path,) = announced().iterdir()
    assert not path.name.startswith("ended-")
    one.end(Ended(state="succeeded"))
    assert others() == (), "our own are not others'"


def test_what_a_killed_process_told_is_gone(other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    assert others() == ()
    sweep_everywhere()
    assert list(announced().iterdir()) == []


def test_our_own_are_not_others_and_strange_files_are_passed_over() -> None:
    ours = Announcement("Ours", "window", Path())
    mark = announced() / f"{os.getppid()}.12-0.json"
    mark.write_text("{")
    try:
        assert others() == ()
    finally:
        ours.end(Ended(state="cancelled"))
        mark.unlink()


def test_a_window_ends_a_command_of_the_terminal(tmp_path: Path) -> None:
    model = save(ssd(), tmp_path, "tiny", CLASSES)
    line = ["benchmark", str(model), "--seconds", "600"]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "core.cli", *line],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as command:
        try:
            seen = others()
            while not seen or seen[0].announced.doing != "running":
                assert command.poll() is None, command.communicate()
                sleep(0.05)
                seen = others()
            assert seen[0].announced.title == " ".join(line)
            assert seen[0].announced.face == "terminal"
            ask_to_cancel(seen[0].identity)
            command.communicate(timeout=60)
        finally:
            command.kill()
    (job,) = others()
    assert job.announced.ended is not None and job.announced.ended.state == "cancelled"
