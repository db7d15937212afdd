"""Importing for both faces: a model and images become a project of a workspace."""

from __future__ import annotations

from pathlib import Path

from core.datasets.source import DatasetSource, require_dataset
from core.errors import InputError
from core.importing.job import ImportJob, ImportResult
from core.inference.compiling import DEFAULT_DEVICE
from core.jobs.job import read_result
from core.jobs.planned import PlannedJob
from core.models.adjusting import Changes
from core.models.stored import load_stored
from core.workspace.store import Workspace


def plan_import(
    workspace: Workspace,
    model: Path,
    dataset: Path,
    device: str = DEFAULT_DEVICE,
    name: str = "",
    changes: Changes | None = None,
) -> PlannedJob:
    """A new project of a model file (or folder) and a folder of images.

    `changes` are what the user knows better than the import guesses.
    """
    if not model.exists():
        raise InputError(f"There is no file {model}.", "Check the path of the model.")
    require_dataset(dataset)

    def finish(folder: Path) -> int:
        result = read_result(folder, ImportResult)
        xml = folder / str(result.model)
        title = name or load_stored(xml).card.name
        stored_dataset = folder / result.datasets[0].file
        return workspace.add_project(title, xml, stored_dataset, device)

    return PlannedJob(
        title=f"Import {model.name}",
        job=ImportJob(
            model=model,
            datasets=(DatasetSource(path=dataset),),
            changes=changes or Changes(),
        ),
        destination=workspace.new_folder("import"),
        project_id=None,
        finish=finish,
    )
