"""The trash of a workspace: what was deleted, until it is restored or removed for good.

Files stay where they are; one row says that a project, with all below it, or a report is in the
trash. So a process that is killed at any instant leaves either the old state or the new.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.errors import InputError
from core.identity import is_alive
from core.workspace.database import Database
from core.workspace.records import Artifact, ProjectName
from core.workspace.tidying import own_folders

if TYPE_CHECKING:
    from core.workspace.store import Workspace


@dataclass(frozen=True)
class Contents:
    """What goes with a project: optimized models, and results by their kind."""

    models: int = 0
    results: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Trashed:
    """Something in the trash: a project with its `contents`, or one result of a project.

    `project` is the project's name, of an optimized one after its parent's; `deleted` is when, in
    ISO form. `artifact` is None where the project itself was deleted.
    """

    number: int
    project_id: int
    project: str
    artifact: Artifact | None
    contents: Contents
    deleted: str


class _Row(msgspec.Struct):
    id: int
    project_id: int | None
    artifact_id: int | None
    deleted: str


class Trash:
    """What was deleted, and how it comes back. Everything raises WorkbenchError."""

    def __init__(self, workspace: Workspace, database: Database) -> None:
        self._workspace = workspace
        self._database = database

    @property
    def empty_now(self) -> bool:
        """Whether nothing is in it: as a rule, and asked often."""
        return not self._database.rows("SELECT id FROM trash LIMIT 1")

    def entries(self) -> tuple[Trashed, ...]:
        """What is in the trash, newest first.

        What was there before all that it belongs to was deleted comes back with that, and is
        listed then.
        """
        if self.empty_now:
            return ()
        look = _Look(self._workspace, self._database)
        return tuple(entry for row in look.rows if (entry := self._entry(row, look)))

    def contents(self, project_id: int) -> Contents:
        """What goes if this project is deleted now."""
        return _Look(self._workspace, self._database).contents(project_id)

    def add_project(self, project_id: int) -> int:
        """Move a project with all below it to the trash; gives the number there.

        Raises InputError while a job works on any of them.
        """
        with self._workspace.together():
            self._workspace.project(project_id)  # it is not there yet
            self._require_idle(project_id)
            return self._add(project_id, None)

    def add_artifact(self, artifact: Artifact) -> int:
        """Move a report, or another result, to the trash; gives the number there."""
        with self._workspace.together():
            there = self._workspace.artifacts(artifact.project_id)
            if artifact.id not in {one.id for one in there}:
                raise InputError("That was deleted already.", "Choose another one.")
            return self._add(None, artifact.id)

    def restore(self, number: int) -> Trashed:
        """Take something out of the trash; gives what it is.

        An optimized project whose name was taken meanwhile gets a number behind it.
        """
        with self._workspace.together():
            look = _Look(self._workspace, self._database)
            entry = self._numbered(number, look)
            if entry.artifact is None:
                self._give_free_name(look.projects[entry.project_id])
            self._database.change("DELETE FROM trash WHERE id = ?", number)
        return entry

    def remove(self, number: int) -> None:
        """Remove something in the trash, with its files: for good."""
        entry = self.entry(number)

        def folders() -> set[Path]:
            self.entry(number)  # nobody restored it meanwhile
            return self._folders(entry)

        if entry.artifact is not None:
            statement, gone = "DELETE FROM artifacts WHERE id = ?", entry.artifact.id
        else:
            statement, gone = "DELETE FROM projects WHERE id = ?", entry.project_id
        self._workspace.forget(folders, statement, gone)

    def empty(self) -> None:
        """Remove everything in the trash, with its files: for good."""
        for entry in self.entries():
            with suppress(InputError):  # another window was faster
                self.remove(entry.number)

    def entry(self, number: int) -> Trashed:
        """What has this number; raises InputError where nothing has."""
        return self._numbered(number, _Look(self._workspace, self._database))

    def _numbered(self, number: int, look: _Look) -> Trashed:
        rows = (row for row in look.rows if row.id == number)
        found = next((entry for row in rows if (entry := self._entry(row, look))), None)
        if found is None:
            raise InputError(
                f"There is no number {number} in the trash.", "Look at what is there now."
            )
        return found

    def size_bytes(self, entry: Trashed) -> int:
        """What removing it for good frees; looks at every file."""
        return sum(map(_size, self._folders(entry)))

    # Inside

    def _folders(self, entry: Trashed) -> set[Path]:
        if entry.artifact is not None:
            return {entry.artifact.folder}
        return own_folders(self._workspace, entry.project_id)

    def _add(self, project_id: int | None, artifact_id: int | None) -> int:
        return self._database.change(
            "INSERT INTO trash (project_id, artifact_id, deleted) VALUES (?, ?, ?)",
            *(project_id, artifact_id, datetime.now(UTC).isoformat(timespec="seconds")),
        )

    def _entry(self, row: _Row, look: _Look) -> Trashed | None:
        if row.project_id is not None:
            project = look.projects.get(row.project_id)
            if project is None or project.parent_id not in {None, *look.shown}:
                return None
            contents = look.contents(project.id)
            return Trashed(row.id, project.id, look.titles[project.id], None, contents, row.deleted)
        artifact = self._artifact(row.artifact_id, look.shown)
        if artifact is None:
            return None
        title = look.titles[artifact.project_id]
        return Trashed(row.id, artifact.project_id, title, artifact, Contents(), row.deleted)

    def _artifact(self, artifact_id: int | None, shown: set[int]) -> Artifact | None:
        """The artifact, of a project that is not in the trash."""
        query = "SELECT project_id FROM artifacts WHERE id = ?"
        for row in self._database.rows(query, artifact_id):
            if row["project_id"] in shown:
                found = self._workspace.artifacts(row["project_id"], also_trashed=True)
                return next((one for one in found if one.id == artifact_id), None)
        return None

    def _give_free_name(self, project: ProjectName) -> None:
        from core.workspace.projects import free_name

        if project.parent_id is not None:
            name = free_name(self._workspace, project.name, project.parent_id)
            if name != project.name:
                self._workspace.rename_project(project.id, name)

    def _require_idle(self, project_id: int) -> None:
        """Raises InputError while a job of any process works on the project or one below it."""
        family = self._workspace.family(project_id)
        query = "SELECT project_id, title, owner FROM jobs WHERE state = 'running'"
        for row in self._database.rows(query):
            if row["project_id"] in family and is_alive(str(row["owner"])):
                raise InputError(f"'{row['title']}' is still running.", "Cancel that job first.")


class _Look:
    """All that entries are made of, read once."""

    def __init__(self, workspace: Workspace, database: Database) -> None:
        from core.workspace.projects import titles_of

        self.projects = {one.id: one for one in workspace.names(also_trashed=True)}
        self.titles = titles_of(self.projects.values())
        self.rows: list[_Row] = []
        for row in database.rows("SELECT * FROM trash ORDER BY id DESC"):
            try:
                self.rows.append(msgspec.convert(dict(row), _Row))
            except ValueError as error:
                raise database.damaged(str(error)) from error
        self._trashed = {row.project_id for row in self.rows}
        self.shown: set[int] = set()
        for one in self.projects.values():  # parents come first
            below = one.parent_id is None or one.parent_id in self.shown
            if below and one.id not in self._trashed:
                self.shown.add(one.id)
        self._results = database.rows(
            "SELECT project_id, kind, COUNT(*) AS count FROM artifacts WHERE id NOT IN (SELECT"
            " artifact_id FROM trash WHERE artifact_id IS NOT NULL) GROUP BY project_id, kind"
        )

    def contents(self, project_id: int) -> Contents:
        """Of the project and all below it, but for what is in the trash by itself."""
        family = {project_id}
        for one in self.projects.values():  # parents come first
            if one.parent_id in family and one.id not in self._trashed:
                family.add(one.id)
        results: dict[str, int] = {}
        for row in self._results:
            if row["project_id"] in family:
                kind = str(row["kind"])
                results[kind] = results.get(kind, 0) + int(row["count"])
        return Contents(len(family) - 1, results)


def _size(folder: Path) -> int:
    """Of all files below; what vanishes meanwhile has none."""
    found = 0
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                found += path.stat().st_size
        except OSError:
            continue
    return found
