"""The workspace: what exists and how it was made (SQLite), and the files beside it."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Literal

import psutil

from core.errors import WorkbenchError
from core.folders import sweep
from core.workspace.schema import migrate

ProjectState = Literal["in_progress", "ready", "failed"]
_BUSY_SECONDS = 10.0
_ROOM_BYTES = 2**20  # enough for the database's own files


@dataclass(frozen=True)
class Project:
    """A model with a dataset and a device; an optimized one has a parent.

    `model` is the stored IR and `dataset` the stored ``dataset.json``, both absolute; `model` is
    None while the project is in progress, or when it failed.
    """

    id: int
    parent_id: int | None
    name: str
    state: ProjectState
    message: str
    model: Path | None
    dataset: Path
    device: str
    created: str


@dataclass(frozen=True)
class Artifact:
    """A finished benchmark or report of a project, in a folder of its own."""

    id: int
    project_id: int
    kind: str
    folder: Path
    created: str


class Workspace:
    """A folder with everything the user made. Safe to open from several processes and threads."""

    def __init__(self, root: Path) -> None:
        """Open the workspace at `root`, making it if need be, and tidy up after lost processes."""
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            with self._connect() as connection:
                _use_wal(connection)
                migrate(connection, self._path)
        except (OSError, sqlite3.Error) as error:
            raise self._full_disk() or WorkbenchError(
                f"The workspace {root} cannot be opened: {error}.",
                "Choose another one with --workspace, or check its permissions and free space.",
            ) from error
        self.interrupted = self._tidy()

    # Projects

    def projects(self) -> tuple[Project, ...]:
        """All projects, parents before their children, oldest first."""
        return tuple(self._project(row) for row in self._rows("SELECT * FROM projects ORDER BY id"))

    def project(self, project_id: int) -> Project:
        """The project with this id; raises WorkbenchError where it was deleted."""
        rows = self._rows("SELECT * FROM projects WHERE id = ?", project_id)
        if not rows:
            raise WorkbenchError("That project was deleted.", "Choose another one.")
        return self._project(rows[0])

    def add_project(self, name: str, model: Path, dataset: Path, device: str) -> int:
        """Record a project whose files are in place."""
        return self._change(
            "INSERT INTO projects (parent_id, name, state, message, owner, model, dataset, device,"
            " created) VALUES (NULL, ?, 'ready', '', 0, ?, ?, ?, ?)",
            *(name, self._relative(model), self._relative(dataset), device, _now()),
        )

    def begin_optimized(self, parent: Project, name: str) -> int:
        """Record an optimized project that this process is about to make."""
        return self._change(
            "INSERT INTO projects (parent_id, name, state, message, owner, model, dataset, device,"
            " created) VALUES (?, ?, 'in_progress', '', ?, '', ?, ?, ?)",
            *(parent.id, name, os.getpid(), self._relative(parent.dataset), parent.device, _now()),
        )

    def finish_optimized(self, project_id: int, model: Path) -> None:
        """The optimized project's model is in place."""
        self._change(
            "UPDATE projects SET state = 'ready', owner = 0, model = ? WHERE id = ?",
            *(self._relative(model), project_id),
        )

    def fail_optimized(self, project_id: int, message: str) -> None:
        """The optimized project could not be made; it stays, to say why."""
        self._change(
            "UPDATE projects SET state = 'failed', owner = 0, message = ? WHERE id = ?",
            *(message, project_id),
        )

    def rename_project(self, project_id: int, name: str) -> None:
        """Give a project another name."""
        self._change("UPDATE projects SET name = ? WHERE id = ?", name, project_id)

    def delete_project(self, project_id: int) -> None:
        """Forget a project with its children, and remove their files."""
        doomed = self.family(project_id)
        folders = {a.folder for one in doomed for a in self.artifacts(one)}
        for project in self.projects():
            if project.id in doomed:
                folders |= {path.parent for path in (project.model, project.dataset) if path}
        self._change("DELETE FROM projects WHERE id = ?", project_id)
        kept = {path.parent for p in self.projects() for path in (p.model, p.dataset) if path}
        for folder in folders - kept:
            shutil.rmtree(folder, ignore_errors=True)

    def family(self, project_id: int) -> frozenset[int]:
        """The project's id and those of all below it."""
        found = {project_id}
        for project in self.projects():  # parents come first
            if project.parent_id in found:
                found.add(project.id)
        return frozenset(found)

    # Artifacts

    def artifacts(self, project_id: int, kind: str | None = None) -> tuple[Artifact, ...]:
        """Benchmarks and reports of a project, newest first."""
        rows = self._rows(
            "SELECT * FROM artifacts WHERE project_id = ? AND kind LIKE ? ORDER BY id DESC",
            *(project_id, kind or "%"),
        )
        return tuple(
            Artifact(
                row["id"],
                row["project_id"],
                row["kind"],
                self.root / row["folder"],
                row["created"],
            )
            for row in rows
        )

    def add_artifact(self, project_id: int, kind: str, folder: Path) -> int:
        """Record a benchmark or report whose files are in place."""
        return self._change(
            "INSERT INTO artifacts (project_id, kind, folder, created) VALUES (?, ?, ?, ?)",
            *(project_id, kind, self._relative(folder), _now()),
        )

    def remove_artifact(self, project_id: int, folder: Path) -> None:
        """Forget an artifact, and remove its files."""
        self._change(
            "DELETE FROM artifacts WHERE project_id = ? AND folder = ?",
            *(project_id, self._relative(folder)),
        )
        shutil.rmtree(folder, ignore_errors=True)

    def new_folder(self, kind: str) -> Path:
        """A path below the workspace that nothing has yet, for a job to publish into."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        return self.root / f"{kind}s" / f"{stamp}-{secrets.token_hex(3)}"

    @property
    def detections_cache(self) -> Path:
        """Detections that reports share."""
        return self.root / "detections"

    @property
    def class_mappings(self) -> Path:
        """Class mappings that the user made."""
        return self.root / "class-mappings"

    @property
    def logs(self) -> Path:
        """What the jobs' processes wrote."""
        folder = self.root / "logs"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise self._trouble(error) from error
        return folder

    # Jobs

    def begin_job(self, title: str, request: bytes, project_id: int | None) -> int:
        """Record that this process starts a job."""
        return self._change(
            "INSERT INTO jobs (project_id, title, request, state, message, owner, started, ended)"
            " VALUES (?, ?, ?, 'running', '', ?, ?, '')",
            *(project_id, title, request.decode(), os.getpid(), _now()),
        )

    def end_job(self, job_id: int, state: str, message: str = "") -> None:
        """Record how a job ended."""
        self._change(
            "UPDATE jobs SET state = ?, message = ?, ended = ? WHERE id = ?",
            *(state, message, _now(), job_id),
        )

    # Inside

    @property
    def _path(self) -> Path:
        return self.root / "workspace.sqlite3"

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """A connection for one operation: cheap, and right for every thread."""
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection
        finally:
            connection.close()

    def _rows(self, query: str, *values: Any) -> Sequence[sqlite3.Row]:
        try:
            with self._connect() as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _change(self, statement: str, *values: Any) -> int:
        try:
            with self._connect() as connection:
                storable = [_storable(value) for value in values]
                return int(connection.execute(statement, storable).lastrowid or 0)
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _full_disk(self) -> WorkbenchError | None:
        """The error where that is what is wrong: SQLite speaks of "disk I/O error" then."""
        with suppress(OSError):
            if shutil.disk_usage(self.root).free < _ROOM_BYTES:
                return WorkbenchError(
                    f"The disk with the workspace {self.root} is full.",
                    "Free some space; what was stored before is still there.",
                )
        return None

    def _trouble(self, error: Exception) -> WorkbenchError:
        return self._full_disk() or WorkbenchError(
            f"The workspace {self.root} cannot be used: {error}.",
            "Check its free space and permissions; what was stored before is still there.",
        )

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _project(self, row: sqlite3.Row) -> Project:
        return Project(
            row["id"],
            row["parent_id"],
            row["name"],
            row["state"],
            row["message"],
            self.root / row["model"] if row["model"] else None,
            self.root / row["dataset"],
            row["device"],
            row["created"],
        )

    def _tidy(self) -> tuple[str, ...]:
        """Put right what lost processes left; gives a sentence for each job that was cut off."""
        told = []
        for row in self._rows("SELECT id, title, started, owner FROM jobs WHERE state = 'running'"):
            if not _alive(row["owner"], row["started"]):
                sentence = f"'{row['title']}', started {row['started']}, was interrupted."
                self.end_job(row["id"], "interrupted", sentence)
                told.append(sentence)
        for row in self._rows(
            "SELECT id, created, owner FROM projects WHERE state = 'in_progress'"
        ):
            if not _alive(row["owner"], row["created"]):
                self.fail_optimized(row["id"], "The program ended while this was being made.")
        for folder in self.root.iterdir():
            if folder.is_dir():
                sweep(folder)
        return tuple(told)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. SQLite waits for nobody here, whatever the timeout is."""
    deadline = monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
        sleep(0.02)


def _storable(value: Any) -> Any:
    """Text as SQLite takes it: names of files need not be UTF-8."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _alive(owner: int, since: str) -> bool:
    """Whether the process that wrote a row then still runs; ours may have a lost one's number."""
    return since >= _OURS_SINCE if owner == os.getpid() else psutil.pid_exists(owner)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


_OURS_SINCE = _now()
