"""Arguments of the commands on reports: thresholds, ranges of a filter, classes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from core.cli.arguments import filled, positive_int, share
from core.cli.run_arguments import against_from
from core.errors import InputError
from core.machines.machine import THIS
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds, VerdictLimits
from core.reports.filters import COUNTS, RATIOS, Range
from core.reports.kind import Option, ReportKind, ReportOptions
from core.reports.kinds import KINDS, thresholds_seen

_USUAL = ReportOptions()
_LIMITS = VerdictLimits.__struct_fields__


def mapped_class(text: str) -> tuple[str, str | None]:
    """``car=vehicle``: a class of the dataset, and the model's class, None for none."""
    dataset_class, equals, model_class = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not CLASS=MODEL_CLASS")
    return dataset_class.strip(), model_class.strip() or None


def filter_range(text: str) -> tuple[str, Range]:
    """``missed:1:``: a column, its lowest and its highest value, None for an open end."""
    column, *ends = text.split(":")
    if column not in COUNTS + RATIOS or len(ends) != 2:
        raise argparse.ArgumentTypeError(f"{text} is not COLUMN:LOWEST:HIGHEST")
    lowest, highest = (float(end) if end else None for end in ends)
    if not all(end is None or isfinite(end) for end in (lowest, highest)):
        raise argparse.ArgumentTypeError(f"{text} has an end that is not a number")
    return column, (lowest, highest)


def add_thresholds(sub: argparse.ArgumentParser) -> None:
    """All of them; what is not given stays as it is."""
    group = sub.add_argument_group("thresholds: what counts as a match, and as safe")
    for name, (kind, letter, help_text) in _THRESHOLDS.items():
        group.add_argument(_flag(name), type=kind, metavar=letter, help=help_text)


_THRESHOLDS: dict[str, tuple[Callable[[str], float], str, str]] = {
    "score": (share, "S", "score threshold"),
    "optimized_score": (share, "S", "score threshold of the optimized model, where it has its own"),
    "iou": (share, "T", "IoU threshold of a match"),
    "per_class_limit": (positive_int, "N", "maximum detections per image and class"),
    "shifted_iou": (share, "T", "a match below this IoU is shifted"),
    "score_drift": (share, "S", "a larger difference of scores is a score drift"),
    "safe_kept": (share, "S", "verdict safe: at least this share of the accuracy kept"),
    "not_safe_kept": (share, "S", "verdict not safe: less than this share kept"),
    "most_changed": (share, "S", "verdict safe: at most this share of predictions changed"),
}


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


_FLAGS: dict[Option, dict[str, str]] = {
    "mapping": {"mapping": "--map"},
    "images": {"images": "--images"},
    "seed": {"seed": "--seed"},
    "fresh": {"machine": "--machine"},  # it takes what is stored, and so what others make
    "run_on": {"run_on": "--run-on"},
    "thresholds": {name: _flag(name) for name in _THRESHOLDS},
}


def refuse_unused(kind: ReportKind[Any], options: argparse.Namespace) -> None:
    """Raises InputError where an argument was given that a report of this kind has no use for."""
    for option, flags in _FLAGS.items():
        asked = {flag: getattr(options, name) for name, flag in flags.items()}
        given = [flag for flag, value in asked.items() if value not in (None, [], THIS)]
        if given and option not in kind.options:
            able = " or ".join(one.id for one in KINDS if option in one.options)
            raise InputError(
                f"A report of the kind {kind.id} does not use {given[0]}.",
                f"Leave it out, or choose --kind {able}.",
            )


def thresholds_of(report: Path, options: argparse.Namespace) -> Thresholds | None:
    """Those it was last looked at with, and what the arguments change; None if it has none."""
    seen = thresholds_seen(report)
    return None if seen is None else thresholds_from(options, seen)


def thresholds_from(options: argparse.Namespace, usual: Thresholds) -> Thresholds:
    """`usual`, with what the arguments change."""
    given = {name: value for name, value in vars(options).items() if value is not None}
    limits = {name: given[name] for name in _LIMITS if name in given}
    changes = {name: given[name] for name in Thresholds.__struct_fields__ if name in given}
    if "optimized_score" in given:
        changes["optimized_scores"] = ScoreThresholds(score=given["optimized_score"])
    try:
        own = replace(usual.limits, **limits)
    except ValueError as error:
        raise InputError(
            f"No model can be judged so: {error}.",
            "Choose --safe-kept above --not-safe-kept.",
        ) from error
    return replace(usual, **changes, limits=own)


def report_options(options: argparse.Namespace) -> ReportOptions:
    """What is asked of the report."""
    return filled(
        ReportOptions,
        options,
        thresholds=thresholds_from(options, Thresholds()),
        mapping=dict(options.mapping),
        images=_USUAL.images if options.images is None else options.images,
        seed=_USUAL.seed if options.seed is None else options.seed,
        against=against_from(options),
    )
