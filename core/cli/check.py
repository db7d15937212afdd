"""The command ``check``: limits for a build."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from msgspec.structs import replace

from core.check.deciding import State
from core.check.job import CheckResult
from core.check.limits import KINDS, CheckLimits, LimitName, limits_from, read_limits
from core.check.service import check_job, require_limits, target_for
from core.check.settings import CheckSettings
from core.cli.arguments import number, seconds, share
from core.cli.command import DONE, LIMIT_MISSED, UNDECIDED, Command, RunJob
from core.cli.imported import imported
from core.cli.rendering import Rendered, Table, rendered
from core.cli.report_arguments import mapped_class
from core.cli.run_arguments import add_run_arguments, asked_settings, refuse_other_sums
from core.datasets.source import require_dataset
from core.errors import InputError
from core.folders import temporary_folder
from core.inference.settings import AS_IT_RUNS
from core.jobs.job import read_result
from core.metrics.matching.thresholds import Thresholds
from core.models.plan import Target
from core.refusals import require_file
from core.values import Plain, to_plain, write_all_whole
from core.wording.check import (
    decision_sentence,
    decision_table,
    doubt_sentence,
    how_sentences,
    summary_sentence,
)

STATUSES: dict[State, int] = {"passed": DONE, "failed": LIMIT_MISSED, "undecided": UNDECIDED}
_USUAL = CheckSettings()
_HELP = {
    "accuracy_kept": "minimum share of the parent's mAP kept; estimated without annotations",
    "ap_drop": "maximum drop of COCO AP, by the annotations; 0.01 is one point",
    "predictions_changed": "maximum share of detections changed",
    "throughput_ratio": "minimum throughput, as a multiple of the parent's",
    "latency_ms": "maximum latency in milliseconds, the median of single inferences",
    "size_mb": "maximum size in megabytes",
    "size_share": "maximum size, as a share of the parent's",
}


_ABOUT: dict[str, tuple[str, tuple[LimitName, ...]]] = {
    "mapping": ("--map", ("accuracy_kept", "ap_drop")),
    "score": ("--score", ("predictions_changed",)),
    "seconds": ("--seconds", ("throughput_ratio", "latency_ms")),
}
"""Arguments that say how some figures are measured: without a limit for one they say nothing."""


@dataclass(frozen=True)
class Checked:
    """What a check found, and where it was written to."""

    result: CheckResult
    files: tuple[Path, ...]


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("parent", type=Path, help="the model before optimization")
    sub.add_argument("optimized", type=Path, help="the model made from it")
    sub.add_argument("dataset", type=Path, help="a folder or archive of images")
    limits = sub.add_argument_group("limits", "those given here replace those of the file")
    limits.add_argument("--limits", type=Path, metavar="FILE", help="a TOML file of limits")
    for name, text in _HELP.items():
        limits.add_argument(
            f"--{name.replace('_', '-')}", type=number, metavar="LIMIT", dest=name, help=text
        )
    _add_settings(sub)
    files = sub.add_argument_group("files for the build")
    files.add_argument("--junit", type=Path, metavar="FILE", help="the limits as test cases")
    files.add_argument(
        "--markdown", type=Path, metavar="FILE", help="a summary to show beside the build"
    )


def _add_settings(sub: argparse.ArgumentParser) -> None:
    how = sub.add_argument_group("how it is measured")
    add_run_arguments(how, "of the optimized model, and for speed")
    how.add_argument(
        "--target", choices=get_args(Target), metavar="TARGET",
        help="where the model is to run; accuracy is judged as that target computes: "
        f"{', '.join(get_args(Target))} (default: that of the limits or of the model's plan)",
    )  # fmt: skip
    how.add_argument(
        "--score", type=share, metavar="S",
        help=f"changed predictions: score threshold (default: {_USUAL.thresholds.score:g})",
    )  # fmt: skip
    how.add_argument(
        "--map", type=mapped_class, action="append", default=[], metavar="CLASS=MODEL_CLASS",
        dest="mapping", help="map a class of the dataset to one of the model; empty: ignore it",
    )  # fmt: skip
    how.add_argument(
        "--seconds", type=seconds, metavar="S",
        help=f"time of all speed measurements together (default: {_USUAL.seconds:g})",
    )  # fmt: skip


def _check(run: RunJob, options: argparse.Namespace) -> Checked:
    limits = _limits(options)
    _refuse_unused(limits, options)
    require_dataset(options.dataset)
    read = (options.parent, options.optimized, options.limits)
    for file, other in ((options.junit, options.markdown), (options.markdown, options.junit)):
        if file is not None:
            require_file(file, *read, other)
    asked = asked_settings(options)
    measured = asked or AS_IT_RUNS
    refuse_other_sums(options.target or limits.target, measured.int8)
    settings = CheckSettings(
        run=asked,
        thresholds=_USUAL.thresholds if options.score is None else Thresholds(score=options.score),
        mapping=dict(options.mapping),
        device=measured.device,
        precision_hint=measured.precision_hint,
        seconds=_USUAL.seconds if options.seconds is None else options.seconds,
    )
    with temporary_folder() as folder, imported(run, options.optimized) as optimized:
        target = target_for(options.target, limits, optimized)
        refuse_other_sums(target, measured.int8, by_plan=True)
        with imported(run, options.parent, options.dataset) as parent:
            settings = replace(settings, target=target)
            job = check_job(parent, optimized, options.dataset, limits, settings)
            result = read_result(run(job, folder / "check"), CheckResult)
    return Checked(result, _write(result, options))


def _limits(options: argparse.Namespace) -> CheckLimits:
    """Those of the file, and those that stand beside it; raises InputError without any."""
    limits = CheckLimits() if options.limits is None else read_limits(options.limits)
    given = {name: getattr(options, name) for name in KINDS}
    typed = {name: value for name, value in given.items() if value is not None}
    together = replace(limits_from({**limits.given, **typed}), target=limits.target)
    require_limits(together)
    return together


def _refuse_unused(limits: CheckLimits, options: argparse.Namespace) -> None:
    """Raises InputError where an argument is about figures that no limit is set for."""
    for name, (flag, about) in _ABOUT.items():
        if getattr(options, name) not in (None, []) and not limits.given.keys() & set(about):
            raise InputError(
                f"{flag} is of no use without a limit for {' or '.join(about)}.",
                "Leave it out, or set such a limit.",
            )


def _write(result: CheckResult, options: argparse.Namespace) -> tuple[Path, ...]:
    from core.wording.check_files import junit, markdown

    made = {options.junit: junit, options.markdown: markdown}
    files = {file: make(result) for file, make in made.items() if file is not None}
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
    write_all_whole(files)
    return tuple(files)


def _render(done: Checked) -> Rendered:
    result = done.result
    doubts = [doubt_sentence(one) and decision_sentence(one) for one in result.decisions]
    parts: list[str | Table] = [rendered(decision_table(result)), summary_sentence(result)]
    parts += filter(None, doubts)
    return [*parts, *how_sentences(result), *(f"Saved to {file}." for file in done.files)]


def _plain(done: Checked) -> Plain:
    """The result, with its sentences."""
    plain: Plain = to_plain(done.result)
    plain["dataset"] = plain.pop("dataset_root")
    found = done.result
    for key, decisions in (("decisions", found.decisions), ("other_ways", found.other_ways)):
        for row, one in zip(plain[key], decisions, strict=True):
            row["sentence"] = decision_sentence(one)
    return {
        **plain,
        "sentence": summary_sentence(done.result),
        "how": how_sentences(done.result),
        "files": [str(file) for file in done.files],
    }


CHECK = Command(
    _add_arguments,
    _check,
    _render,
    "check parent.xml int8.xml images --accuracy-kept 0.98 --junit check.xml",
    _plain,
    lambda done: STATUSES[done.result.state],
)
