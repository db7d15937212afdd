"""Profiles: planned for a workspace or for stored models, and read back."""

from __future__ import annotations

from pathlib import Path

from core.jobs.job import read_result
from core.jobs.planned import PlannedJob, plan_artifact
from core.machines.run_on import host_for, on_host
from core.profiling.job import ProfileJob
from core.profiling.result import ProfileResult
from core.profiling.sent import SentProfileJob
from core.profiling.settings import DEFAULT_SECONDS, ProfiledModel, ProfileSettings
from core.workspace.projects import OPTIMIZED, PARENT, model_of, ready_project, title_of
from core.workspace.store import Artifact, Workspace


def profile_job(
    parent: tuple[str, Path], optimized: tuple[str, Path] | None, settings: ProfileSettings
) -> ProfileJob:
    """Profile the parent in true f32 and by default, and the optimized model in turns with it.

    Models are names, and where they are stored.
    """
    name, xml = parent
    models = [
        ProfiledModel(name=name, xml=xml, precision_hint="f32"),
        ProfiledModel(name=name, xml=xml),
    ]
    if optimized is not None:
        models.append(ProfiledModel(name=optimized[0], xml=optimized[1]))
    return ProfileJob(models=tuple(models), settings=settings)


def profile_on(job: ProfileJob, machine: str | None) -> ProfileJob | SentProfileJob:
    """The same job, sent to the host of this name, if one is named; raises as `host_for` does."""
    host = host_for(machine)
    return job if host is None else SentProfileJob(machine=host, job=job)


def plan_profile(
    workspace: Workspace,
    project_id: int,
    seconds: float = DEFAULT_SECONDS,
    run_on: str | None = None,
) -> PlannedJob:
    """Profile the layers of a project; of an optimized one, in turns with its parent's.

    `run_on` is the host that they are profiled on; None for this machine.
    """
    project = ready_project(workspace, project_id)
    parent, optimized = project, None
    if project.parent_id is not None:
        parent = ready_project(workspace, project.parent_id)
        optimized = (OPTIMIZED, model_of(project))
    settings = ProfileSettings(seconds=seconds, device=project.device)
    job = profile_on(profile_job((PARENT, model_of(parent)), optimized, settings), run_on)
    title = f"Profile layers of {title_of(workspace, project)}{on_host(run_on)}"
    return plan_artifact(workspace, title, job, project_id, "profile")


def profile_result(artifact: Artifact) -> ProfileResult:
    """What a stored profile found; raises WorkbenchError where it cannot be read."""
    return read_result(artifact.folder, ProfileResult)
