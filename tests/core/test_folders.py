import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import folders
from core.cli.workspaces import detections_cache
from core.errors import InputError, WorkbenchError
from core.folders import (
    appearing,
    bring,
    default_workspace,
    make_work_folder,
    publish,
    user_settings,
)
from core.unfinished import WORK_PREFIX, sweep, user_cache


def gone_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_new_folder_appears_whole(tmp_path: Path) -> None:
    destination = tmp_path / "deep" / "down" / "made"
    work = make_work_folder(destination)
    assert work.parent == destination.parent
    assert not destination.exists()
    (work / "a.txt").write_text("a")
    publish(work, destination)
    assert (destination / "a.txt").read_text() == "a"
    assert list(destination.parent.iterdir()) == [destination]


def test_into_a_folder_that_exists_each_file_is_moved(tmp_path: Path) -> None:
    destination = tmp_path / "out"
    destination.mkdir()
    (destination / "mine.txt").write_text("mine")
    (destination / "a.txt").write_text("old")
    work = make_work_folder(destination)
    (work / "a.txt").write_text("new")
    publish(work, destination)
    assert {p.name: p.read_text() for p in destination.iterdir()} == {
        "mine.txt": "mine", "a.txt": "new"
    }  # fmt: skip
    assert list(tmp_path.iterdir()) == [destination]


def test_work_folders_never_clash(tmp_path: Path) -> None:
    assert len({make_work_folder(tmp_path / "out") for _ in range(20)}) == 20


def test_only_what_lost_processes_left_is_swept(tmp_path: Path) -> None:
    mine = make_work_folder(tmp_path / "out")
    lost = tmp_path / f"{WORK_PREFIX}{gone_process()}-0123abcd"
    odd = tmp_path / f"{WORK_PREFIX}notes"
    users = tmp_path / "job-1"
    for folder in (lost, odd, users):
        folder.mkdir()
        (folder / "file").write_text("x")
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([mine, odd, users])


def test_the_lock_is_one_for_all_workspaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    lock = folders.machine_lock()
    assert lock == folders.machine_lock()
    if sys.platform == "linux":
        assert lock.is_relative_to(tmp_path)
    assert lock.parent.is_dir()


def test_publishing_flushes_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = make_work_folder(tmp_path / "out")
    (work / "a.txt").write_text("a")
    (work / "b.txt").write_text("b")
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if sys.platform == "linux":
            flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    publish(work, tmp_path / "out")
    if sys.platform == "linux":
        assert sorted(flushed[:2]) == ["a.txt", "b.txt"]
        assert flushed[2:] == [work.name, tmp_path.name]


def test_new_files_never_stand_among_old_ones(tmp_path: Path) -> None:
    """Where the move is cut off, what the others are read by is not there."""
    destination = tmp_path / "out"
    work = make_work_folder(destination)
    (destination / "b.bin" / "in the way").mkdir(parents=True)
    for name in ("a.bin", "m.xml", "result.json"):
        (destination / name).write_text("old")
    for name in ("a.bin", "b.bin", "m.xml", "result.json"):
        (work / name).write_text("new")
    with pytest.raises(OSError):
        publish(work, destination)
    assert [one.name for one in destination.iterdir() if one.is_file()] == ["a.bin"]
    assert (destination / "a.bin").read_text() == "new"


def test_what_is_brought_to_another_disk_is_there_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "file").write_text("x")
    real = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if path.parent == tmp_path and path.name == "made":
            raise OSError(errno.EXDEV, "another disk")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    bring(tmp_path / "made", tmp_path / "out" / "wanted")
    assert (tmp_path / "out" / "wanted" / "file").read_text() == "x"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "out", "wanted"]


def test_what_is_made_in_several_steps_appears_when_all_are_done(tmp_path: Path) -> None:
    output = tmp_path / "out"
    with appearing(output) as work:
        for name in ("first", "second"):
            (work / name).mkdir(parents=True)
            (work / name / "file").write_text(name)
            assert not output.exists()
    assert sorted(one.name for one in output.iterdir()) == ["first", "second"]
    assert list(tmp_path.iterdir()) == [output]


def test_nothing_appears_where_a_step_fails_and_its_error_names_the_output(tmp_path: Path) -> None:
    output = tmp_path / "out"
    with pytest.raises(InputError, match=f"{output} is too small") as said, appearing(output) as at:
        at.mkdir()
        (at / "file").write_text("half")
        raise InputError(f"{at} is too small.", "")
    assert ".job-" not in str(said.value)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(WorkbenchError, match=r"file is a file and no folder\."),
        appearing(tmp_path / "file" / "out") as work,
    ):
        work.mkdir()


def test_folders_in_a_folder_that_exists_are_joined(tmp_path: Path) -> None:
    output = tmp_path / "out"
    (output / "images").mkdir(parents=True)
    (output / "images" / "mine.png").write_text("mine")
    with appearing(output) as work:
        (work / "images").mkdir(parents=True)
        (work / "images" / "new.png").write_text("new")
    assert sorted(one.name for one in (output / "images").iterdir()) == ["mine.png", "new.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="a home is where HOME says")
def test_without_a_home_nothing_is_put_below_where_one_happens_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for an account of a container that the system knows no name of."""
    for kind in ("DATA", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", "~/kept")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(InputError, match="no home folder"):
        default_workspace()
    assert user_settings() == user_cache()
    assert detections_cache(None).is_relative_to(user_cache())
    assert detections_cache(tmp_path / "own").is_relative_to(tmp_path / "own")
