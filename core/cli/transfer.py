"""The commands ``export-project`` and ``import-project``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.command import Command, RunJob
from core.cli.workspaces import add_workspace, existing_project, existing_workspace
from core.folders import default_workspace
from core.jobs.planned import recorded
from core.sizes import megabytes
from core.transfer.service import plan_pack, plan_unpack
from core.values import Plain
from core.workspace.store import Project, Workspace


@dataclass(frozen=True)
class Exported:
    """The file that a project was written to."""

    file: Path
    size_bytes: int


@dataclass(frozen=True)
class Imported:
    """The projects that a file held, in the workspace."""

    workspace: Path
    projects: tuple[Project, ...]


def _add_export_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("project", type=int, help="number of the project; compare-projects lists them")
    sub.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="output file, .dwproject"
    )
    sub.add_argument(
        "--without-images", action="store_true", help="leave out the images of datasets"
    )
    add_workspace(sub)


def _add_import_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", type=Path, help="a .dwproject file made by export-project")
    add_workspace(sub)


def _export(run: RunJob, options: argparse.Namespace) -> Exported:
    workspace = existing_workspace(options.workspace)
    existing_project(workspace, options.project)
    images = not options.without_images
    planned = plan_pack(workspace, options.project, options.output.absolute(), images=images)
    recorded(workspace, planned, run)
    return Exported(planned.output, planned.output.stat().st_size)


def _import(run: RunJob, options: argparse.Namespace) -> Imported:
    workspace = Workspace(options.workspace or default_workspace())
    before = {project.id for project in workspace.projects()}
    planned = plan_unpack(workspace, options.file.absolute())
    recorded(workspace, planned, run)
    made = tuple(one for one in workspace.projects() if one.id not in before)
    return Imported(workspace.root, made)


def _render_exported(done: Exported) -> str:
    return f"Saved to {done.file}: {megabytes(done.size_bytes, 1)}."


def _plain_exported(done: Exported) -> Plain:
    return {"file": str(done.file), "size_bytes": done.size_bytes}


def _render_imported(done: Imported) -> str:
    names = ", ".join(f"{one.name} ({one.id})" for one in done.projects)
    return f"Imported into {done.workspace}: {names}."


def _plain_imported(done: Imported) -> Plain:
    return {
        "workspace": str(done.workspace),
        "projects": [{"project": one.id, "name": one.name} for one in done.projects],
    }


EXPORT_PROJECT = Command(
    _add_export_arguments,
    _export,
    _render_exported,
    "export-project 3 --output detector.dwproject",
    _plain_exported,
)
IMPORT_PROJECT = Command(
    _add_import_arguments,
    _import,
    _render_imported,
    "import-project detector.dwproject",
    _plain_imported,
)
