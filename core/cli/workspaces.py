"""The workspace and the project that a command is for."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.errors import InputError
from core.folders import default_workspace
from core.workspace.database import DATABASE_FILE
from core.workspace.store import Project, Workspace


def add_workspace(sub: argparse.ArgumentParser) -> None:
    """``--workspace``."""
    sub.add_argument(
        "--workspace", type=Path, metavar="DIR", help="workspace folder (default: the window's)"
    )


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
