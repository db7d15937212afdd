"""Where the tests write: in memory where there is enough of it, and nothing stays for good."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from launcher import scratch

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the folder in memory is Linux's")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the folder in memory."""
    monkeypatch.setattr(scratch, "IN_MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "NEEDED_BYTES", 1)
    return tmp_path


@LINUX
def test_it_is_in_memory_and_somebody_else_may_enter_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "is_enough", lambda folder: folder == place)
    folder = scratch.make()

    assert folder.parent == place
    assert folder.stat().st_mode & 0o777 == 0o755


def test_it_is_where_others_are_where_memory_is_short(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    monkeypatch.setattr(scratch, "is_enough", lambda folder: False)

    assert scratch.make().parent == elsewhere


@LINUX
def test_enough_is_asked_of_the_folder_and_of_the_machine(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scratch.is_enough(place, 1)
    assert not scratch.is_enough(place / "missing", 1)
    assert not scratch.is_enough(place, 2**60), "the folder has less"
    table = place / "meminfo"
    monkeypatch.setattr(scratch, "MEMORY_TABLE", table)
    assert not scratch.is_enough(place, 1), "nobody knows"
    table.write_text("MemTotal: 9 kB\nMemAvailable: 3 kB\n")
    assert scratch.is_enough(place, 1024)
    assert not scratch.is_enough(place, 2048), "as much is needed besides"


@LINUX
def test_what_ended_runs_left_is_removed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    left, used = (place / f"{scratch.PREFIX}{n}-x" for n in (ended.pid, os.getpid()))
    others = [place / "suite-1-x", place / f"{scratch.PREFIX}x-1"]
    for folder in (left, used, *others):
        (folder / "more").mkdir(parents=True)
    monkeypatch.setattr(scratch, "is_enough", lambda folder: True)
    made = scratch.make()

    assert sorted(place.iterdir()) == sorted([used, made, *others])
    scratch.remove(made)
    assert not made.exists()
