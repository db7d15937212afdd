"""A project as one file, for another machine; and a deployment package of its model."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.datasets.source import DatasetSource
from core.deployment.job import PackageJob, PackageResult
from core.errors import InputError, WorkbenchError
from core.jobs.job import RESULT_FILE
from core.jobs.planned import PlannedJob
from core.transfer.bundle import SUFFIX, BundledArtifact, BundledProject
from core.transfer.job import PackProjectJob, PackResult, UnpackProjectJob, UnpackResult
from core.values import read_json
from core.workspace.projects import model_of, ready_project
from core.workspace.store import Project, Workspace


@dataclass(frozen=True, kw_only=True)
class PlannedHandover(PlannedJob):
    """Something that leaves the workspace for `output`."""

    output: Path


def plan_package(workspace: Workspace, project_id: int, output: Path) -> PlannedHandover:
    """The project's model as a package at `output`: a new folder, or a zip file."""
    project = ready_project(workspace, project_id)
    _require_new(output)

    def finish(folder: Path) -> int:
        _deliver(folder, read_json(folder / RESULT_FILE, PackageResult).file, output)
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


def plan_pack(
    workspace: Workspace, project_id: int, output: Path, images: bool = True
) -> PlannedHandover:
    """The project's parent with everything below it as one file at `output`."""
    projects = workspace.projects()
    by_id = {project.id: project for project in projects}
    top = ready_project(workspace, project_id)
    while top.parent_id is not None:
        top = by_id[top.parent_id]
    if output.suffix.lower() != SUFFIX:
        output = output.with_name(f"{output.name}{SUFFIX}")
    _require_new(output)
    family = workspace.family(top.id)
    packed = [one for one in projects if one.id in family and one.state == "ready"]
    places = {project.id: place for place, project in enumerate(packed)}

    def finish(folder: Path) -> int:
        _deliver(folder, read_json(folder / RESULT_FILE, PackResult).file, output)
        return project_id

    return PlannedHandover(
        output=output,
        title=f"Export {top.name}",
        job=PackProjectJob(
            projects=tuple(_bundled(workspace, project, places) for project in packed),
            dataset=top.dataset,
            file=output.name,
            images=images,
        ),
        destination=workspace.new_folder("export"),
        project_id=project_id,
        finish=finish,
    )


def plan_unpack(workspace: Workspace, file: Path) -> PlannedJob:
    """The projects in a file that another machine exported."""
    if not file.is_file():
        raise InputError(f"There is no file {file}.", f"Choose a file that ends in {SUFFIX}.")
    destination = workspace.new_folder("import")

    def finish(folder: Path) -> int:
        bundle = read_json(folder / RESULT_FILE, UnpackResult).bundle
        home = folder / "project"
        made: list[int] = []
        dataset = home / bundle.dataset
        for project in bundle.projects:
            if project.parent is None:
                added = workspace.add_project(
                    project.name, home / project.model, dataset, project.device
                )
            else:
                parent = workspace.project(made[project.parent])
                added = workspace.begin_optimized(parent, project.name)
                workspace.finish_optimized(added, home / project.model)
            made.append(added)
            for artifact in reversed(project.artifacts):  # the newest one last, as it was made
                workspace.add_artifact(added, artifact.kind, home / artifact.folder)
        return made[0]

    return PlannedJob(
        title=f"Import {file.name}",
        job=UnpackProjectJob(file=file, home=destination),
        destination=destination,
        project_id=None,
        finish=finish,
    )


def _bundled(workspace: Workspace, project: Project, places: dict[int, int]) -> BundledProject:
    artifacts = workspace.artifacts(project.id)
    return BundledProject(
        name=project.name,
        parent=None if project.parent_id is None else places[project.parent_id],
        model=model_of(project),
        device=project.device,
        artifacts=tuple(
            BundledArtifact(kind=one.kind, folder=one.folder)
            for one in artifacts
            if one.kind != "search"  # its candidates are models of their own
        ),
    )


def _ready(workspace: Workspace, project_id: int) -> Project:
    project = workspace.project(project_id)
    if project.state != "ready":
        raise InputError(f"{project.name} is not ready.", project.message or "Wait for it.")
    return project


def _require_new(output: Path) -> None:
    if output.exists():
        raise InputError(f"{output} exists already.", "Choose another name.")
    if not output.parent.is_dir():
        raise InputError(f"There is no folder {output.parent}.", "Choose another place.")


def _deliver(folder: Path, name: str, output: Path) -> None:
    """What the job made, to where the user wants it; the job's folder goes away."""
    try:
        shutil.move(folder / name, output)
    except OSError as error:
        raise WorkbenchError(
            f"{output} cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
