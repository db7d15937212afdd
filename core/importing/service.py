"""Importing for both faces: a model and images become a project of a workspace."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.errors import InputError, WorkbenchError
from core.folders import publish
from core.importing.examining import Examined, examined_in, import_job
from core.inference.settings import DEFAULT_DEVICE
from core.jobs.planned import PlannedJob
from core.models.adjusting import Overrides, with_overrides
from core.models.differences import require_same_ports
from core.models.stored import CARD_SUFFIX, StoredModel, load_stored
from core.refusals import require_file, require_regular
from core.values import to_json, write_json
from core.workspace.projects import model_of
from core.workspace.store import Project, Workspace

if TYPE_CHECKING:
    from core.importing.preview_job import PreviewJob


def plan_import(
    workspace: Workspace,
    model: Path,
    dataset: Path,
    device: str = DEFAULT_DEVICE,
    name: str = "",
    overrides: Overrides | None = None,
) -> PlannedJob:
    """A new project of a model file (or folder) and a folder of images, without a look before.

    `overrides` are what the user knows better than the import guesses.
    """
    job = import_job(model, dataset, overrides)
    return PlannedJob(
        title=_title(model),
        job=job,
        destination=workspace.new_folder("import"),
        project_id=None,
        finish=lambda folder: _add_project(workspace, examined_in(folder, job), name, device),
        makes="model",
    )


def adopt(
    workspace: Workspace,
    examined: Examined,
    overrides: Overrides,
    device: str = DEFAULT_DEVICE,
    name: str = "",
    parent_id: int | None = None,
) -> int:
    """Make a project of what was examined; gives its id. Quick: nothing is copied.

    With `parent_id` it becomes an optimized project of that one: it is compared on the parent's
    dataset, and used as its own card says. Raises InputError for overrides that cannot be, where
    there is no dataset, or where the two models do not fit.
    """
    parent = None if parent_id is None else workspace.project(parent_id)
    if parent is not None:
        require_same_ports(load_stored(model_of(parent)), examined.stored)
    elif examined.dataset is None:
        raise InputError("A project needs images.", "Choose a folder of images.")
    card = with_overrides(examined.stored.card, overrides)
    request = msgspec.structs.replace(examined.job, overrides=overrides)
    destination = workspace.new_folder("import")
    job = workspace.begin_job(_title(card.source), to_json(request), None, destination)
    try:
        if card != examined.stored.card:
            write_json(examined.stored.xml.with_suffix(CARD_SUFFIX), card)
        publish(examined.folder, destination)
    except OSError as error:
        problem = WorkbenchError(
            f"{card.name} could not be imported: {error.strerror or error}.",
            "Check the free space of the workspace, and import it again.",
        )
        workspace.end_job(job, "failed", str(problem))
        raise problem from error
    project = _add_project(workspace, examined_in(destination, examined.job), name, device, parent)
    workspace.end_job(job, "succeeded")
    return project


def require_drawable(image: Path, output: Path) -> None:
    """Raises InputError where `image` is missing, or `output` cannot be a PNG file."""
    require_regular(image, "Specify an image after the model.")
    require_file(output, image)
    if output.suffix.lower() != ".png":
        raise InputError(f"{output} must end in .png.", "Specify a PNG file.")


def preview_job(stored: StoredModel, image: Path, score: float) -> PreviewJob:
    """The job that draws what a stored model finds in `image`, from this score on."""
    if not 0 <= score <= 1:
        raise InputError(f"The score {score:g} is not between 0 and 1.", "Choose one like 0.3.")
    from core.importing.preview_job import PreviewJob

    return PreviewJob(
        model=stored.xml, detector=stored.card.detector, images=(image,), draw_from=score
    )


def possible_parents(workspace: Workspace, stored: StoredModel) -> tuple[Project, ...]:
    """Projects that a model may be an optimized version of: their inputs and outputs are alike."""
    found = []
    for project in workspace.projects():
        if project.parent_id is not None or project.model is None:
            continue
        with suppress(WorkbenchError):  # damaged, or another model
            parent = load_stored(project.model)
            require_same_ports(parent, stored)
            if parent.card.weights_sha256 != stored.card.weights_sha256:
                found.append(project)
    return tuple(found)


def _add_project(
    workspace: Workspace,
    imported: Examined,
    name: str,
    device: str,
    parent: Project | None = None,
) -> int:
    """Record what was imported; with `parent`, as an optimized version of that one."""
    xml, title = imported.stored.xml, name or imported.stored.card.name
    if parent is not None:
        with workspace.together():
            project = workspace.begin_optimized(parent, title)
            workspace.finish_optimized(project, xml)
        return project
    assert imported.dataset is not None
    return workspace.add_project(title, xml, imported.folder / imported.dataset.file, device)


def _title(model: Path) -> str:
    return f"Import {model.name}"
