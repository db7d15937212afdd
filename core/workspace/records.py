"""What a workspace holds, as values: rows of its database that were looked at first."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from core.errors import InputError
from core.giving_way import give_way
from core.models.plan import Target
from core.values import ready

ProjectState = Literal["in_progress", "ready", "failed"]
OUTSIDE = "Its files lie outside the workspace: they are neither used nor removed."
NO_MODEL = "The workspace does not say where its model lies."
NO_PARENT = "The project that it was optimized from is missing."
_LONGEST_NAME, _LONGEST_PLACE = 255, 1024  # bytes of one name, characters of all
LONGEST_TITLE, LONGEST_NOTES = 300, 10_000  # characters: a megabyte of them stops the window
_LONGEST_MESSAGE = 3000


# Parents come before their children: whoever follows parents upwards comes to an end.
PROJECTS = (
    "SELECT projects.*, parent.id IS NOT NULL AS parent_there FROM projects"
    " LEFT JOIN projects AS parent ON parent.id = projects.parent_id AND parent.id < projects.id"
)
NAMES = (
    "SELECT projects.id, parent.id AS parent_id, projects.name FROM projects"
    " LEFT JOIN projects AS parent ON parent.id = projects.parent_id AND parent.id < projects.id"
)
# Of a project in the trash all that was made from it is there, too.
NOT_IN_TRASH = (
    "projects.id NOT IN (WITH RECURSIVE gone (id) AS"
    " (SELECT project_id FROM trash WHERE project_id IS NOT NULL UNION"
    " SELECT projects.id FROM projects JOIN gone ON projects.parent_id = gone.id)"
    " SELECT id FROM gone)"
)


FAMILY = (
    "WITH RECURSIVE family (id) AS (SELECT ? UNION SELECT projects.id FROM projects JOIN family"
    " ON projects.parent_id = family.id AND family.id < projects.id) SELECT id FROM family"
)


class Named(Protocol):
    """What a project is called, and what it was made from."""

    @property
    def id(self) -> int: ...

    @property
    def parent_id(self) -> int | None: ...

    @property
    def name(self) -> str: ...


class ProjectName(msgspec.Struct, frozen=True):
    """As much of a project as a list of names needs: nothing of its files is looked at."""

    id: int
    parent_id: int | None
    name: str


@dataclass(frozen=True)
class Project:
    """A model with a dataset, a device and a target; an optimized one has a parent.

    `model` is the stored IR and `dataset` the stored ``dataset.json``, both absolute; `model` is
    None while the project is in progress, or when it failed. `device` is what it runs on here,
    `target` where it is to run in the end. `notes` are what the user wrote about it.
    """

    id: int
    parent_id: int | None
    name: str
    state: ProjectState
    message: str
    model: Path | None
    dataset: Path
    device: str
    target: Target
    created: str
    notes: str = ""


@dataclass(frozen=True)
class Artifact:
    """A finished benchmark or report of a project, in a folder of its own.

    `name` is what the user calls it, empty where that is nothing.
    """

    id: int
    project_id: int
    kind: str
    folder: Path
    created: str
    name: str = ""


class _ProjectRow(msgspec.Struct):
    id: int
    parent_id: int | None
    name: str
    state: ProjectState
    message: str
    owner: str
    model: str
    dataset: str
    device: str
    target: Target
    created: str
    notes: str
    parent_there: bool


class _ArtifactRow(msgspec.Struct):
    id: int
    project_id: int
    kind: str
    folder: str
    created: str
    name: str


class Bounds:
    """Which paths lie below a workspace; for rows that are read together, each is followed once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._above = os.path.normcase(Path(os.path.realpath(root), "_"))[:-1]
        self._known: dict[str, Path | None] = {}
        self._links: dict[str, bool] = {}

    def path(self, place: str) -> Path | None:
        """The path that a row names; None where it leads out of the workspace, or to it."""
        if place not in self._known:
            path = self.root / place
            self._known[place] = path if self._holds(path, place) else None
        return self._known[place]

    def _holds(self, path: Path, place: str) -> bool:
        names = place.split("/")
        if len(place) > _LONGEST_PLACE or "\0" in place or not all(map(_short, names)):
            return False  # no system has such a file, and whoever asks for it gets another error
        if self._plain(names):
            return True
        followed = os.path.realpath(path)
        return os.path.normcase(followed).startswith(self._above) and not _circles(path)

    def _plain(self, names: Sequence[str]) -> bool:
        """Whether these are names below each other, and none of them is a link."""
        if os.name == "nt" or not {"", ".", ".."}.isdisjoint(names):  # Windows has junctions, too
            return False
        path = str(self.root)
        for name in names:
            path = f"{path}/{name}"
            if path not in self._links:
                self._links[path] = _is_link(path)
            if self._links[path]:
                return False
        return True


def project_of(row: sqlite3.Row, bounds: Bounds) -> Project:
    """The project in a row of `PROJECTS`; raises ValueError where it is none.

    One whose files lie outside the workspace has failed, and has none; so has one without its
    model or its parent.
    """
    give_way()
    values = {**dict(row), "parent_there": bool(row["parent_there"])}
    stored = msgspec.convert(values, ready(_ProjectRow))
    state, message = stored.state, stored.message
    model = bounds.path(stored.model) if stored.model else None
    dataset = bounds.path(stored.dataset)
    if (stored.model and model is None) or dataset is None:
        state, message, model = "failed", OUTSIDE, None
    elif state == "ready" and model is None:
        state, message = "failed", NO_MODEL
    parent_id = stored.parent_id
    if parent_id is not None and not stored.parent_there:
        state, message, model, parent_id = "failed", NO_PARENT, None, None
    return Project(
        stored.id,
        parent_id,
        _of(stored.name, LONGEST_TITLE),
        state,
        _of(message, _LONGEST_MESSAGE),
        model,
        dataset or bounds.root / "outside" / "dataset.json",
        _of(stored.device, LONGEST_TITLE),
        stored.target,
        stored.created,
        _of(stored.notes, LONGEST_NOTES),
    )


def name_of(row: sqlite3.Row) -> ProjectName:
    """The same of a row of `NAMES`: id, parent and name of a project."""
    found = msgspec.convert(dict(row), ProjectName)
    return ProjectName(found.id, found.parent_id, _of(found.name, LONGEST_TITLE))


def _of(text: str, most: int) -> str:
    """As much of a text as people read: `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def artifact_of(row: sqlite3.Row, bounds: Bounds) -> Artifact | None:
    """The artifact in a row, None where it lies outside; raises ValueError where it is none."""
    give_way()
    stored = msgspec.convert(dict(row), ready(_ArtifactRow))
    folder = bounds.path(stored.folder)
    if folder is None:
        return None
    name = _of(stored.name, LONGEST_TITLE)
    return Artifact(stored.id, stored.project_id, stored.kind, folder, stored.created, name)


def inside(root: Path, place: str) -> Path | None:
    """The path below the workspace that a row names; None where it leads out of it, or to it."""
    return Bounds(root).path(place)


def _circles(path: Path) -> bool:
    """Whether its links lead in a circle: whoever follows them stops somewhere in it."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _is_link(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except OSError:  # nothing is there
        return False


def _short(name: str) -> bool:
    return len(name) <= _LONGEST_NAME // 4 or len(os.fsencode(name)) <= _LONGEST_NAME


def fitted(name: str, end: str = "") -> str:
    """A name with `end` behind it as it is stored: on one line, and no longer than is read."""
    return f"{' '.join(name.split())[: LONGEST_TITLE - len(end)]}{end}"


def require_title(name: str) -> str:
    """A name that the user gave, on one line; raises InputError where it is too long."""
    _require_short(name, LONGEST_TITLE, "name")
    return fitted(name)


def require_notes(notes: str) -> None:
    """Raises InputError where what the user wrote of a project is longer than is read again."""
    _require_short(notes, LONGEST_NOTES, "text of the notes")


def _require_short(text: str, most: int, what: str) -> None:
    if len(text) > most:
        raise InputError(
            f"The {what} has {len(text):,} characters.", f"Use {most:,} characters at most."
        )
