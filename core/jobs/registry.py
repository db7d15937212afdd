"""Which jobs this user's programs run and wait with: windows and the terminal see each other's.

Each job has a file in the cache folder, named after the process that it belongs to, so that what a
lost process left is told apart, and removed by whoever looks. A job is asked to stop by a file
beside it, which its owner looks for. What came of a job that ended lies there for some hours.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from time import monotonic, time
from typing import Literal

import msgspec
from msgspec.structs import replace

from core.errors import WorkbenchError
from core.files import NotRegularError, read_regular
from core.identity import is_alive, ours
from core.jobs.events import Progress
from core.unfinished import announced
from core.values import Stored, Value, from_json, to_json

Face = Literal["window", "terminal"]
Doing = Literal["waiting", "running", "cancelling"]
End = Literal["succeeded", "failed", "cancelled"]

VERSION = 1
_LARGEST = 2**16
_MOST = 500  # files that are looked at
_QUIET_SECONDS = 1.0  # between two reports of progress
_ENDED = "ended-"
_KEPT_SECONDS = 12 * 3600  # that others may read how a job ended
_MOST_KEPT = 100


class Ended(Value):
    """How a job ended.

    Attributes:
        seconds: that it ran.
        message: why it failed.
        project_id: the project of its workspace that shows its result; None where there is none.
        makes: what that is: ``report``, or the tag of the job.
        file: what it made outside of the workspace.
        when: seconds since 1970.
    """

    state: End
    seconds: float = 0.0
    message: str = ""
    log: Path | None = None
    project_id: int | None = None
    makes: str = ""
    file: Path | None = None
    when: float = 0.0


class Announced(Stored):
    """A job as others see it.

    Attributes:
        title: for the user.
        face: who runs it.
        workspace: the folder that it works for; of the terminal, where it was started.
        project_id: of that workspace; None where it has none.
        doing: whether it runs; `progress` is what it said last.
        ended: how it ended, if it has.
    """

    title: str
    face: Face
    workspace: Path
    project_id: int | None = None
    doing: Doing = "waiting"
    progress: Progress | None = None
    ended: Ended | None = None


@dataclass(frozen=True)
class OtherJob:
    """A job of another process.

    Attributes:
        identity: what it is asked to stop by.
        announced: what that process said last.
        there: whether that process still runs.
    """

    identity: str
    announced: Announced
    there: bool = True


class Announcement:
    """Tells other processes of a job of ours. Where that cannot be, nobody is told.

    After its end, `say` begins with the next one of the same title.
    """

    def __init__(
        self, title: str, face: Face, workspace: Path, project_id: int | None = None
    ) -> None:
        self._said = Announced(title=title, face=face, workspace=workspace, project_id=project_id)
        self._path = announced() / f"{ours()}-{os.urandom(4).hex()}.json"
        self._ended = self._path.with_name(f"{_ENDED}{self._path.name}")
        self._when = 0.0
        _write(self._path, self._said)

    def say(self, doing: Doing, progress: Progress | None = None) -> None:
        """What it does now; progress is written once in a while only."""
        now = monotonic()
        moved = doing != self._said.doing or self._said.ended is not None
        if not moved and now - self._when < _QUIET_SECONDS:
            return
        self._when = now
        self._said = replace(self._said, doing=doing, progress=progress, ended=None)
        _write(self._path, self._said)
        _forget(self._ended)

    @property
    def cancel_wanted(self) -> bool:
        """Whether somebody asked that it stops."""
        return self._path.with_suffix(".cancel").exists()

    def end(self, ended: Ended) -> None:
        """It is over, and so it ended."""
        self._said = replace(self._said, progress=None, ended=replace(ended, when=time()))
        _write(self._ended, self._said)
        _forget(self._path)


def others() -> tuple[OtherJob, ...]:
    """The jobs of other processes: first those that go on, then those that ended, newest first."""
    going = {}
    with suppress(OSError):
        for path in sorted(announced().glob("[0-9]*.json"))[:_MOST]:
            owner = path.name.partition("-")[0]
            entry = _read(path) if owner != ours() and is_alive(owner) else None
            if entry is not None:
                going[path.stem] = OtherJob(path.stem, entry)
    ended = _ended()
    for job in ended:
        going.pop(job.identity, None)  # it has ended between the two looks
    return (*going.values(), *ended)


def _ended() -> tuple[OtherJob, ...]:
    found: list[tuple[float, OtherJob]] = []
    with suppress(OSError):
        for path in tuple(announced().glob(f"{_ENDED}*.json")):
            entry, identity = _read(path), path.stem.removeprefix(_ENDED)
            if entry is None or entry.ended is None or entry.ended.when < time() - _KEPT_SECONDS:
                _forget(path)
            elif (owner := identity.partition("-")[0]) != ours():
                found.append((entry.ended.when, OtherJob(identity, entry, is_alive(owner))))
    found.sort(key=itemgetter(0), reverse=True)
    for _, job in found[_MOST_KEPT:]:
        _forget(announced() / f"{_ENDED}{job.identity}.json")
    return tuple(job for _, job in found[:_MOST_KEPT])


def ask_to_cancel(identity: str) -> None:
    """Ask a job of another process to stop, if it is still there."""
    path = announced() / f"{Path(identity).name}.json"
    between = path.with_name(f"{_ENDED}{path.name}")  # two jobs of a command
    with suppress(OSError):
        if path.exists() or between.exists():
            path.with_suffix(".cancel").touch()


def _write(path: Path, entry: Announced) -> None:
    new = path.with_suffix(".new")
    with suppress(OSError):
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(to_json(entry))
        new.replace(path)


def _read(path: Path) -> Announced | None:
    try:
        entry: Announced = from_json(read_regular(path, _LARGEST), Announced)
    except (OSError, NotRegularError, WorkbenchError, msgspec.DecodeError):
        return None  # it has just ended, or is of another version
    return entry if entry.version == VERSION else None


def _forget(path: Path) -> None:
    for one in (path, path.with_suffix(".cancel"), path.with_suffix(".new")):
        with suppress(OSError):
            one.unlink()
