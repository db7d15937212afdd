"""The workspace and the project that a command is for."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.errors import InputError
from core.folders import default_workspace
from core.unfinished import user_cache
from core.workspace.database import DATABASE_FILE
from core.workspace.store import DETECTIONS_FOLDER, Project, Workspace


def add_workspace(to: argparse._ActionsContainer, what: str = "workspace folder") -> None:
    """``--workspace``; `what` it is to the command."""
    to.add_argument("--workspace", type=Path, metavar="DIR", help=f"{what} (default: the window's)")


def add_detection_cache(sub: argparse.ArgumentParser) -> None:
    """``--workspace`` and ``--fresh``, of commands that find stored detections."""
    group = sub.add_argument_group("stored detections, which are used and added to")
    add_workspace(group, "workspace folder that they lie in")
    group.add_argument(
        "--fresh", action="store_true", help="compute all detections again, use no stored ones"
    )


def add_machine_choice(sub: argparse._ActionsContainer, what: str = "detect") -> None:
    """``--machine``: where it is done, which is `what`."""
    sub.add_argument(
        "--machine",
        metavar="NAME",
        help=f"{what} on the workers of this machine; 'machines list' lists them (default: here)",
    )


def detections_cache(workspace: Path | None) -> Path:
    """Where detections are stored; there need not be a workspace yet, nor a home for one."""
    try:
        root = workspace or default_workspace()
    except InputError:
        root = user_cache()
    return root.absolute() / DETECTIONS_FOLDER


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
