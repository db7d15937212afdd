"""Optimizing for both faces: an INT8 model of a project becomes a project below it."""

from __future__ import annotations

from pathlib import Path

from core.datasets.source import DatasetSource, require_dataset
from core.errors import InputError
from core.jobs.events import JobOutcome
from core.jobs.job import read_result
from core.jobs.planned import PlannedJob
from core.machines.machine import Machine
from core.machines.service import machine_for
from core.models.plan import QuantizationPlan
from core.models.stored import StoredModel, load_stored
from core.optimize.job import QuantizeJob, QuantizeResult
from core.optimize.limits import require_valid
from core.optimize.refusing import require_float
from core.workspace.projects import free_name, model_of, ready_project
from core.workspace.store import Workspace

THIS_MACHINE_ALONE = "Accuracy-aware quantization works on this machine alone."


def quantize_job(
    stored: StoredModel,
    calibration: Path,
    plan: QuantizationPlan,
    evaluated_on: Path | None = None,
    compared_on: Path | None = None,
    called: str = "",
    machine: Machine | None = None,
) -> QuantizeJob:
    """The job that makes an INT8 model of a stored one, by a plan that can be followed.

    An accuracy that the plan keeps to is measured on `evaluated_on`, or on held-out images.
    `compared_on` are images that it will be compared with its parent on; `called` is the user's
    name for the parent. Statistics are collected on the workers of the `machine`, if one is given.
    Raises InputError where it cannot be.
    """
    require_inputs(plan, calibration, evaluated_on, machine)
    require_float(stored, called)
    if plan.nms == "inside":
        from core.models.nms_inside import require_nms

        require_nms(stored.card.detector, called or stored.card.name)
    return QuantizeJob(
        model=stored.xml,
        dataset=DatasetSource(path=calibration, role="calibration"),
        plan=plan,
        name=f"{stored.card.name}-int8",
        evaluated_on=DatasetSource(path=evaluated_on) if evaluated_on else None,
        compared_on=DatasetSource(path=compared_on) if compared_on else None,
        machine=machine,
    )


def require_inputs(
    plan: QuantizationPlan,
    calibration: Path,
    evaluated_on: Path | None = None,
    machine: Machine | None = None,
) -> None:
    """Raises InputError where a plan or its images cannot be used, whatever the model is.

    Nor can a plan with an accuracy to keep be on another `machine`.
    """
    if machine is not None and plan.accuracy is not None:
        raise InputError(THIS_MACHINE_ALONE, "Leave out the machine, or search on it.")
    require_valid(plan)
    require_dataset(calibration)
    if evaluated_on is not None:
        require_dataset(evaluated_on)


def plan_optimize(
    workspace: Workspace,
    project_id: int,
    calibration: Path,
    plan: QuantizationPlan,
    evaluated_on: Path | None = None,
    machine: str | None = None,
) -> PlannedJob:
    """An optimized project of this one, by a `quantize_job`; it appears at once, in progress.

    `machine` is the name of the one whose workers collect statistics; None for this one.
    """
    there = machine_for(machine)
    parent = ready_project(workspace, project_id)
    stored = load_stored(model_of(parent))
    job = quantize_job(stored, calibration, plan, evaluated_on, parent.dataset, parent.name, there)
    method = f"INT8 {plan.preset}" if plan.accuracy is None else "INT8 accuracy-aware"
    name = free_name(workspace, plan.name or method, parent.id)
    child_id = workspace.begin_optimized(parent, name, plan.target)

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
        job=job,
        destination=workspace.new_folder("model"),
        project_id=child_id,
        finish=finish,
        abandon=abandon,
        makes="optimized model",
    )
