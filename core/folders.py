"""Where the program keeps its things, and how folders appear whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import appdirs

from core.errors import InputError, WorkbenchError
from core.files import require_replaceable
from core.refusals import explained
from core.unfinished import APP_NAME, remove, temporary, unfinished, user_cache


def default_workspace() -> Path:
    """The workspace of a user who names none; raises InputError where there is no home for it."""
    folder = Path(appdirs.user_data_dir(APP_NAME, appauthor=False))
    if not folder.is_absolute():
        raise InputError(
            "This account has no home folder that a workspace could lie in.",
            "Name a workspace with --workspace, or set HOME to a folder.",
        )
    return folder


def user_settings() -> Path:
    """The folder of what this user chose for all workspaces; without a home, among what may go."""
    folder = Path(appdirs.user_config_dir(APP_NAME, appauthor=False))
    return folder if folder.is_absolute() else user_cache()


def machine_lock() -> Path:
    """The file that a heavy job holds locked: one at a time on this machine for this user."""
    return lock_file("job.lock")


def lock_file(name: str) -> Path:
    """A file of this user's on this machine that processes of ours lock."""
    folder = user_cache()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def make_work_folder(beside: Path) -> Path:
    """A new folder for unfinished files, on the same file system as `beside`."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    folder = unfinished(beside)
    folder.mkdir()
    return folder


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder in the system's place for such, which goes away afterwards."""
    folder = temporary(Path(tempfile.gettempdir()))
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        remove(folder)


@contextmanager
def unseen_file(folder: Path | None = None) -> Iterator[IO[bytes]]:
    """A file that nobody else sees, and that is gone with the process at the latest.

    By default in this user's cache: what the system has for such files may lie in memory.
    """
    if folder is None:
        folder = user_cache()
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        yield file


def publish(work: Path, destination: Path) -> None:
    """Move finished files to where they belong, so that a power cut leaves old or new.

    A folder that does not exist yet appears at once. Into one that does, each file is moved: what
    it replaces is gone by then, so that nobody finds new files among old ones, and what the others
    are read by comes last. The same goes for folders in it.
    """
    for path in work.iterdir():
        _flush(path)
    _flush(work)
    if destination.exists():
        made = sorted(work.iterdir(), key=_readable_by)
        for path in reversed(made):
            with suppress(FileNotFoundError, IsADirectoryError, PermissionError):
                (destination / path.name).unlink()
        for path in made:
            if path.is_dir() and (destination / path.name).is_dir():
                publish(path, destination / path.name)
            else:
                path.replace(destination / path.name)
        work.rmdir()
    else:
        work.replace(destination)
    _flush(destination.parent)


@contextmanager
def appearing(output: Path) -> Iterator[Path]:
    """A place for a folder that is made in several steps; it becomes `output` when all are done.

    Nothing is there yet. Nothing appears where a step fails; its error names `output` then.
    Raises WorkbenchError, as do the steps.
    """
    work = unfinished(output)
    try:
        yield work
        publish(work, output)
    except WorkbenchError as error:
        raise with_path(error, work, output) from error
    except OSError as error:
        raise explained(error, output.absolute().parent) from error
    finally:
        remove(work)


def with_path(error: WorkbenchError, hidden: Path, shown: Path) -> WorkbenchError:
    """The error with the user's folder in place of one that is gone by now."""
    sentences = (error.what, error.next_step)
    what, next_step = (text.replace(str(hidden), str(shown)) for text in sentences)
    return type(error)(what, next_step)


def bring(source: Path, target: Path) -> None:
    """Move a file or folder to a place that may be on another disk: it appears there whole.

    A file may be there already, or an empty folder. Raises OSError.
    """
    require_replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        target.rmdir()  # a folder cannot be replaced everywhere
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    else:
        return
    copied = unfinished(target)
    try:
        if source.is_dir():
            shutil.copytree(source, copied)
        else:
            shutil.copyfile(source, copied)
        copied.replace(target)
    finally:
        remove(copied)
    remove(source)


def _readable_by(path: Path) -> tuple[bool, str]:
    """Sorts files so that those come last without which the others say nothing."""
    return path.suffix == ".xml" or path.stem in ("result", "search"), path.name


def _flush(path: Path) -> None:
    """Make the system write a file or folder to disk."""
    if path.is_dir() and sys.platform == "win32":
        return  # folders cannot be opened there, and need not be
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
