"""What every capability asks about the projects of a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from core.errors import InputError, WorkbenchError
from core.giving_way import give_way
from core.models.stored import CARD_SUFFIX, ModelCard, load_stored
from core.workspace.records import Named, fitted
from core.workspace.store import Project, Workspace

PARENT = "parent"
OPTIMIZED = "optimized"


def ready_project(workspace: Workspace, project_id: int) -> Project:
    """The project; raises InputError while its model is being made, or could not be."""
    project = workspace.project(project_id)
    if project.state != "ready":
        raise InputError(f"{project.name} is not ready.", project.message or "Wait for it.")
    return project


def with_parent(workspace: Workspace, project_id: int) -> tuple[Project, Project]:
    """An optimized project and its parent, both ready; raises InputError for a parent."""
    project = ready_project(workspace, project_id)
    if project.parent_id is None:
        raise InputError(
            f"{project.name} has no parent to be compared with.",
            "Optimize it first, then compare the optimized project.",
        )
    return project, ready_project(workspace, project.parent_id)


def model_of(project: Project) -> Path:
    """The project's IR; raises WorkbenchError while there is none."""
    if project.model is None:
        raise WorkbenchError(f"{project.name} has no model yet.", "Wait until it is made.")
    return project.model


def card_of(project: Project) -> ModelCard | None:
    """The card of a project's model, read again when it was changed; None while there is none."""
    if project.model is None:
        return None
    give_way()
    try:
        found = project.model.with_suffix(CARD_SUFFIX).stat()
    except (OSError, ValueError):
        return load_stored(project.model).card  # says what is wrong
    return _card_at(project.model, found.st_mtime_ns, found.st_size, found.st_ino)


@lru_cache(maxsize=1000)
def _card_at(model: Path, *changed: int) -> ModelCard:
    return load_stored(model).card


def title_of(workspace: Workspace, project: Project) -> str:
    """A project's name; of an optimized one, after its parent's."""
    if project.parent_id is None:
        return project.name
    return in_family(project.name, workspace.project(project.parent_id).name)


def titles_of(projects: Iterable[Named]) -> dict[int, str]:
    """The same of all projects of a workspace, by their ids."""
    known = {one.id: one for one in projects}

    def title(project: Named) -> str:
        parent = known.get(project.parent_id or 0)
        return in_family(project.name, parent.name if parent else None)

    return {number: title(project) for number, project in known.items()}


def in_family(name: str, parent: str | None) -> str:
    """A project's name after that of its parent, if it has one."""
    return name if parent is None else f"{parent} – {name}"


def free_name(workspace: Workspace, wanted: str, parent_id: int | None) -> str:
    """`wanted` as it is stored, with a number behind it if the parent has such a child already.

    Without a parent, if another project is called so that has none.
    """
    taken = {one.name for one in workspace.names() if one.parent_id == parent_id}
    ends = ("", *(f" {number}" for number in range(2, len(taken) + 2)))
    return next(name for end in ends if (name := fitted(wanted, end)) not in taken)


def distinct_names(names: Sequence[str], details: Sequence[str]) -> list[str]:
    """The names, each of those that occur twice with its detail behind it.

    Raises InputError where that does not tell them apart.
    """
    found = [
        name if names.count(name) == 1 else f"{name} ({detail})"
        for name, detail in zip(names, details, strict=True)
    ]
    if len(set(found)) < len(found):
        raise InputError("One model was named twice.", "Name each model once.")
    return found
