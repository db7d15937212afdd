"""A project once more, with files of its own, to try something else with it."""

from __future__ import annotations

from pathlib import Path

from core.jobs.job import read_result
from core.jobs.planned import PlannedJob
from core.search.job import CopyModelJob, CopyModelResult
from core.workspace.projects import free_name, model_of, ready_project, title_of
from core.workspace.records import require_title
from core.workspace.store import Workspace


def plan_duplicate(workspace: Workspace, project_id: int, name: str = "") -> PlannedJob:
    """A project with the same model, settings, dataset, target and notes; without results.

    The model is copied, so that the settings of one do not change the other's; the dataset is
    shared. An optimized project's duplicate has the same parent. Without `name` it is called after
    the project. Raises InputError where the name is too long.
    """
    name = require_title(name)
    project = ready_project(workspace, project_id)
    xml = model_of(project)

    def finish(folder: Path) -> int:
        model = folder / read_result(folder, CopyModelResult).model
        with workspace.together():
            now = workspace.project(project_id)
            called = free_name(workspace, name or f"{now.name} copy", now.parent_id)
            if now.parent_id is None:
                made = workspace.add_project(called, model, now.dataset, now.device, now.target)
            else:
                parent = workspace.project(now.parent_id)
                made = workspace.begin_optimized(parent, called, now.target)
                workspace.finish_optimized(made, model)
            workspace.set_notes(made, now.notes)
        return made

    return PlannedJob(
        title=f"Duplicate {title_of(workspace, project)}",
        job=CopyModelJob(model=xml),
        destination=workspace.new_folder("model"),
        project_id=project_id,
        finish=finish,
        makes="projects",
    )
