"""What projects a workspace has, read from its database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.workspace.database import Database
from core.workspace.records import (
    FAMILY,
    NAMES,
    NOT_IN_TRASH,
    PROJECTS,
    Bounds,
    Project,
    ProjectName,
    name_of,
    project_of,
)


class Projects:
    """All of them, some, or their names alone, of which many are read in a moment."""

    def __init__(self, root: Path, database: Database) -> None:
        self.root = root
        self._database = database

    def projects(self, *, also_trashed: bool = False) -> tuple[Project, ...]:
        """All projects, parents before their children, oldest first."""
        return self._projects("TRUE" if also_trashed else NOT_IN_TRASH)

    def projects_of(self, project_id: int) -> tuple[Project, ...]:
        """The project, if it is there, and those below it."""
        return self._projects(f"projects.id IN ({FAMILY}) AND {NOT_IN_TRASH}", project_id)

    def names(self, *, also_trashed: bool = False) -> tuple[ProjectName, ...]:
        """What all of them are called, in the same order."""
        wanted = "TRUE" if also_trashed else NOT_IN_TRASH
        rows = self._database.rows(f"{NAMES} WHERE {wanted} ORDER BY projects.id")
        try:
            return tuple(map(name_of, rows))
        except ValueError as error:
            raise self._database.damaged(str(error)) from error

    def children(self, project_id: int) -> tuple[Project, ...]:
        """What was optimized from a project, oldest first."""
        return self._projects(f"projects.parent_id = ? AND {NOT_IN_TRASH}", project_id)

    def newest_child(self, project_id: int) -> Project | None:
        """What was optimized from a project last, but for what failed."""
        newest = (
            "(SELECT MAX(projects.id) FROM projects WHERE projects.parent_id = ?"
            f" AND projects.state != 'failed' AND {NOT_IN_TRASH})"
        )
        found = self._projects(f"projects.id = {newest}", project_id)
        return found[0] if found and found[0].state != "failed" else None

    def project(self, project_id: int) -> Project:
        """The project with this id; raises WorkbenchError where it was deleted."""
        found = self._projects(f"projects.id = ? AND {NOT_IN_TRASH}", project_id)
        if not found:
            raise WorkbenchError(
                "That project was deleted.", "Choose another one, or restore it from the trash."
            )
        return found[0]

    def family(self, project_id: int) -> frozenset[int]:
        """The project's id and those of all below it, also of those in the trash."""
        return frozenset(row["id"] for row in self._database.rows(FAMILY, project_id))

    def _projects(self, wanted: str, *values: Any) -> tuple[Project, ...]:
        rows = self._database.rows(f"{PROJECTS} WHERE {wanted} ORDER BY projects.id", *values)
        bounds = Bounds(self.root)
        try:
            return tuple(project_of(row, bounds) for row in rows)
        except ValueError as error:
            raise self._database.damaged(str(error)) from error
