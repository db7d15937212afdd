"""Searches as jobs of a workspace, and their candidates as projects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from core.datasets.source import DatasetSource, require_dataset
from core.errors import InputError
from core.jobs.events import JobOutcome
from core.jobs.job import RESULT_FILE
from core.jobs.planned import PlannedJob
from core.machines.machine import Machine
from core.machines.service import machine_for
from core.models.stored import StoredModel, load_stored
from core.optimize.refusing import require_float
from core.search.job import CopyModelJob, CopyModelResult, SearchJob
from core.search.resuming import require_startable, search_state
from core.search.settings import SearchSettings, require_valid
from core.values import read_json
from core.workspace.projects import free_name, model_of
from core.workspace.store import Artifact, Workspace


@dataclass(frozen=True, kw_only=True)
class PlannedSearch(PlannedJob):
    """A search that can be run; `folder` keeps its record and candidates from the first one on."""

    folder: Path


def search_job(
    stored: StoredModel,
    images: Path,
    folder: Path,
    settings: SearchSettings,
    *,
    resume: bool = False,
    called: str = "",
    machine: Machine | None = None,
) -> SearchJob:
    """The job that searches for the best setting of a stored model, in `folder`.

    Half of `images` calibrate, the others are held out. `called` is the user's name for the model.
    Plans are made and judged on the workers of the `machine`, if one is given. Raises InputError
    where it cannot be, or where the folder has another search.
    """
    require_valid(settings)
    require_float(stored, called)
    require_dataset(images)
    require_startable(folder, resume)
    return SearchJob(
        model=stored.xml,
        dataset=DatasetSource(path=images, role="calibration"),
        folder=folder,
        settings=settings,
        resume=resume,
        machine=machine,
    )


def plan_search(
    workspace: Workspace,
    project_id: int,
    calibration: Path,
    settings: SearchSettings,
    machine: str | None = None,
) -> PlannedSearch:
    """A search on a parent project, recorded at once so that it can be resumed.

    `machine` is the name of the one whose workers make the plans; None for this one. Raises
    InputError where nothing may be sent there.
    """
    folder = workspace.root / "searches" / workspace.new_folder("search").name
    given = calibration, settings, folder
    return _planned(workspace, project_id, _job(workspace, project_id, given, machine))


def plan_resumed_search(
    workspace: Workspace, artifact: Artifact, minutes: float, machine: str | None = None
) -> PlannedSearch:
    """The rest of a search, with so many minutes more, on whichever machine."""
    state = search_state(artifact.folder)
    if state is None:
        raise InputError("That search had not begun.", "Start a new one.")
    given = state.dataset, replace(state.settings, minutes=minutes), artifact.folder
    job = _job(workspace, artifact.project_id, given, machine)
    return _planned(workspace, artifact.project_id, job)


def _job(
    workspace: Workspace,
    project_id: int,
    given: tuple[Path, SearchSettings, Path],
    machine: str | None,
) -> SearchJob:
    """Of a project, with these images and settings, in that folder."""
    project, (calibration, settings, folder) = workspace.project(project_id), given
    return search_job(
        load_stored(model_of(project)),
        calibration,
        folder,
        settings,
        resume=search_state(folder) is not None,
        called=project.name,
        machine=machine_for(machine),
    )


def _planned(workspace: Workspace, project_id: int, job: SearchJob) -> PlannedSearch:
    folder = job.folder

    def record() -> None:
        """Where it is not yet; one that waited may have been forgotten by another window."""
        if folder not in {one.folder for one in workspace.artifacts(project_id, "search")}:
            workspace.add_artifact(project_id, "search", folder)

    def finish(published: Path) -> int:
        (published / RESULT_FILE).unlink(missing_ok=True)  # search.json says the same
        record()
        return project_id

    def abandon(outcome: JobOutcome) -> None:
        if search_state(folder) is None:
            workspace.remove_artifact(project_id, folder)

    record()
    return PlannedSearch(
        title=f"Search for the best setting of {workspace.project(project_id).name}",
        job=job,
        destination=folder,
        project_id=project_id,
        finish=finish,
        abandon=abandon,
        folder=folder,
    )


def plan_open_candidate(workspace: Workspace, artifact: Artifact, identity: str) -> PlannedJob:
    """A candidate as an optimized project of the search's parent."""
    state = search_state(artifact.folder)
    candidate = state.candidate(identity) if state else None
    if state is None or candidate is None or not candidate.model:
        raise InputError(
            "That candidate has no model of its own: it is the parent, or it failed.",
            "Choose another one.",
        )
    parent = workspace.project(artifact.project_id)
    name = free_name(workspace, candidate.title, parent.id)
    child_id = workspace.begin_optimized(parent, name, state.settings.target)

    def finish(folder: Path) -> int:
        result = read_json(folder / RESULT_FILE, CopyModelResult)
        workspace.finish_optimized(child_id, folder / result.model)
        return child_id

    return PlannedJob(
        title=f"Open {candidate.title} of {parent.name} as a project",
        job=CopyModelJob(model=artifact.folder / candidate.model),
        destination=workspace.new_folder("model"),
        project_id=child_id,
        finish=finish,
        abandon=lambda outcome: workspace.delete_project(child_id),
        makes="optimized model",
    )
