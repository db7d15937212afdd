"""The commands ``optimize`` and ``plan``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.arguments import add_model_and_dataset
from core.cli.command import Command, RunJob
from core.cli.imported import imported
from core.cli.plan_arguments import add_accuracy_arguments, add_plan_arguments, plan_from
from core.cli.rendering import Rendered
from core.cli.search import (
    Searched,
    add_search_arguments,
    plain_search,
    refuse_search_arguments,
    render_search,
    search_into,
    settings_from,
)
from core.cli.workspaces import add_machine_choice
from core.errors import InputError
from core.folders import appearing
from core.importing.cache import leave_made
from core.jobs.job import read_result, take_result
from core.machines.machine import Machine
from core.machines.service import machine_for
from core.models.info import size_change
from core.models.plan import QuantizationPlan
from core.models.stored import StoredModel
from core.optimize.job import OperationsJob, QuantizeResult
from core.optimize.operations import OperationList
from core.optimize.plans import read_plan, save_plan
from core.optimize.service import quantize_job, require_inputs
from core.refusals import require_file, require_folder
from core.search.resuming import require_startable
from core.sizes import megabytes
from core.text import counted
from core.values import Plain, to_plain
from core.wording.optimize import outcome_sentence
from core.wording.plan_choices import PARTS
from core.wording.plans import differences


@dataclass(frozen=True)
class Optimized:
    """An optimized model, the plan that was asked for, and the folder that it is in."""

    result: QuantizeResult
    plan: QuantizationPlan
    folder: Path

    @property
    def model(self) -> Path:
        """Its IR."""
        return self.folder / self.result.model

    @property
    def sentence(self) -> str:
        """What was kept of the accuracy, where that was asked for."""
        return outcome_sentence(self.result.outcome) if self.result.outcome else ""


def _add_optimize_arguments(sub: argparse.ArgumentParser) -> None:
    add_model_and_dataset(sub)
    sub.add_argument("--output", type=Path, required=True, metavar="DIR", help="output folder")
    add_machine_choice(sub, "collect statistics, and make a search's plans,")
    add_plan_arguments(sub)
    add_accuracy_arguments(sub)
    add_search_arguments(sub)


def _optimize(run: RunJob, options: argparse.Namespace) -> Optimized | Searched:
    plan = plan_from(options)
    if options.search and plan.accuracy is not None:
        raise InputError(
            "A search does without the method Accuracy-aware, and so without its options.",
            "Say what may be lost by --max-loss, and its time by --budget-minutes.",
        )
    settings = settings_from(options, plan) if options.search else None
    require_folder(options.output)
    machine = machine_for(options.machine)
    if settings is None:
        refuse_search_arguments(options)
        require_inputs(plan, options.dataset, options.evaluate_on, machine)
    else:
        require_startable(options.output, options.resume)
    with imported(run, options.model, options.dataset) as stored:
        if settings is not None:
            return search_into(run, stored, options, settings, machine)
        return optimize_stored(
            run, stored, options.dataset, options.output, plan, options.evaluate_on, machine
        )


def optimize_stored(
    run: RunJob,
    stored: StoredModel,
    dataset: Path,
    output: Path,
    plan: QuantizationPlan,
    evaluated_on: Path | None = None,
    machine: Machine | None = None,
) -> Optimized:
    """An INT8 model of a stored one, in the folder `output`."""
    with appearing(output) as work:
        run(quantize_job(stored, dataset, plan, evaluated_on, machine=machine), work)
        result = take_result(work, QuantizeResult)
        leave_made(work / result.model)
    return Optimized(result, plan, output)


def _render(done: Optimized | Searched) -> Rendered:
    return render_search(done) if isinstance(done, Searched) else render_optimized(done)


def render_optimized(done: Optimized) -> str:
    """The model in a sentence, and what was kept of the accuracy in another."""
    result = done.result
    parts = (
        f"{done.model}: {megabytes(result.size_bytes)}, "
        f"{size_change(result.parent_size_bytes, result.size_bytes)} than its parent, "
        f"calibrated on {counted(result.images_used, 'image')}."
    )
    return f"{parts}\n{done.sentence}" if done.sentence else parts


def _plain(done: Optimized | Searched) -> Plain:
    return plain_search(done) if isinstance(done, Searched) else plain_optimized(done)


def plain_optimized(done: Optimized) -> Plain:
    """The result, with what was asked for."""
    result, plan = done.result, done.plan
    return {
        **to_plain(result),
        "preset": plan.preset,
        "subset_size": plan.subset_size,
        "seed": plan.seed,
        "sentence": done.sentence,
        "model": str(done.model),
        "size_ratio": result.parent_size_bytes / result.size_bytes,
    }


@dataclass(frozen=True)
class DescribedPlan:
    """A plan, the one it is compared with, its ignored scope in a model, and where it is saved."""

    plan: QuantizationPlan
    other: QuantizationPlan
    operations: OperationList | None
    output: Path | None


def _add_described_plan(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "model",
        type=Path,
        nargs="?",
        help="list the operations that the plan ignores in this model",
    )
    add_plan_arguments(sub)
    add_accuracy_arguments(sub)
    sub.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="compare with this plan, not with the default one",
    )
    sub.add_argument("--output", type=Path, metavar="FILE", help="save the plan as JSON")


def _describe(run: RunJob, options: argparse.Namespace) -> DescribedPlan:
    output: Path | None = options.output
    if output is not None:
        require_file(output, options.model)
    plan = plan_from(options)
    other = read_plan(options.against) if options.against else QuantizationPlan()
    operations = None
    if options.model is not None:
        with imported(run, options.model) as stored:
            job = OperationsJob(model=stored.xml, plan=plan)
            operations = read_result(run(job, stored.xml.parent / "operations"), OperationList)
    if output is not None:
        save_plan(plan, output)
    return DescribedPlan(plan, other, operations, output)


def _render_plan(done: DescribedPlan) -> str:
    """The differences, a line each, and the parts of the model."""
    lines = [
        f"{one.title}: {one.value} (instead of: {one.other})"
        for one in differences(done.plan, done.other)
    ] or ["No difference."]
    if done.operations is None:
        return "\n".join(lines)
    for part, names in done.operations.parts.items():
        title, meaning = PARTS[part]
        lines.append(f"{title}: {meaning}: {counted(len(names), 'operation')} ({part})")
    ignored, all_of_them = len(done.operations.ignored), len(done.operations.operations)
    are, they = ("is", "it stays") if ignored == 1 else ("are", "they stay")
    of_all = counted(all_of_them, "operation")
    lines.append(f"{ignored:,} of {of_all} {are} ignored: {they} in float.")
    return "\n".join(lines)


def _plain_plan(done: DescribedPlan) -> Plain:
    return {
        "plan": to_plain(done.plan),
        "differences": to_plain(differences(done.plan, done.other)),
        "output": str(done.output) if done.output else None,
        **(to_plain(done.operations) if done.operations is not None else {}),
    }


OPTIMIZE = Command(
    _add_optimize_arguments,
    _optimize,
    _render,
    "optimize model.xml calibration --output int8 --preset mixed",
    _plain,
    shown_by=(),  # mostly a sentence
)
PLAN = Command(
    _add_described_plan,
    _describe,
    _render_plan,
    "plan model.xml --ignore-part head --output plan.json",
    _plain_plan,
)
