"""What was examined becomes a project; what is known of a project's model is corrected."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from core.datasets.source import DatasetSource
from core.errors import InputError, WorkbenchError
from core.folders import publish
from core.importing.examining import Examined
from core.importing.job import ImportJob
from core.inference.compiling import DEFAULT_DEVICE
from core.models.adjusting import Changes, corrected
from core.models.differences import differences
from core.models.stored import CARD_SUFFIX, ModelCard, StoredModel, load_stored
from core.predict.detecting import require_same_ports
from core.values import to_json, write_json
from core.workspace.store import Project, Workspace


def adopt(
    workspace: Workspace,
    examined: Examined,
    changes: Changes,
    device: str = DEFAULT_DEVICE,
    name: str = "",
    parent_id: int | None = None,
) -> int:
    """Make a project of what was examined; gives its id. Quick: nothing is copied.

    With `parent_id` it becomes an optimized project of that one: it is judged on the parent's
    dataset, and used as its own card says. Raises InputError for changes that cannot be, where
    there is no dataset, or where the two models do not fit.
    """
    parent = None if parent_id is None else workspace.project(parent_id)
    if parent is not None:
        require_same_ports(load_stored(_model_of(parent)), examined.stored)
    elif examined.dataset is None:
        raise InputError("A project needs images.", "Choose a folder of images.")
    card = corrected(examined.stored.card, changes)
    images = examined.dataset.root if examined.dataset else (parent.dataset if parent else Path())
    request = ImportJob(model=card.source, datasets=(DatasetSource(path=images),), changes=changes)
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
    xml = destination / examined.stored.xml.name
    if parent is not None:
        project = workspace.begin_optimized(parent, name or card.name)
        workspace.finish_optimized(project, xml)
    else:
        assert examined.dataset is not None
        dataset = destination / examined.dataset.file
        project = workspace.add_project(name or card.name, xml, dataset, device)
    workspace.end_job(job, "succeeded")
    return project


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


def correct_project(workspace: Workspace, project_id: int, changes: Changes) -> None:
    """Change what the program believes about a project's model.

    Class names can always be corrected, and those of models made from it follow. Anything else
    would make what they were calibrated and compared with untrue: raises InputError if there
    are any. So it does for a model that is used as its parent is: the parent is to be corrected.
    """
    project = workspace.project(project_id)
    old = load_stored(_model_of(project)).card
    if project.parent_id is not None:
        parent = load_stored(_model_of(workspace.project(project.parent_id))).card
        if not differences(parent.detector, old.detector):
            raise InputError(f"{project.name} is used as its parent is.", "Correct the parent.")
    made = [p for p in workspace.projects() if p.parent_id == project_id]
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
            if card.detector.class_names != old.detector.class_names:
                continue  # it was imported by itself, and has names of its own
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


def _model_of(project: Project) -> Path:
    if project.model is None:
        raise InputError(f"{project.name} has no model yet.", "Wait until it is made.")
    return project.model


def _write(project: Project, card: ModelCard) -> None:
    assert project.model is not None
    try:
        write_json(project.model.with_suffix(CARD_SUFFIX), card)
    except OSError as error:
        raise WorkbenchError(
            f"The corrections of {project.name} cannot be kept: {error.strerror or error}.",
            "Check the free space of the workspace.",
        ) from error
