"""The workspace: what exists and how it was made (SQLite), and the files beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.identity import ours
from core.models.plan import Target
from core.workspace.database import Database
from core.workspace.listing import Projects
from core.workspace.records import (
    Artifact,
    Bounds,
    Project,
    artifact_of,
    fitted,
    inside,
    require_notes,
    require_title,
)
from core.workspace.tidying import own_folders, tidy
from core.workspace.trash import Trash

__all__ = ["Artifact", "Project", "Workspace"]

DETECTIONS_FOLDER = "detections"


class Workspace(Projects):
    """A folder with everything the user made. Safe to open from several processes and threads."""

    def __init__(self, root: Path) -> None:
        """Open the workspace at `root`, making it if need be, and tidy up after lost processes."""
        super().__init__(root, Database(root))
        self.trash = Trash(self, self._database)
        self.interrupted = () if self.read_only else tidy(self, self._database)

    @property
    def read_only(self) -> bool:
        """Whether it can only be looked at."""
        return self._database.read_only

    @property
    def only_for_looking(self) -> str:
        """That it can only be looked at, and what helps; empty where it can be changed."""
        return str(self._database.refusal()) if self.read_only else ""

    def together(self) -> AbstractContextManager[None]:
        """All that this thread records meanwhile is there in the end, or none of it."""
        return self._database.together()

    # Projects

    def add_project(
        self,
        name: str,
        model: Path,
        dataset: Path,
        device: str,
        target: Target = "this_machine",
    ) -> int:
        """Record a project whose files are in place."""
        return self._database.change(
            "INSERT INTO projects (parent_id, name, state, message, owner, model, dataset, device,"
            " target, created, notes) VALUES (NULL, ?, 'ready', '', '', ?, ?, ?, ?, ?, '')",
            *(fitted(name), self._relative(model), self._relative(dataset), device, target, _now()),
        )

    def begin_optimized(self, parent: Project, name: str, target: Target | None = None) -> int:
        """Record an optimized project that this process is about to make.

        It has its parent's target unless it is made for another one.
        """
        return self._database.change(
            "INSERT INTO projects (parent_id, name, state, message, owner, model, dataset, device,"
            " target, created, notes) VALUES (?, ?, 'in_progress', '', ?, '', ?, ?, ?, ?, '')",
            *(parent.id, fitted(name), ours(), self._relative(parent.dataset), parent.device),
            *(target or parent.target, _now()),
        )

    def finish_optimized(self, project_id: int, model: Path) -> None:
        """The optimized project's model is in place."""
        self._database.change(
            "UPDATE projects SET state = 'ready', owner = '', model = ? WHERE id = ?",
            *(self._relative(model), project_id),
        )

    def fail_optimized(self, project_id: int, message: str) -> None:
        """The optimized project could not be made; it stays, to say why."""
        self._database.change(
            "UPDATE projects SET state = 'failed', owner = '', message = ? WHERE id = ?",
            *(message, project_id),
        )

    def rename_project(self, project_id: int, name: str) -> None:
        """Give a project another name."""
        given = require_title(name)
        self._database.change("UPDATE projects SET name = ? WHERE id = ?", given, project_id)

    def set_notes(self, project_id: int, notes: str) -> None:
        """Replace what the user wrote about a project: plain text."""
        require_notes(notes)
        self._database.change("UPDATE projects SET notes = ? WHERE id = ?", notes, project_id)

    def set_target(self, project_id: int, target: Target) -> None:
        """Say where a project's model is to run."""
        self._database.change("UPDATE projects SET target = ? WHERE id = ?", target, project_id)

    def delete_project(self, project_id: int) -> None:
        """Forget a project with its children, and remove their files: for good."""
        statement = "DELETE FROM projects WHERE id = ?"
        self.forget(lambda: own_folders(self, project_id), statement, project_id)

    # Artifacts

    def artifacts(
        self, project_id: int, kind: str | None = None, *, also_trashed: bool = False
    ) -> tuple[Artifact, ...]:
        """Benchmarks and reports of a project, newest first."""
        found = self._artifacts(project_id, kind, also_trashed=also_trashed)
        return tuple(one for one in found if one is not None)

    def artifacts_by_project(self, kind: str | None = None) -> dict[int, tuple[Artifact, ...]]:
        """The same of every project that has any, read in one go."""
        found: dict[int, tuple[Artifact, ...]] = {}
        for one in filter(None, self._artifacts(None, kind)):
            found[one.project_id] = (*found.get(one.project_id, ()), one)
        return found

    def results_outside(self, project_id: int) -> int:
        """How many rows of artifacts name files outside the workspace: they are not used."""
        return self._artifacts(project_id, None).count(None)

    def _artifacts(
        self, project_id: int | None, kind: str | None, *, also_trashed: bool = False
    ) -> list[Artifact | None]:
        whose = "? IS NULL" if project_id is None else "project_id = ?"
        rows = self._database.rows(
            f"SELECT * FROM artifacts WHERE {whose} AND ? IN (kind, '') AND (? OR id NOT IN"
            " (SELECT artifact_id FROM trash WHERE artifact_id IS NOT NULL)) ORDER BY id DESC",
            *(project_id, kind or "", also_trashed),
        )
        bounds = Bounds(self.root)
        try:
            return [artifact_of(row, bounds) for row in rows]
        except ValueError as error:
            raise self._database.damaged(str(error)) from error

    def results(self) -> tuple[tuple[int, str], ...]:
        """Id and name of all results and what is in the trash: tells whether anything is new."""
        rows = self._database.rows(
            "SELECT id, name FROM artifacts UNION ALL SELECT -id, deleted FROM trash ORDER BY 1"
        )
        return tuple((row["id"], row["name"]) for row in rows)

    def add_artifact(self, project_id: int, kind: str, folder: Path, name: str = "") -> int:
        """Record a benchmark or report whose files are in place."""
        return self._database.change(
            "INSERT INTO artifacts (project_id, kind, folder, created, name)"
            " VALUES (?, ?, ?, ?, ?)",
            *(project_id, kind, self._relative(folder), _now(), name),
        )

    def rename_artifact(self, artifact_id: int, name: str) -> None:
        """Say what the user calls a report; empty for nothing."""
        given = require_title(name)
        self._database.change("UPDATE artifacts SET name = ? WHERE id = ?", given, artifact_id)

    def remove_artifact(self, project_id: int, folder: Path) -> None:
        """Forget an artifact, and remove its files: for good."""
        self.forget(
            lambda: [folder],
            "DELETE FROM artifacts WHERE project_id = ? AND folder = ?",
            *(project_id, self._relative(folder)),
        )

    def forget(self, folders: Callable[[], Iterable[Path]], statement: str, *values: Any) -> None:
        """Run a statement after which no row refers to these folders, and remove them.

        They are noted in the table of jobs meanwhile: where this process is lost, the next one
        that opens the workspace removes them.
        """
        notes = {}
        with self.together():
            for folder in folders():
                notes[folder] = self._note_job("removing", "", "", None, folder)
            self._database.change(statement, *values)
        for folder, note in notes.items():
            self.remove_folder(folder)
            self._database.change("DELETE FROM jobs WHERE id = ?", note)

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder of ours: never one that does not lie below the workspace."""
        if inside(self.root, str(folder)) is not None and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)

    def new_folder(self, kind: str) -> Path:
        """A path below the workspace that nothing has yet, for a job to publish into."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        return self.root / f"{kind}s" / f"{stamp}-{os.urandom(4).hex()}"

    @property
    def sample(self) -> Path:
        """Where the sample project's model and images are copied to."""
        return self.root / "sample"

    @property
    def detections_cache(self) -> Path:
        """Detections that reports share."""
        return self.root / DETECTIONS_FOLDER

    @property
    def class_mappings(self) -> Path:
        """Class mappings that the user made."""
        return self.root / "class-mappings"

    @property
    def logs(self) -> Path:
        """What the jobs' processes wrote."""
        folder = self.root / "logs"
        if not self.read_only:
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                raise WorkbenchError(
                    f"{folder} cannot be made: {error.strerror or error}.",
                    "Check the permissions and the free space of the workspace.",
                ) from error
        return folder

    # Jobs

    def begin_job(
        self, title: str, request: bytes, project_id: int | None, folder: Path | None = None
    ) -> int:
        """Record that this process starts a job.

        `folder` is where its files will appear, if a row is to refer to them in the end: where
        this process is lost between the two, they are removed.
        """
        return self._note_job("running", title, request.decode(), project_id, folder)

    def end_job(self, job_id: int, state: str, message: str = "") -> None:
        """Record how a job ended."""
        self._database.change(
            "UPDATE jobs SET state = ?, message = ?, ended = ? WHERE id = ?",
            *(state, message, _now(), job_id),
        )

    # Inside

    def _note_job(
        self, state: str, title: str, request: str, project_id: int | None, folder: Path | None
    ) -> int:
        place = "" if folder is None else self._relative(folder)
        return self._database.change(
            "INSERT INTO jobs (project_id, title, request, folder, state, message, owner, started,"
            " ended) VALUES (?, ?, ?, ?, ?, '', ?, ?, '')",
            *(project_id, title, request, place, state, ours(), _now()),
        )

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
