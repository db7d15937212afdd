"""The commands about reports, and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from core.cli.arguments import positive_int, share
from core.cli.commands import Commands
from core.cli.kept import (
    add_export_arguments,
    compare_kept,
    export_kept,
    render_export,
    render_versus,
    thresholds_of,
)
from core.cli.reports import ReportOptions, mapped_class, render_report
from core.metrics.comparison.comparison import Thresholds, VerdictLimits
from core.reports.kept import KINDS
from core.values import Plain

_LIMITS = VerdictLimits.__struct_fields__


def add_report_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """``report``, and what is done with reports that exist."""
    sub = add("report", _report, render_report, "Compare two models, in one of three ways.")
    sub.add_argument("parent", type=Path)
    sub.add_argument("optimized", type=Path)
    sub.add_argument("dataset", type=Path)
    sub.add_argument("--output", type=Path, required=True, help="a folder, for the report")
    _add_report_options(sub)

    sub = add("export-report", _export_report, render_export, "A report in another format.")
    add_export_arguments(sub)
    _add_thresholds(sub)

    sub = add("compare-reports", _compare_reports, render_versus, "Two reports of one kind.")
    sub.add_argument("first", type=Path, help="a folder that report made")
    sub.add_argument("second", type=Path, help="another one")
    _add_thresholds(sub)


def _add_report_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--kind", choices=KINDS, default="predictions")
    sub.add_argument("--html", nargs="?", const="", metavar="FILE", help="one page, to send on")
    sub.add_argument("--pictures", type=positive_int, default=0, metavar="N", help="worst images")
    _add_thresholds(sub)
    sub.add_argument(
        "--map", type=mapped_class, action="append", default=[], metavar="CLASS=MODEL_CLASS",
        dest="mapped", help="a class of the dataset is this one of the model; nothing for none",
    )  # fmt: skip
    sub.add_argument("--images", type=positive_int, default=32, metavar="N", help="of tensors")
    sub.add_argument("--seed", type=int, default=0, metavar="N", help="of tensors")


def _add_thresholds(sub: argparse.ArgumentParser) -> None:
    """All of them; what is not given stays as it is."""
    for name, kind, letter, help_text in (
        ("score", share, "S", "detections from this score on"),
        ("iou", share, "T", "overlap of a match"),
        ("per-class-limit", positive_int, "N", "detections of one image and class"),
        ("shifted-iou", share, "T", "a match below has shifted"),
        ("score-drift", share, "S", "a score may change by so much"),
        *((name.replace("_", "-"), share, "S", "of the verdict") for name in _LIMITS),
    ):
        sub.add_argument(f"--{name}", type=kind, metavar=letter, help=help_text)


def _report(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.report(
        options.parent,
        options.optimized,
        options.dataset,
        options.output,
        ReportOptions(
            kind=options.kind,
            thresholds=_thresholds(options, Thresholds()),
            html=_page(options),
            pictures=options.pictures,
            mapped=dict(options.mapped),
            images=options.images,
            seed=options.seed,
        ),
    )


def _thresholds(options: argparse.Namespace, usual: Thresholds) -> Thresholds:
    """`usual`, with what the arguments change."""
    given = {name: value for name, value in vars(options).items() if value is not None}
    limits = {name: given[name] for name in _LIMITS if name in given}
    changes = {name: given[name] for name in Thresholds.__struct_fields__ if name in given}
    return replace(usual, **changes, limits=replace(usual.limits, **limits))


def _export_report(commands: Commands, options: argparse.Namespace) -> Plain:
    return export_kept(commands.run, options, _thresholds(options, thresholds_of(options.report)))


def _compare_reports(commands: Commands, options: argparse.Namespace) -> Plain:
    thresholds = _thresholds(options, thresholds_of(options.first))
    return compare_kept(options.first, options.second, thresholds)


def _page(options: argparse.Namespace) -> Path | None:
    if options.html is None:
        return None
    return Path(options.html) if options.html else options.output / "report.html"
