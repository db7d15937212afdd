"""What a process that is killed leaves anywhere goes away when the program starts the next time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.unfinished import APP_NAME, WORK_PREFIX, sweep_everywhere, unfinished, user_cache
from tests.support.checkout import environment

# Makes something of each kind in the folder that is named, and waits to be killed.
PROGRAM = """
import sys
import tempfile
from pathlib import Path
from core.folders import make_work_folder, temporary_folder
from core.unfinished import unfinished
here = Path(sys.argv[1])
work = make_work_folder(here / "deep" / "model")
(work / "file").write_text("x")
unfinished(here / "page.html").write_text("half")
with temporary_folder() as temporary:
    (temporary / "model.bin").write_text("x")
    print(temporary, flush=True)
    sys.stdin.readline()
"""


def started(folder: Path, cache: Path) -> subprocess.Popen[str]:
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(folder), XDG_CACHE_HOME=str(cache)),
    )


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.skipif(sys.platform == "win32", reason="the cache is where XDG says")
def test_what_a_killed_process_left_is_removed_wherever_it_lies(
    tmp_path: Path, cache: Path
) -> None:
    with started(tmp_path / "here", cache) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().startswith(str(tmp_path / "here"))
        sweep_everywhere()
        assert len(files(tmp_path / "here")) == 3, "it is alive"
        process.kill()
    assert len(files(tmp_path / "here")) == 3
    sweep_everywhere()
    assert files(tmp_path) == []
    assert list((tmp_path / "here").iterdir()) == [tmp_path / "here" / "deep"]


@pytest.mark.skipif(sys.platform == "win32", reason="the cache is where XDG says")
def test_a_process_that_ends_leaves_nothing_and_no_note(tmp_path: Path, cache: Path) -> None:
    with started(tmp_path / "here", cache) as process:
        process.communicate("\n")
    assert process.returncode == 0
    assert files(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the cache is where XDG says")
def test_a_note_removes_nothing_that_is_called_otherwise(tmp_path: Path, cache: Path) -> None:
    lost = subprocess.Popen([sys.executable, "-c", ""])
    lost.wait()
    others = [tmp_path / "photos", tmp_path / f"{WORK_PREFIX}1.1-0123abcd", tmp_path / ".job-notes"]
    for one in others:
        one.mkdir()
    note = user_cache() / "unfinished" / f"{lost.pid}.1"
    note.parent.mkdir(parents=True)
    note.write_bytes(b"\0".join(str(one).encode() for one in others))
    sweep_everywhere()
    assert all(one.is_dir() for one in others)
    assert not note.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the cache is where XDG says")
def test_without_a_home_the_cache_is_temporary_and_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    no_home = tmp_path / "file"
    no_home.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(no_home / "one"))
    found = user_cache()
    assert found.parent == tmp_path
    assert found.stat().st_mode & 0o777 == 0o700
    found.chmod(0o777)  # others may put things in
    monkeypatch.setenv("XDG_CACHE_HOME", str(no_home / "two"))
    assert user_cache() == no_home / "two" / APP_NAME
    found.rmdir()
    found.symlink_to(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(no_home / "three"))
    assert user_cache() == no_home / "three" / APP_NAME


def test_a_long_name_has_room_for_its_unfinished_file(tmp_path: Path) -> None:
    path = unfinished(tmp_path / ("n" * 255))
    path.write_text("x")
    path.rename(tmp_path / ("n" * 255))
