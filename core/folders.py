"""Where the program keeps its things, and how folders appear whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import appdirs

from core.identity import is_alive, ours

APP_NAME = "detection-workbench"
WORK_PREFIX = ".job-"
_OWNER = re.compile(r"\d+(\.\d+)?")


def default_workspace() -> Path:
    """The workspace of a user who names none."""
    return Path(appdirs.user_data_dir(APP_NAME, appauthor=False))


def machine_lock() -> Path:
    """The file that a job holds locked: one job at a time on this machine for this user."""
    folder = Path(appdirs.user_cache_dir(APP_NAME, appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "job.lock"


def make_work_folder(beside: Path) -> Path:
    """A new folder for unfinished files, on the same file system as `beside`."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    folder = beside.parent / f"{WORK_PREFIX}{ours()}-{secrets.token_hex(4)}"
    folder.mkdir()
    return folder


def sweep(parent: Path) -> None:
    """Remove the unfinished files of processes that are gone."""
    for folder in parent.glob(f"{WORK_PREFIX}*"):
        owner = folder.name.removeprefix(WORK_PREFIX).split("-")[0]
        if _OWNER.fullmatch(owner) and not is_alive(owner):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder in the system's place for such, which goes away afterwards.

    What a process that was killed left there is removed by the next one.
    """
    place = Path(tempfile.gettempdir())
    for folder in place.glob(f"{APP_NAME}-*"):
        owner = folder.name.removeprefix(f"{APP_NAME}-").split("-")[0]
        if _OWNER.fullmatch(owner) and not is_alive(owner):
            shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix=f"{APP_NAME}-{ours()}-", ignore_cleanup_errors=True
    ) as folder_name:
        yield Path(folder_name)


def publish(work: Path, destination: Path) -> None:
    """Move finished files to where they belong, so that a power cut leaves old or new.

    A folder that does not exist yet appears at once; into one that does, each file is moved.
    """
    for path in work.iterdir():
        _flush(path)
    _flush(work)
    if destination.exists():
        for path in sorted(work.iterdir()):
            path.replace(destination / path.name)
        work.rmdir()
    else:
        work.replace(destination)
    _flush(destination.parent)


def _flush(path: Path) -> None:
    """Make the system write a file or folder to disk."""
    if path.is_dir() and sys.platform == "win32":
        return  # folders cannot be opened there, and need not be
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
