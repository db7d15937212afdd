"""What the system would not do: the user's file is named, and what helps."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from core.errors import InputError, shown
from core.refusals import (
    refused_by_system,
    require_empty,
    require_file,
    require_folder,
    require_new,
    require_regular,
    require_there,
)
from core.unfinished import temporary, unfinished
from core.values import write_json


def refused(number: int, path: Path) -> str:
    return str(refused_by_system(OSError(number, os.strerror(number), str(path))))


def test_what_is_not_finished_is_named_by_its_folder(tmp_path: Path) -> None:
    for hidden in (unfinished(tmp_path / "out"), temporary(tmp_path)):
        for path in (hidden, hidden / "models" / "parent.xml"):
            said = refused(errno.EACCES, path)
            assert said.startswith(f"Nothing can be written to the folder {tmp_path}: ")
            assert hidden.name not in said
    assert refused(errno.EACCES, tmp_path / "mine").startswith(f"{tmp_path / 'mine'} cannot be")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_called_so(tmp_path: Path, number: int) -> None:
    full = f"The disk of the folder {tmp_path} is full. Free"
    assert refused(number, tmp_path / "mine").startswith(full)
    assert refused(number, unfinished(tmp_path / "out") / "part").startswith(full)
    nameless = OSError(number, os.strerror(number))
    assert str(refused_by_system(nameless)).startswith("The disk is full. Free")
    assert str(refused_by_system(nameless, tmp_path)).startswith(full)


def test_the_disk_without_room_is_the_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system does not say: of the places that are written to, the full one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "small"))
    (tmp_path / "small").mkdir()
    monkeypatch.setattr("core.refusals._has_no_room", lambda folder: folder == tmp_path / "small")
    said = str(refused_by_system(OSError(errno.ENOSPC, "full"), tmp_path / "large"))
    assert said == (
        f"The disk of the folder {tmp_path / 'small'} is full. Free some space there, or set "
        "TMPDIR to another folder, and start again."
    )


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder without files")
def test_a_folder_that_takes_no_files_is_named() -> None:
    with pytest.raises(OSError) as failed:
        write_json(Path("/proc/x.json"), 1)
    said = str(refused_by_system(failed.value))
    assert said.startswith("Nothing can be written to the folder /proc: the system takes no files")


@pytest.mark.parametrize("require", [require_file, require_folder, require_empty, require_new])
def test_a_place_that_nothing_can_be_written_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, require: type
) -> None:
    require(tmp_path / "not" / "yet")
    monkeypatch.setattr("core.refusals.os.access", lambda *_: False)
    with pytest.raises(InputError, match=f"written to the folder {tmp_path}: Permission denied"):
        require(tmp_path / "not" / "yet")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="file is a file and no folder"):
        require(tmp_path / "file" / "out")


def test_files_and_folders_are_not_mistaken_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="is a folder"):
        require_file(tmp_path)
    with pytest.raises(InputError, match="exists and is not a folder"):
        require_folder(tmp_path / "file")
    with pytest.raises(InputError, match="already exists and is not empty"):
        require_empty(tmp_path)
    with pytest.raises(InputError, match="already exists"):
        require_new(tmp_path / "file")


def test_nothing_is_written_over_what_is_read_or_written_beside_it(tmp_path: Path) -> None:
    model = tmp_path / "model.xml"
    model.write_text("mine")
    (tmp_path / "link.xml").symlink_to(model)
    for other in (model, tmp_path / "link.xml", tmp_path / "deep" / ".." / "model.xml"):
        with pytest.raises(InputError, match=r"model.xml is named twice\. Specify another file\."):
            require_file(model, None, other)
    require_file(tmp_path / "new.xml", None, model)


def test_what_is_to_be_read_is_there_and_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file .*gone\. Look again\."):
        require_there(tmp_path / "gone", "Look again.")
    require_there(tmp_path, "")
    with pytest.raises(InputError, match="is a folder"):
        require_regular(tmp_path, "")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(InputError, match="pipe is not a regular file"):
            require_regular(tmp_path / "pipe", "")
    with pytest.raises(InputError, match="There is no file"):
        require_regular(Path("a\0b"), "")


def test_a_name_that_none_can_be_is_shown_in_part(tmp_path: Path) -> None:
    long = tmp_path / ("a" * 4000)
    for require in (require_file, require_folder, lambda path: require_there(path, "")):
        with pytest.raises(InputError) as said:
            require(long / "more")
        assert len(str(said.value)) < 300
    deep = Path(*["folder"] * 100)
    assert shown(deep) == str(deep)
