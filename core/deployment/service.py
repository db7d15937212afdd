"""Deployment packages, for both faces."""

from __future__ import annotations

from pathlib import Path

from core.benchmark.recommending import Goal, require_possible
from core.datasets.source import DatasetSource, require_dataset
from core.deployment.inside import Where
from core.deployment.job import PackageJob, PackageResult, Precision
from core.deployment.points import ChosenPoint
from core.deployment.wording import package_sentences
from core.errors import InputError
from core.jobs.handover import PlannedHandover, deliver
from core.jobs.job import read_result
from core.models.nms_inside import can_have_nms_inside, require_nms
from core.models.stored import load_stored
from core.refusals import require_new
from core.workspace.projects import model_of, ready_project
from core.workspace.store import Workspace


def package_job(
    model: Path,
    dataset: Path,
    output: Path,
    precision: Precision = "",
    chosen: ChosenPoint | None = None,
    preprocessing: Where = "outside",
    nms: Where = "outside",
    goal: Goal | None = None,
) -> PackageJob:
    """The job that makes a package of a stored model, for `output`: a new folder or a zip file.

    `dataset` has the images of its self-test; `chosen` are its score thresholds, None for the
    usual one; `preprocessing` and `nms` say whether those are put into the network, `goal` what it
    is to be fast at. Raises InputError where it cannot be.
    """
    if goal is not None:
        require_possible(goal)
    if nms == "inside":
        card = load_stored(model).card
        require_nms(card.detector, card.name)
    point = None if chosen is None else chosen.read()
    require_dataset(dataset)
    require_new(output)
    return PackageJob(
        model=model,
        dataset=DatasetSource(path=dataset.absolute()),
        name=output.name.removesuffix(".zip"),
        precision=precision,
        zipped=output.suffix.lower() == ".zip",
        scores=point.scores if point else None,
        weights_sha256=point.weights_sha256 if point else "",
        preprocessing=preprocessing,
        nms=nms,
        goal=goal,
    )


def has_nms_outside(workspace: Workspace, project_id: int) -> bool:
    """Whether a package of the project could have its NMS in the network, where it is not yet."""
    return can_have_nms_inside(load_stored(model_of(workspace.project(project_id))).card.detector)


def deliver_package(folder: Path, output: Path) -> PackageResult:
    """Move the package that a job left in `folder` to `output`."""
    result = read_result(folder, PackageResult)
    deliver(folder, result.file, output)
    return result


def plan_package(
    workspace: Workspace,
    project_id: int,
    output: Path,
    chosen: ChosenPoint | None = None,
    preprocessing: Where = "outside",
    nms: Where = "outside",
    goal: Goal | None = None,
) -> PlannedHandover:
    """The project's model as a package at `output`: a new folder, or a zip file.

    `chosen` is the operating point that it is used at, None for the usual threshold; see
    `package_job`.
    """
    project = ready_project(workspace, project_id)
    if chosen is not None and not chosen.report.is_dir():
        raise InputError("That report was deleted.", "Choose another operating point.")

    said: list[str] = []

    def finish(folder: Path) -> int:
        said.extend(package_sentences(deliver_package(folder, output)))
        return project_id

    return PlannedHandover(
        output=output,
        said=said,
        title=f"Make a package of {project.name}",
        job=package_job(
            model_of(project), project.dataset, output, "", chosen, preprocessing, nms, goal
        ),
        project_id=project_id,
        finish=finish,
    )
