"""Handing projects over, for both faces: a project as one file, for another machine."""

from __future__ import annotations

from pathlib import Path

from core.jobs.handover import PlannedHandover, deliver
from core.jobs.job import RESULT_FILE
from core.jobs.planned import PlannedJob
from core.refusals import require_file, require_new, require_regular
from core.transfer.bundle import SUFFIX, Bundle, BundledArtifact, BundledProject
from core.transfer.job import PackProjectJob, PackResult, UnpackProjectJob, UnpackResult
from core.values import read_json
from core.workspace.projects import model_of, ready_project
from core.workspace.store import Project, Workspace


def plan_pack(
    workspace: Workspace, project_id: int, output: Path, images: bool = True
) -> PlannedHandover:
    """The project's parent with everything below it as one file at `output`."""
    projects = workspace.projects()
    top = ready_project(workspace, project_id)
    while top.parent_id is not None:
        top = ready_project(workspace, top.parent_id)
    require_file(output)  # or the project would appear beside the folder, such as "."
    if output.suffix.lower() != SUFFIX:
        output = output.with_name(f"{output.name}{SUFFIX}")
    require_new(output)
    packed: list[Project] = []
    places: dict[int, int] = {}
    for one in projects:  # parents come first; what is below one that is left out is, too
        if one.id == top.id or (one.parent_id in places and one.state == "ready"):
            places[one.id] = len(packed)
            packed.append(one)

    def finish(folder: Path) -> int:
        deliver(folder, read_json(folder / RESULT_FILE, PackResult).file, output)
        return project_id

    return PlannedHandover(
        output=output,
        title=f"Export {top.name}",
        job=PackProjectJob(
            projects=tuple(_bundled(workspace, project, places) for project in packed),
            dataset=top.dataset,
            file=output.name,
            images=images,
            outside=sum(workspace.results_outside(one.id) for one in packed),
        ),
        project_id=project_id,
        finish=finish,
    )


def plan_unpack(workspace: Workspace, file: Path) -> PlannedJob:
    """The projects in a file that another machine exported."""
    require_regular(file, f"Choose a file that ends in {SUFFIX}.")
    destination = workspace.new_folder("import")

    def finish(folder: Path) -> int:
        bundle = read_json(folder / RESULT_FILE, UnpackResult).bundle
        with workspace.together():
            return _add_projects(workspace, bundle, folder / "project")

    return PlannedJob(
        title=f"Import {file.name}",
        job=UnpackProjectJob(file=file, home=destination),
        destination=destination,
        project_id=None,
        finish=finish,
        makes="projects",
    )


def _bundled(workspace: Workspace, project: Project, places: dict[int, int]) -> BundledProject:
    artifacts = workspace.artifacts(project.id)
    return BundledProject(
        name=project.name,
        parent=None if project.parent_id is None else places[project.parent_id],
        model=model_of(project),
        device=project.device,
        target=project.target,
        artifacts=tuple(
            BundledArtifact(kind=one.kind, folder=one.folder, name=one.name)
            for one in artifacts
            if one.kind != "search"  # its candidates are models of their own
        ),
        notes=project.notes,
    )


def _add_projects(workspace: Workspace, bundle: Bundle, home: Path) -> int:
    """Record what was unpacked into `home`; gives the parent's id."""
    made: list[int] = []
    dataset = home / bundle.dataset
    for project in bundle.projects:
        if project.parent is None:
            added = workspace.add_project(
                project.name, home / project.model, dataset, project.device, project.target
            )
        else:
            parent = workspace.project(made[project.parent])
            added = workspace.begin_optimized(parent, project.name, project.target)
            workspace.finish_optimized(added, home / project.model)
        workspace.set_notes(added, project.notes)
        made.append(added)
        for artifact in reversed(project.artifacts):  # the newest one last, as it was made
            workspace.add_artifact(added, artifact.kind, home / artifact.folder, artifact.name)
    return made[0]
