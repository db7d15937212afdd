"""Quantization plans: in files, saved in a workspace, and those that models were made with."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from core.errors import InputError, WorkbenchError
from core.files import why
from core.jobs.job import RESULT_FILE
from core.jobs.planned import PlannedJob
from core.models.plan import USUAL_DROP, AccuracyTarget, QuantizationPlan
from core.models.stored import CARD_SUFFIX, ModelCard
from core.optimize.job import OperationsJob
from core.optimize.operations import OperationList
from core.refusals import require_file, require_regular
from core.values import read_json, write_json
from core.workspace.projects import card_of, model_of
from core.workspace.store import Project, Workspace

_OPERATIONS_SUFFIX = ".operations.json"


@dataclass(frozen=True)
class KnownPlan:
    """A plan that can be used again: its title, and whether the user saved it."""

    title: str
    plan: QuantizationPlan
    saved: bool


class Plans:
    """Saves plans, and finds those that models were made with."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._folder = workspace.root / "plans"

    def known(self, parent_id: int) -> tuple[KnownPlan, ...]:
        """Saved plans by their names, then those of the project's optimized models."""
        return (*self._saved(), *self._used(parent_id))

    def save(self, plan: QuantizationPlan) -> None:
        """Save a plan under its name; one of the same name is replaced."""
        if not plan.name.strip():
            raise InputError("The plan has no name.", "Give it one.")
        try:
            self._folder.mkdir(exist_ok=True)
            write_json(self._file(plan.name), plan)
        except OSError as error:
            raise WorkbenchError(
                f"The plan '{plan.name}' cannot be saved: {why(error)}.", "Free some space."
            ) from error

    def delete(self, name: str) -> None:
        """Delete the saved plan of this name."""
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        """Named after a hash: a plan may have a name that no file may have."""
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"

    def _saved(self) -> tuple[KnownPlan, ...]:
        found = []
        for file in self._folder.glob("*.json"):
            try:
                plan = read_json(file, QuantizationPlan)
            except WorkbenchError:
                continue  # damaged, or of a newer version: the others can be used all the same
            found.append(KnownPlan(plan.name, plan, saved=True))
        return tuple(sorted(found, key=lambda one: one.title.casefold()))

    def _used(self, parent_id: int) -> tuple[KnownPlan, ...]:
        found = []
        for project in self._workspace.children(parent_id):
            card = card_of(project) if project.state == "ready" else None
            if card is not None and card.plan is not None:
                found.append(KnownPlan(project.name, card.plan, saved=False))
        return tuple(found)


def read_plan(path: Path) -> QuantizationPlan:
    """The plan in a JSON file, or the one that a stored model (``.xml``) was made with."""
    if path.suffix == ".xml":
        path = path.with_suffix(CARD_SUFFIX)
    require_regular(
        path,
        "Import the model with --output first: its card then has the plan."
        if path.name.endswith(CARD_SUFFIX)
        else "Check the path of the plan.",
    )
    try:
        if path.name.endswith(CARD_SUFFIX):
            noted = read_json(path, ModelCard).plan
        else:
            noted = read_json(path, QuantizationPlan, by_hand=True)
    except WorkbenchError as error:
        raise InputError(
            error.what, "Choose a JSON file with a plan, or a model made with one."
        ) from error
    if noted is None:
        raise InputError(
            f"{path.name} contains no quantization plan: that model was not optimized.",
            "Choose an optimized model, or a plan in a JSON file.",
        )
    return noted


def save_plan(plan: QuantizationPlan, path: Path) -> None:
    """Write a plan that `read_plan` reads; raises InputError where `path` is a folder."""
    require_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, plan)


def accuracy_target(planned: AccuracyTarget | None, **changes: Any) -> AccuracyTarget:
    """What the method Accuracy-aware keeps to: a plan's target, or the usual one, with changes.

    Another metric brings its usual drop with it.
    """
    if "metric" in changes:
        changes.setdefault("max_drop", USUAL_DROP[changes["metric"]])
    return msgspec.structs.replace(planned or AccuracyTarget(), **changes)


def operations_of(project: Project) -> OperationList | None:
    """The operations of a project's model; None until a job has listed them."""
    if project.model is None:
        return None
    path = project.model.with_suffix(_OPERATIONS_SUFFIX)
    return read_json(path, OperationList) if path.is_file() else None


def plan_listing(workspace: Workspace, project_id: int) -> PlannedJob:
    """A job that lists the operations of a project's model for `operations_of`."""
    project = workspace.project(project_id)
    xml = model_of(project)

    def finish(folder: Path) -> None:
        try:
            (folder / RESULT_FILE).replace(xml.with_suffix(_OPERATIONS_SUFFIX))
        except OSError as error:
            raise WorkbenchError(f"{xml.parent} cannot be written to: {why(error)}.", "") from error
        shutil.rmtree(folder, ignore_errors=True)

    return PlannedJob(
        title=f"List the operations of {project.name}",
        job=OperationsJob(model=xml),
        destination=workspace.new_folder("operation"),
        project_id=project_id,
        finish=finish,
    )
