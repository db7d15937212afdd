"""The workspace and the project that a command is told of."""

from __future__ import annotations

from pathlib import Path

from core.errors import InputError
from core.folders import default_workspace
from core.workspace.database import DATABASE_FILE
from core.workspace.store import Project, Workspace


def existing_workspace(workspace: Path | None) -> Workspace:
    """A workspace that must be there; the window's usual one if none is named."""
    root = workspace or default_workspace()
    if not (root / DATABASE_FILE).exists():  # what it is, opening it tells
        raise InputError(
            f"There is no workspace in {root}.", "Specify the folder of one with --workspace."
        )
    return Workspace(root)


def existing_project(workspace: Workspace, number: int) -> Project:
    """The project with this number; raises InputError where there is none."""
    found = next((one for one in workspace.projects() if one.id == number), None)
    if found is None:
        raise InputError(
            f"There is no project {number}.", "Type compare-projects alone to list them."
        )
    return found
