"""What processes left in a workspace that were lost: sentences, and put right when it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from core.identity import is_alive
from core.text import when
from core.unfinished import sweep
from core.workspace.database import Database
from core.workspace.records import Project, inside

if TYPE_CHECKING:
    from core.workspace.store import Workspace

L = TypeVar("L", "_LostJob", "_LostProject")


class _LostJob(msgspec.Struct):
    id: int
    title: str
    folder: str
    state: str
    started: str
    owner: str


class _LostProject(msgspec.Struct):
    id: int
    owner: str


def tidy(workspace: Workspace, database: Database) -> tuple[str, ...]:
    """Put right what lost processes left; gives a sentence for each job that was cut off."""
    sentences, ours = [], set()
    for job in _begun(database):
        if is_alive(job.owner):
            ours.add(job.folder)
            continue
        _collect(workspace, database, job.folder)  # first: this may be cut off, too
        if job.state == "removing":
            database.change("DELETE FROM jobs WHERE id = ?", job.id)
            continue
        sentence = f"'{job.title}', started {when(job.started)}, was interrupted."
        workspace.end_job(job.id, "interrupted", sentence)
        sentences.append(sentence)
    for row in database.rows("SELECT id, owner FROM projects WHERE state = 'in_progress'"):
        project = _read(database, row, _LostProject)
        if not is_alive(project.owner):
            workspace.fail_optimized(project.id, "The program ended while this was being made.")
    _forget_what_never_was(workspace, database, ours)
    for place in workspace.root.iterdir():
        if place.is_dir() and not place.is_symlink():
            sweep(place)
    return tuple(sentences)


def own_folders(workspace: Workspace, project_id: int) -> set[Path]:
    """The folders of a project and of all below it that nothing else in the workspace uses."""
    doomed = workspace.family(project_id)
    everything = workspace.projects(also_trashed=True)
    folders = {a.folder for one in doomed for a in workspace.artifacts(one, also_trashed=True)}
    folders |= {one for project in everything if project.id in doomed for one in _uses(project)}
    kept = {one for project in everything if project.id not in doomed for one in _uses(project)}
    return {one for one in folders - kept if inside(workspace.root, str(one)) is not None}


def _uses(project: Project) -> set[Path]:
    """The folders of its model and its dataset."""
    return {path.parent for path in (project.model, project.dataset) if path}


def _begun(database: Database) -> Iterator[_LostJob]:
    query = (
        "SELECT id, title, folder, state, started, owner FROM jobs"
        " WHERE state IN ('running', 'removing')"
    )
    for row in database.rows(query):
        yield _read(database, row, _LostJob)


def _read(database: Database, row: object, kind: type[L]) -> L:
    try:
        return msgspec.convert(dict(row), kind)  # type: ignore[call-overload]  # two kinds of rows
    except ValueError as error:
        raise database.damaged(str(error)) from error


def _collect(workspace: Workspace, database: Database, place: str) -> None:
    """Remove what a lost job published and nothing refers to, or what is of no use to anybody.

    That is a search, which is recorded before it begins, without a file of its own.
    """
    folder = inside(workspace.root, place) if place else None
    if folder is None:
        return
    if not _has_files(folder):
        database.change("DELETE FROM artifacts WHERE folder = ?", place)
    if not any(path.is_relative_to(folder) for path in _known(workspace)):
        workspace.remove_folder(folder)


def _forget_what_never_was(workspace: Workspace, database: Database, begun: set[str]) -> None:
    """Forget searches that waited for their turn when the program was lost."""
    for row in database.rows("SELECT folder FROM artifacts WHERE kind = 'search'"):
        place = str(row["folder"])
        folder = inside(workspace.root, place)
        if folder is not None and not folder.exists() and place not in begun:
            database.change("DELETE FROM artifacts WHERE folder = ?", place)


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.iterdir())


def _known(workspace: Workspace) -> set[Path]:
    """What rows refer to, also those in the trash."""
    projects = workspace.projects(also_trashed=True)
    found = {
        artifact.folder
        for one in projects
        for artifact in workspace.artifacts(one.id, also_trashed=True)
    }
    for project in projects:
        found |= {path for path in (project.model, project.dataset) if path is not None}
    return found
