"""Deployment packages, for both faces."""

from __future__ import annotations

from pathlib import Path

from core.datasets.source import DatasetSource
from core.deployment.job import PackageJob, PackageResult
from core.jobs.handover import PlannedHandover, deliver, require_new
from core.jobs.job import read_result
from core.workspace.projects import model_of, ready_project
from core.workspace.store import Workspace


def plan_package(workspace: Workspace, project_id: int, output: Path) -> PlannedHandover:
    """The project's model as a package at `output`: a new folder, or a zip file."""
    project = ready_project(workspace, project_id)
    require_new(output)

    def finish(folder: Path) -> int:
        deliver(folder, read_result(folder, PackageResult).file, output)
        return project_id

    return PlannedHandover(
        output=output,
        title=f"Make a package of {project.name}",
        job=PackageJob(
            model=model_of(project),
            dataset=DatasetSource(path=project.dataset),
            name=output.name.removesuffix(".zip"),
            zipped=output.suffix.lower() == ".zip",
        ),
        destination=workspace.new_folder("export"),
        project_id=project_id,
        finish=finish,
    )
