"""The settings of a project's model, edited after its import."""

from __future__ import annotations

import msgspec

from core.errors import InputError, WorkbenchError
from core.models.adjusting import Overrides, with_overrides
from core.models.differences import differences, used_as_before
from core.models.stored import CARD_SUFFIX, ModelCard, load_stored
from core.values import write_json
from core.workspace.projects import model_of
from core.workspace.store import Project, Workspace


def edit_project(workspace: Workspace, project_id: int, overrides: Overrides) -> None:
    """Change how a project's model is used.

    Class names can always be edited, and those of models made from it follow. Anything else
    would make what they were calibrated and compared with untrue: raises InputError if there
    are any. So it does for a model that is used as its parent is: the parent is to be edited.
    """
    project = workspace.project(project_id)
    stored = load_stored(model_of(project))
    old = stored.card
    if project.parent_id is not None:
        parent = load_stored(model_of(workspace.project(project.parent_id))).card
        if not differences(parent.detector, used_as_before(stored, parent.detector)):
            raise InputError(
                f"{project.name} is used as its parent is.", "Edit the parent's settings."
            )
    made = workspace.children(project_id)
    new = with_overrides(old, overrides)
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


def _write(project: Project, card: ModelCard) -> None:
    assert project.model is not None
    try:
        write_json(project.model.with_suffix(CARD_SUFFIX), card)
    except OSError as error:
        raise WorkbenchError(
            f"The settings of {project.name} cannot be saved: {error.strerror or error}.",
            "Check the free space of the workspace.",
        ) from error
