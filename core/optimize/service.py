"""Optimizing for both faces: an INT8 model of a project becomes a project below it."""

from __future__ import annotations

from pathlib import Path

from core.datasets.source import DatasetSource, require_dataset
from core.errors import InputError
from core.jobs.events import JobOutcome
from core.jobs.job import read_result
from core.jobs.planned import PlannedJob
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.optimize.job import QuantizeJob, QuantizeResult
from core.optimize.limits import require_valid
from core.workspace.projects import free_name, model_of, ready_project
from core.workspace.store import Workspace


def plan_optimize(
    workspace: Workspace,
    project_id: int,
    calibration: Path,
    plan: QuantizationPlan,
    evaluated_on: Path | None = None,
) -> PlannedJob:
    """An optimized project of this one; it appears at once, in progress.

    An accuracy that the plan keeps to is measured on `evaluated_on`, or on held-out images.
    """
    require_valid(plan)
    parent = ready_project(workspace, project_id)
    card = load_stored(model_of(parent)).card
    if card.info.quantized:
        raise InputError(
            f"{parent.name} is quantized already; quantizing it again would only add error.",
            "Choose the project that it was made from.",
        )
    require_dataset(calibration)
    if evaluated_on is not None:
        require_dataset(evaluated_on)
    method = f"INT8 {plan.preset}" if plan.accuracy is None else "INT8 accuracy-aware"
    name = free_name(workspace, plan.name or method, parent.id)
    child_id = workspace.begin_optimized(parent, name)

    def finish(folder: Path) -> int:
        result = read_result(folder, QuantizeResult)
        workspace.finish_optimized(child_id, folder / result.model)
        return child_id

    def abandon(outcome: JobOutcome) -> None:
        if outcome.error is None:
            workspace.delete_project(child_id)
        else:
            workspace.fail_optimized(child_id, str(outcome.error))

    return PlannedJob(
        title=f"Optimize {parent.name} to {name}",
        job=QuantizeJob(
            model=model_of(parent),
            dataset=DatasetSource(path=calibration, role="calibration"),
            plan=plan,
            name=f"{card.name}-int8",
            evaluated_on=DatasetSource(path=evaluated_on) if evaluated_on else None,
            compared_on=DatasetSource(path=parent.dataset),
        ),
        destination=workspace.new_folder("model"),
        project_id=child_id,
        finish=finish,
        abandon=abandon,
    )
