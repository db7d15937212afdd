"""The commands ``optimize`` and ``plan``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import msgspec

from core.cli.arguments import add_model_and_dataset, require_folder
from core.cli.command import Command, RunJob
from core.cli.imported import imported
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
from core.datasets.source import DatasetSource, require_dataset
from core.errors import InputError, WorkbenchError
from core.jobs.job import RESULT_FILE, read_result
from core.models.info import size_change
from core.models.plan import (
    DEFAULT_SUBSET,
    USUAL_DROP,
    AccuracyTarget,
    BiasCorrection,
    Choosing,
    Metric,
    ModelType,
    Part,
    Preset,
    QuantizationPlan,
    RangeEstimator,
    Subgraph,
    TargetDevice,
)
from core.models.stored import CARD_SUFFIX, ModelCard, StoredModel
from core.optimize.job import OperationsJob, QuantizeJob, QuantizeResult
from core.optimize.limits import require_valid
from core.optimize.operations import OperationList
from core.values import Plain, read_json, to_plain, write_json
from core.wording.optimize import (
    METRIC_WORDS,
    PARTS,
    differences,
    outcome_sentence,
)


def _add_plan_arguments(sub: argparse.ArgumentParser) -> None:
    """Every part of a plan; what is not given is as in the plan file, or NNCF's default."""
    sub.add_argument(
        "--plan", type=Path, metavar="FILE", help="to start from: its JSON, or a model made with it"
    )
    sub.add_argument("--plan-name", metavar="NAME", help="what you call it")
    sub.add_argument("--preset", choices=get_args(Preset), help="default performance")
    sub.add_argument("--subset-size", type=int, metavar="N", help=f"default {DEFAULT_SUBSET}")
    sub.add_argument("--seed", type=int, metavar="N", help="of the choice of images, default 0")
    sub.add_argument("--target-device", choices=get_args(TargetDevice), help="default any")
    sub.add_argument("--model-type", choices=get_args(ModelType), help="default default")
    sub.add_argument("--bias-correction", choices=get_args(BiasCorrection), help="default fast")
    sub.add_argument("--activation-range", choices=get_args(RangeEstimator), help="how it is told")
    sub.add_argument("--weight-range", choices=get_args(RangeEstimator), help="how it is told")
    scope = sub.add_argument_group("ignored scope, kept in float (each may be given several times)")
    scope.add_argument(
        "--ignore-part", action="append", choices=get_args(Part), help="found by structure"
    )
    scope.add_argument("--ignore-name", action="append", metavar="NAME", help="an operation")
    scope.add_argument(
        "--ignore-pattern", action="append", metavar="REGEX", help="names that begin like this"
    )
    scope.add_argument("--ignore-type", action="append", metavar="TYPE", help="such as Multiply")
    scope.add_argument(
        "--ignore-subgraph",
        action="append",
        nargs=2,
        metavar=("FIRST", "LAST"),
        help="all operations on the way from one to another",
    )


def _add_accuracy_arguments(sub: argparse.ArgumentParser) -> None:
    """The method, and what it keeps to."""
    usual = AccuracyTarget()
    aware = sub.add_argument_group("method accuracy-aware (any of these but the first asks for it)")
    aware.add_argument("--method", choices=("default", "accuracy-aware"), help="default default")
    aware.add_argument(
        "--metric",
        choices=[metric.replace("_", "-") for metric in get_args(Metric)],
        help="default agreement (with the parent, needs no annotations)",
    )
    aware.add_argument(
        "--max-drop", type=float, metavar="D", help="default "
        + ", ".join(f"{drop:g} of {METRIC_WORDS[metric]}" for metric, drop in USUAL_DROP.items()),
    )  # fmt: skip
    aware.add_argument(
        "--evaluate-on",
        type=Path,
        metavar="DATASET",
        help="default held-out images of the calibration dataset",
    )
    aware.add_argument("--evaluate-images", type=int, metavar="N", help=f"default {usual.images}")
    aware.add_argument("--minutes", type=float, metavar="M", help=f"default {usual.minutes:g}")
    aware.add_argument(
        "--choose-by",
        choices=[choosing.replace("_", "-") for choosing in get_args(Choosing)],
        help="default tensor-distance; nncf: its accuracy control, which is slow",
    )
    aware.add_argument("--attempts", type=int, metavar="N", help=f"default {usual.attempts}")


def _plan_from(options: argparse.Namespace) -> QuantizationPlan:
    """The plan that was asked for; raises InputError where it makes no sense."""
    plan = read_plan(options.plan) if options.plan else QuantizationPlan()
    given = {
        "name": options.plan_name,
        "preset": options.preset,
        "subset_size": options.subset_size,
        "seed": options.seed,
        "target_device": options.target_device,
        "model_type": options.model_type,
        "bias_correction": options.bias_correction,
        "activation_range": options.activation_range,
        "weight_range": options.weight_range,
        "ignored_parts": _tuple(options.ignore_part),
        "ignored_names": _tuple(options.ignore_name),
        "ignored_patterns": _tuple(options.ignore_pattern),
        "ignored_types": _tuple(options.ignore_type),
        "ignored_subgraphs": _subgraphs(options.ignore_subgraph),
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    plan = msgspec.structs.replace(plan, **chosen)
    plan = msgspec.structs.replace(plan, accuracy=_target(options, plan.accuracy))
    require_valid(plan)
    return plan


def _target(options: argparse.Namespace, planned: AccuracyTarget | None) -> AccuracyTarget | None:
    given: dict[str, Any] = {
        "metric": options.metric and options.metric.replace("-", "_"),
        "max_drop": options.max_drop,
        "images": options.evaluate_images,
        "minutes": options.minutes,
        "attempts": options.attempts,
        "choosing": options.choose_by and options.choose_by.replace("-", "_"),
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    asked = bool(chosen) or options.evaluate_on is not None
    if options.method == "default":
        if asked:
            raise InputError(
                "The method default keeps to no accuracy.", "Use --method accuracy-aware."
            )
        return None
    if not asked and options.method is None:
        return planned
    planned = planned or AccuracyTarget()
    if "metric" in chosen:
        chosen.setdefault("max_drop", USUAL_DROP[chosen["metric"]])
    return msgspec.structs.replace(planned, **chosen)


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
    sub.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="a folder, for the model"
    )
    _add_plan_arguments(sub)
    _add_accuracy_arguments(sub)
    add_search_arguments(sub)


def _optimize(run: RunJob, options: argparse.Namespace) -> Optimized | Searched:
    plan = _plan_from(options)
    if options.search and plan.accuracy is not None:
        raise InputError(
            "A search has its own limit of what may be lost.",
            "Use --search with --max-loss instead.",
        )
    settings = settings_from(options, plan) if options.search else None
    if settings is None:
        refuse_search_arguments(options)
    require_dataset(options.dataset)
    if options.evaluate_on is not None:
        require_dataset(options.evaluate_on)
    require_folder(options.output)
    with imported(run, options.model, options.dataset) as stored:
        if settings is not None:
            return search_into(run, stored, options, settings)
        return optimize_stored(
            run, stored, options.dataset, options.output, plan, options.evaluate_on
        )


def optimize_stored(
    run: RunJob,
    stored: StoredModel,
    dataset: Path,
    output: Path,
    plan: QuantizationPlan,
    evaluated_on: Path | None = None,
) -> Optimized:
    """An INT8 model of a stored one, in the folder `output`."""
    job = QuantizeJob(
        model=stored.xml,
        dataset=DatasetSource(path=dataset, role="calibration"),
        plan=plan,
        name=f"{stored.card.name}-int8",
        evaluated_on=DatasetSource(path=evaluated_on) if evaluated_on else None,
    )
    folder = run(job, output)
    result = read_result(folder, QuantizeResult)
    (folder / RESULT_FILE).unlink()  # the model's card says the same
    return Optimized(result, plan, folder)


def _render(done: Optimized | Searched) -> Rendered:
    return render_search(done) if isinstance(done, Searched) else render_optimized(done)


def render_optimized(done: Optimized) -> str:
    """The model in a sentence, and what was kept of the accuracy in another."""
    result = done.result
    parts = (
        f"{done.model}: {result.size_bytes / 1e6:.2f} MB, "
        f"{size_change(result.parent_size_bytes, result.size_bytes)} than its parent, "
        f"calibrated on {result.images_used} images."
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
    sub.add_argument("model", type=Path, nargs="?", help="whose operations to list")
    _add_plan_arguments(sub)
    _add_accuracy_arguments(sub)
    sub.add_argument("--against", type=Path, metavar="FILE", help="another plan, not the default")
    sub.add_argument("--output", type=Path, metavar="FILE", help="save it there")


def _describe(run: RunJob, options: argparse.Namespace) -> DescribedPlan:
    output: Path | None = options.output
    if output is not None and output.is_dir():
        raise InputError(f"{output} is a folder.", "Name a file for --output.")
    plan = _plan_from(options)
    other = read_plan(options.against) if options.against else QuantizationPlan()
    operations = None
    if options.model is not None:
        with imported(run, options.model) as stored:
            job = OperationsJob(model=stored.xml, plan=plan)
            operations = read_result(run(job, stored.xml.parent / "operations"), OperationList)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_json(output, plan)
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
        lines.append(f"{title}: {meaning}: {len(names)} operations ({part})")
    ignored, all_of_them = len(done.operations.ignored), len(done.operations.operations)
    lines.append(f"{ignored} of {all_of_them} operations are ignored: they stay in float.")
    return "\n".join(lines)


def _plain_plan(done: DescribedPlan) -> Plain:
    return {
        "plan": to_plain(done.plan),
        "differences": to_plain(differences(done.plan, done.other)),
        "output": str(done.output) if done.output else None,
        **(to_plain(done.operations) if done.operations is not None else {}),
    }


def read_plan(path: Path) -> QuantizationPlan:
    """The plan in a JSON file, or the one that a stored model (``.xml``) was made with."""
    if path.suffix == ".xml":
        path = path.with_suffix(CARD_SUFFIX)
    if not path.is_file():
        raise InputError(
            f"There is no file {path}.",
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


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values is not None else None


def _subgraphs(pairs: list[list[str]] | None) -> tuple[Subgraph, ...] | None:
    if pairs is None:
        return None
    return tuple(Subgraph(inputs=(first,), outputs=(last,)) for first, last in pairs)


OPTIMIZE = Command(
    _add_optimize_arguments,
    _optimize,
    _render,
    "optimize model.xml calibration --output int8 --preset mixed",
    _plain,
)
PLAN = Command(
    _add_described_plan,
    _describe,
    _render_plan,
    "plan model.xml --ignore-part head --output plan.json",
    _plain_plan,
)
