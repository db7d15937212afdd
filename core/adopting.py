"""What was examined becomes a project; what is known of a project's model is corrected."""

from __future__ import annotations

import msgspec

from core.errors import InputError, WorkbenchError
from core.examining import Examined
from core.folders import publish
from core.inference.compiling import DEFAULT_DEVICE
from core.jobs.requests import DatasetSource, ImportRequest
from core.models.adjusting import Changes, corrected
from core.models.stored import CARD_SUFFIX, ModelCard, load_stored
from core.values import to_json, write_json
from core.workspace.store import Project, Workspace


def adopt(
    workspace: Workspace,
    examined: Examined,
    changes: Changes,
    device: str = DEFAULT_DEVICE,
    name: str = "",
) -> int:
    """Make a project of what was examined; gives its id. Quick: nothing is copied.

    Raises InputError for changes that cannot be, or where there is no dataset.
    """
    if examined.dataset is None:
        raise InputError("A project needs images.", "Choose a folder of images.")
    card = corrected(examined.stored.card, changes)
    request = ImportRequest(
        model=card.source, datasets=(DatasetSource(path=examined.dataset.root),), changes=changes
    )
    job = workspace.begin_job(f"Import {card.source.name}", to_json(request), None)
    destination = workspace.new_folder("import")
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
    xml, dataset = destination / examined.stored.xml.name, destination / examined.dataset.file
    project = workspace.add_project(name or card.name, xml, dataset, device)
    workspace.end_job(job, "succeeded")
    return project


def correct_project(workspace: Workspace, project_id: int, changes: Changes) -> None:
    """Change what the program believes about a project's model.

    Class names can always be corrected, and those of models made from it follow. Anything else
    would make what they were calibrated and compared with untrue: raises InputError if there
    are any.
    """
    project = workspace.project(project_id)
    if project.model is None:
        raise InputError(f"{project.name} has no model yet.", "Wait until it is made.")
    if project.parent_id is not None:
        raise InputError(f"{project.name} is used as its parent is.", "Correct the parent.")
    made = [p for p in workspace.projects() if p.parent_id == project_id]
    old = load_stored(project.model).card
    new = corrected(old, changes)
    if made and not _differ_in_names_alone(old, new):
        names = ", ".join(one.name for one in made)
        raise InputError(
            f"{project.name} was optimized already, as it is used now ({names}).",
            "Delete the optimized projects, or import the model once more.",
        )
    _write(project, new)
    for one in made:
        if one.model is not None:
            card = load_stored(one.model).card
            detector = msgspec.structs.replace(
                card.detector,
                class_names=new.detector.class_names,
                reasons=new.detector.reasons,
            )
            _write(one, msgspec.structs.replace(card, detector=detector))


def _differ_in_names_alone(old: ModelCard, new: ModelCard) -> bool:
    one, other = (
        msgspec.structs.replace(card.detector, class_names=(), reasons=(), confidence=0)
        for card in (old, new)
    )
    return one == other


def _write(project: Project, card: ModelCard) -> None:
    assert project.model is not None
    try:
        write_json(project.model.with_suffix(CARD_SUFFIX), card)
    except OSError as error:
        raise WorkbenchError(
            f"The corrections of {project.name} cannot be kept: {error.strerror or error}.",
            "Check the free space of the workspace.",
        ) from error
