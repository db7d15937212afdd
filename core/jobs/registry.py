"""Which jobs this user's programs run and wait with: windows and the terminal see each other's.

Each job has a file in the cache folder, named after the process that it belongs to, so that what a
lost process left is told apart, and removed by whoever looks. A job is asked to stop by a file
beside it, which its owner looks for.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

import msgspec

from core.errors import WorkbenchError
from core.files import NotRegularError, read_regular
from core.identity import is_alive, ours
from core.jobs.events import Progress
from core.unfinished import announced
from core.values import Stored, from_json, to_json

Face = Literal["window", "terminal"]
Doing = Literal["waiting", "running", "cancelling"]

VERSION = 1
_LARGEST = 2**16
_MOST = 500  # files that are looked at
_QUIET_SECONDS = 1.0  # between two reports of progress


class Announced(Stored):
    """A job as others see it.

    Attributes:
        title: for the user.
        face: who runs it.
        workspace: the folder that it works for; of the terminal, where it was started.
        doing: whether it runs; `progress` is what it said last.
    """

    title: str
    face: Face
    workspace: Path
    doing: Doing = "waiting"
    progress: Progress | None = None


@dataclass(frozen=True)
class OtherJob:
    """A job of another process; `identity` is what it is asked to stop by."""

    identity: str
    announced: Announced


class Announcement:
    """Tells other processes of a job of ours, until `end`. Where that cannot be, nobody is told."""

    def __init__(self, title: str, face: Face, workspace: Path) -> None:
        self._said = Announced(title=title, face=face, workspace=workspace)
        self._path = announced() / f"{ours()}-{os.urandom(4).hex()}.json"
        self._when = 0.0
        self._write()

    def say(self, doing: Doing, progress: Progress | None = None) -> None:
        """What it does now; progress is written once in a while only."""
        now = monotonic()
        moved = doing != self._said.doing
        if not moved and now - self._when < _QUIET_SECONDS:
            return
        self._when = now
        self._said = msgspec.structs.replace(self._said, doing=doing, progress=progress)
        self._write()

    @property
    def cancel_wanted(self) -> bool:
        """Whether somebody asked that it stops."""
        return self._path.with_suffix(".cancel").exists()

    def end(self) -> None:
        """It is over."""
        _forget(self._path)

    def _write(self) -> None:
        new = self._path.with_suffix(".new")
        with suppress(OSError):
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(to_json(self._said))
            new.replace(self._path)


def others() -> tuple[OtherJob, ...]:
    """The jobs of other processes that are alive, those of one process together."""
    found = []
    with suppress(OSError):
        for path in sorted(announced().glob("*.json"))[:_MOST]:
            owner = path.name.partition("-")[0]
            told = _read(path) if owner != ours() and is_alive(owner) else None
            if told is not None:
                found.append(OtherJob(path.stem, told))
    return tuple(found)


def ask_to_cancel(identity: str) -> None:
    """Ask a job of another process to stop, if it is still there."""
    path = announced() / f"{Path(identity).name}.json"
    with suppress(OSError):
        if path.exists():
            path.with_suffix(".cancel").touch()


def _read(path: Path) -> Announced | None:
    try:
        told: Announced = from_json(read_regular(path, _LARGEST), Announced)
    except (OSError, NotRegularError, WorkbenchError, msgspec.DecodeError):
        return None  # it has just ended, or is of another version
    return told if told.version == VERSION else None


def _forget(path: Path) -> None:
    for one in (path, path.with_suffix(".cancel"), path.with_suffix(".new")):
        with suppress(OSError):
            one.unlink()
