"""Flags of a quantization plan; a field that has choices or limits gets its flag from them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

import msgspec

from core.cli.arguments import number
from core.errors import InputError
from core.models.input_size import input_size
from core.models.plan import (
    USUAL_DROP,
    AccuracyTarget,
    Part,
    QuantizationPlan,
    Subgraph,
)
from core.optimize.limits import PLAN_LIMITS, require_valid
from core.optimize.plans import accuracy_target, read_plan
from core.wording.plan_choices import CHOICES, MEANINGS, METRIC_WORDS, PLAN_CHOICES

_USUAL_PLAN, _USUAL_TARGET = QuantizationPlan(), AccuracyTarget()


def add_plan_arguments(sub: argparse.ArgumentParser) -> None:
    """Every field of a plan; what is not given is as in the plan file, or NNCF's default."""
    plan = sub.add_argument_group("quantization plan (NNCF defaults unless given)")
    plan.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="start from this plan: its JSON, or a model made with it",
    )
    plan.add_argument("--plan-name", metavar="NAME", help="what the plan is called in lists")
    for field in PLAN_LIMITS:
        usual = getattr(_USUAL_PLAN, field)
        meaning = f"{MEANINGS[field]} (default: {usual})"
        plan.add_argument(_flag(field), type=int, metavar="N", help=meaning)
    for field in PLAN_CHOICES:
        usual = getattr(_USUAL_PLAN, field)
        values = [choice.value for choice in CHOICES[field]]
        meaning = f"{MEANINGS[field]} (default: {usual})"
        plan.add_argument(_flag(field), choices=values, help=meaning)
    plan.add_argument(
        "--input-size",
        metavar="WIDTHxHEIGHT",
        help="bring the network to this input size first, such as 320x320 (default: its own)",
    )
    _add_scope(sub)


def _add_scope(sub: argparse.ArgumentParser) -> None:
    scope = sub.add_argument_group("ignored scope: kept in float (options can be repeated)")
    scope.add_argument(
        "--ignore-part",
        action="append",
        choices=get_args(Part),
        help="a part of the detector, found by its structure",
    )
    scope.add_argument(
        "--ignore-name", action="append", metavar="NAME", help="an operation, by its name"
    )
    scope.add_argument(
        "--ignore-pattern",
        action="append",
        metavar="REGEX",
        help="operations whose names begin like this",
    )
    scope.add_argument(
        "--ignore-type", action="append", metavar="TYPE", help="an operation type, such as Multiply"
    )
    scope.add_argument(
        "--ignore-subgraph",
        action="append",
        nargs=2,
        metavar=("FIRST", "LAST"),
        help="all operations on the paths from FIRST to LAST",
    )


def add_accuracy_arguments(sub: argparse.ArgumentParser) -> None:
    """The method, and what it keeps to.

    Length: a table of flags, each with its help.
    """
    usual = _USUAL_TARGET
    drops = (f"{drop:g} of {METRIC_WORDS[metric]}" for metric, drop in USUAL_DROP.items())
    usual_drops = ", ".join(drops)
    aware = sub.add_argument_group("accuracy-aware quantization (implied by any of these options)")
    aware.add_argument(
        "--method",
        choices=("default", "accuracy-aware"),
        help="quantization method (default: default)",
    )
    aware.add_argument(
        "--metric",
        choices=_dashed("metric"),
        help="what must not drop (default: accuracy kept, which needs no annotations)",
    )
    aware.add_argument(
        "--max-drop", type=number, metavar="D", help=f"maximum drop (default: {usual_drops})"
    )
    aware.add_argument(
        "--evaluate-on",
        type=Path,
        metavar="DATASET",
        help="images to evaluate on (default: held-out calibration images)",
    )
    aware.add_argument(
        "--evaluate-images",
        type=int,
        metavar="N",
        help=f"number of evaluation images (default: {usual.images})",
    )
    aware.add_argument(
        "--minutes",
        type=number,
        metavar="M",
        help=f"time limit in minutes (default: {usual.minutes:g})",
    )
    aware.add_argument(
        "--choose-by",
        choices=_dashed("choosing"),
        help="how layers are chosen (default: tensor-distance; nncf: its accuracy control)",
    )
    aware.add_argument(
        "--attempts",
        type=int,
        metavar="N",
        help=f"maximum number of attempts (default: {usual.attempts})",
    )


def plan_from(options: argparse.Namespace) -> QuantizationPlan:
    """The plan that was asked for; raises InputError where it makes no sense."""
    plan = read_plan(options.plan) if options.plan else QuantizationPlan()
    given = {
        "name": options.plan_name,
        **{field: getattr(options, field) for field in (*PLAN_LIMITS, *PLAN_CHOICES)},
        "ignored_parts": _tuple(options.ignore_part),
        "ignored_names": _tuple(options.ignore_name),
        "ignored_patterns": _tuple(options.ignore_pattern),
        "ignored_types": _tuple(options.ignore_type),
        "ignored_subgraphs": _subgraphs(options.ignore_subgraph),
        "input_size": input_size(options.input_size) if options.input_size else None,
    }
    plan = msgspec.structs.replace(plan, **_chosen(given))
    plan = msgspec.structs.replace(plan, accuracy=_target(options, plan.accuracy))
    require_valid(plan)
    return plan


def _target(options: argparse.Namespace, planned: AccuracyTarget | None) -> AccuracyTarget | None:
    chosen = _chosen(
        {
            "metric": options.metric and options.metric.replace("-", "_"),
            "max_drop": options.max_drop,
            "images": options.evaluate_images,
            "minutes": options.minutes,
            "attempts": options.attempts,
            "choosing": options.choose_by and options.choose_by.replace("-", "_"),
        }
    )
    asked = bool(chosen) or options.evaluate_on is not None
    if options.method == "default":
        if asked:
            raise InputError(
                "The method 'default' has no accuracy target.", "Use --method accuracy-aware."
            )
        return None
    if not asked and options.method is None:
        return planned
    return accuracy_target(planned, **chosen)


def _flag(field: str) -> str:
    return f"--{field.replace('_', '-')}"


def _dashed(field: str) -> list[str]:
    return [choice.value.replace("_", "-") for choice in CHOICES[field]]


def _chosen(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values is not None else None


def _subgraphs(pairs: list[list[str]] | None) -> tuple[Subgraph, ...] | None:
    if pairs is None:
        return None
    return tuple(Subgraph(inputs=(first,), outputs=(last,)) for first, last in pairs)
