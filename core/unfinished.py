"""What is not finished: it is called after the process that makes it, and noted down.

A process that is killed removes nothing. Who ran it does, or the next start of the program,
wherever it lies: the notes of lost processes, in the user's cache folder, say where.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

import appdirs

from core.files import read_regular
from core.identity import is_alive, ours

APP_NAME = "detection-workbench"
WORK_PREFIX = ".job-"
TEMPORARY_PREFIX = f"{APP_NAME}-"
_NOTES = "unfinished"
_LARGEST_NOTE = 16 * 2**20
_OWNER = re.compile(r"\d+(\.\d+)?")


def user_cache() -> Path:
    """The folder of what this user's programs may lose.

    Where nothing can be written to the system's, as in a container whose user has no home, it is
    one in the place for temporary files, if that is this user's alone.
    """
    return _writable(Path(appdirs.user_cache_dir(APP_NAME, appauthor=False)))


@cache
def _writable(folder: Path) -> Path:
    there = next(one for one in (folder, *folder.parents, Path()) if os.access(one, os.F_OK))
    usable = folder.is_absolute() and there.is_dir()
    if usable and os.access(there, os.W_OK | os.X_OK):
        return folder
    return _temporary_cache() or folder


def _temporary_cache() -> Path | None:
    """A folder that nobody else may enter; None where it is another user's, or cannot be made."""
    import tempfile

    user = os.geteuid() if hasattr(os, "geteuid") else 0
    with suppress(OSError):
        folder = Path(tempfile.gettempdir()) / f"{APP_NAME}-cache-{user}"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        about = folder.lstat()
        private = os.name == "nt" or (about.st_uid == user and not about.st_mode & 0o077)
        if stat.S_ISDIR(about.st_mode) and private:
            return folder
    return None


def unfinished(beside: Path) -> Path:
    """A path on the file system of `beside` that nothing has yet, for what is to become it."""
    return _noted(beside.parent / f"{WORK_PREFIX}{ours()}-{os.urandom(4).hex()}")


def temporary(place: Path) -> Path:
    """A path in `place`, the system's for such, that nothing has yet and nobody can guess."""
    return _noted(place / f"{TEMPORARY_PREFIX}{ours()}-{os.urandom(8).hex()}")


def is_unfinished(path: Path) -> bool:
    """Whether a path is called as `unfinished` and `temporary` call theirs."""
    return bool(_owner(path))


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there; a link itself, and not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def sweep(parent: Path) -> None:
    """Remove what lost processes left in this folder."""
    for path in parent.glob(f"{WORK_PREFIX}*"):
        owner = _owner(path)
        if owner and not is_alive(owner):
            remove(path)


def announced() -> Path:
    """The folder of what processes tell of their jobs, in files that are called after them."""
    return user_cache() / "jobs"


def sweep_announced() -> None:
    """Remove what lost processes told of their jobs."""
    with suppress(OSError):
        for path in tuple(announced().iterdir()):
            owner = path.name.partition("-")[0]
            if _OWNER.fullmatch(owner) and not is_alive(owner):
                path.unlink(missing_ok=True)


def sweep_everywhere() -> None:
    """Remove what lost processes left, wherever that is; a face does so when it starts."""
    sweep_announced()
    sweep_noted()


def sweep_noted() -> None:
    """Remove what lost processes did not finish, where their notes say."""
    notes = user_cache() / _NOTES
    with suppress(OSError):
        for note in tuple(notes.iterdir()):
            if _OWNER.fullmatch(note.name) and not is_alive(note.name):
                _settle(note)


def settle() -> None:
    """Remove what this process did not finish, with its note: the last thing that it does."""
    note = _note()
    if note.is_file():
        _settle(note)


def _settle(note: Path) -> None:
    """Remove what a note tells of, and the note; what is not called after its owner stays."""
    with suppress(OSError):
        content = read_regular(note, _LARGEST_NOTE)
        for name in filter(None, content.split(b"\0")):
            path = Path(os.fsdecode(name))
            if _owner(path) == note.name:
                remove(path)
        note.unlink()


def _noted(path: Path) -> Path:
    """The same path, written down; what lies in something unfinished goes away with that."""
    path = path.absolute()
    if any(_owner(one) for one in path.parents):
        return path
    with suppress(OSError):  # it is unfinished all the same
        note = _note()
        note.parent.mkdir(parents=True, exist_ok=True)
        with note.open("ab") as file:
            file.write(os.fsencode(path) + b"\0")
    return path


def _note() -> Path:
    return _note_of(ours())


@cache
def _note_of(owner: str) -> Path:
    atexit.register(settle)
    return user_cache() / _NOTES / owner


def _owner(path: Path) -> str:
    """The process that a path is called after; empty where it is called otherwise."""
    for prefix in (WORK_PREFIX, TEMPORARY_PREFIX):
        if path.name.startswith(prefix):
            owner = path.name.removeprefix(prefix).split("-")[0]
            return owner if _OWNER.fullmatch(owner) else ""
    return ""
