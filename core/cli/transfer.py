"""The terminal's commands that take projects out of a workspace, and into one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from core.cli.project_comparison import existing_workspace
from core.errors import InputError
from core.folders import default_workspace
from core.jobs.job import Job
from core.transfer.service import plan_pack, plan_unpack
from core.values import Plain
from core.workspace.store import Workspace

RunJob = Callable[[Job, Path], Path]


def add_export_project_arguments(sub: argparse.ArgumentParser) -> None:
    """The project, and where to."""
    sub.add_argument("project", type=int, help="its number, as compare-projects lists them")
    sub.add_argument("--output", type=Path, required=True, help="a new .dwproject file")
    sub.add_argument("--without-images", action="store_true", help="models and reports only")
    sub.add_argument("--workspace", type=Path, help="another one than the window's usual")


def add_import_project_arguments(sub: argparse.ArgumentParser) -> None:
    """The file, and the workspace."""
    sub.add_argument("file", type=Path, help="that export-project made")
    sub.add_argument("--workspace", type=Path, help="another one than the window's usual")


def export_project(run: RunJob, options: argparse.Namespace) -> Plain:
    """A project with everything below its parent as one file."""
    workspace = existing_workspace(options.workspace)
    known = {project.id: project for project in workspace.projects()}
    if options.project not in known:
        raise InputError(
            f"There is no project {options.project}.", "Type compare-projects alone to list them."
        )
    output = options.output.absolute()
    job = plan_pack(workspace, options.project, output, images=not options.without_images)
    job.finish(run(job.job, job.destination))
    return {"file": str(job.output), "size_bytes": job.output.stat().st_size}


def import_project(run: RunJob, options: argparse.Namespace) -> Plain:
    """The projects in a file, into a workspace; it is made if it is not there."""
    workspace = Workspace(options.workspace or default_workspace())
    before = {project.id for project in workspace.projects()}
    job = plan_unpack(workspace, options.file.absolute())
    job.finish(run(job.job, job.destination))
    made = [one for one in workspace.projects() if one.id not in before]
    return {
        "workspace": str(workspace.root),
        "projects": [{"project": one.id, "name": one.name} for one in made],
    }


def render_transfer(result: Plain) -> str:
    """Where it went."""
    if "file" in result:
        return f"{result['file']}: {result['size_bytes'] / 1e6:.1f} MB."
    names = ", ".join(f"{one['name']} ({one['project']})" for one in result["projects"])
    return f"In {result['workspace']}: {names}."
