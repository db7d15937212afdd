"""The terminal's flags of a plan, and a plan looked at."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec

from core.errors import InputError, WorkbenchError
from core.jobs.job import RESULT_FILE, Job
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
from core.optimize.job import OperationsJob
from core.optimize.limits import require_valid
from core.optimize.operations import OperationList
from core.values import read_json, to_plain, write_json
from core.wording.optimize import (
    METRIC_WORDS,
    PARTS,
    differences,
)


def add_plan_arguments(sub: argparse.ArgumentParser) -> None:
    """Every part of a plan; what is not given is as in the plan file, or NNCF's default."""
    sub.add_argument(
        "--plan", type=Path, metavar="FILE", help="to start from: its JSON, or a model made with it"
    )
    sub.add_argument("--plan-name", metavar="NAME", help="what you call it")
    sub.add_argument("--preset", choices=get_args(Preset), help="default performance")
    sub.add_argument("--subset-size", type=int, metavar="N", help=f"default {DEFAULT_SUBSET}")
    sub.add_argument("--seed", type=int, metavar="N", help="of the choice of images, default 0")
    sub.add_argument("--target-device", choices=get_args(TargetDevice), help="default any")
    sub.add_argument("--model-type", choices=get_args(ModelType))
    sub.add_argument("--bias-correction", choices=get_args(BiasCorrection), help="default fast")
    sub.add_argument("--activation-range", choices=get_args(RangeEstimator))
    sub.add_argument("--weight-range", choices=get_args(RangeEstimator))
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


def add_accuracy_arguments(sub: argparse.ArgumentParser) -> None:
    """The method, and what it keeps to."""
    usual = AccuracyTarget()
    aware = sub.add_argument_group("method accuracy-aware (any of these but the first asks for it)")
    aware.add_argument("--method", choices=("default", "accuracy-aware"))
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


def plan_from(options: argparse.Namespace) -> QuantizationPlan:
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


def add_described_plan(sub: argparse.ArgumentParser) -> None:
    """A plan that is only looked at, or saved."""
    sub.add_argument("model", type=Path, nargs="?", help="whose operations to list")
    add_plan_arguments(sub)
    add_accuracy_arguments(sub)
    sub.add_argument("--against", type=Path, metavar="FILE", help="another plan, not the default")
    sub.add_argument("--output", type=Path, metavar="FILE", help="save it there")


def describe_plan(
    run: Callable[[Job, Path], Path],
    model: StoredModel | None,
    options: argparse.Namespace,
) -> dict[str, Any]:
    """The plan, how it differs, and its ignored scope in `model`."""
    plan = plan_from(options)
    other = read_plan(options.against) if options.against else QuantizationPlan()
    listed = OperationList(operations=(), parts={})
    if model is not None:
        request = OperationsJob(model=model.xml, plan=plan)
        folder = run(request, model.xml.parent / "operations")
        listed = read_json(folder / RESULT_FILE, OperationList)
    if options.output is not None:
        if options.output.is_dir():
            raise InputError(f"{options.output} is a folder.", "Name a file for --output.")
        options.output.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.output, plan)
    return {
        "plan": to_plain(plan),
        "differences": to_plain(differences(plan, other)),
        "output": str(options.output) if options.output else None,
        **(to_plain(listed) if model is not None else {}),
    }


def render_plan(result: dict[str, Any]) -> str:
    """The differences, a line each, and the parts of the model."""
    lines = [
        f"{one['title']}: {one['value']} (instead of: {one['other']})"
        for one in result["differences"]
    ] or ["No difference."]
    for part, names in result.get("parts", {}).items():
        title, meaning = PARTS[part]
        lines.append(f"{title}: {meaning}: {len(names)} operations ({part})")
    if "ignored" in result:
        lines.append(
            f"{len(result['ignored'])} of {len(result['operations'])} operations are ignored: they "
            "stay in float."
        )
    return "\n".join(lines)


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


def render_optimize(result: dict[str, Any]) -> str:
    """The model in a sentence, and what was kept of the accuracy in another."""
    parts = (
        f"{result['model']}: {result['size_bytes'] / 1e6:.2f} MB, "
        f"{size_change(result['parent_size_bytes'], result['size_bytes'])} than its parent, "
        f"calibrated on {result['images_used']} images."
    )
    return f"{parts}\n{result['sentence']}" if result["sentence"] else parts


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values is not None else None


def _subgraphs(pairs: list[list[str]] | None) -> tuple[Subgraph, ...] | None:
    if pairs is None:
        return None
    return tuple(Subgraph(inputs=(first,), outputs=(last,)) for first, last in pairs)
