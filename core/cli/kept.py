"""What the terminal does with reports that exist: export them, and compare two of them."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from core.cli.rendering import Rendered, Table
from core.errors import InputError
from core.jobs.job import RESULT_FILE, Job
from core.metrics.comparison.comparison import Thresholds, compare
from core.reports.export_job import ExportFormat, ExportJob
from core.reports.exporting import deliver, require_target
from core.reports.filters import COUNTS, RATIOS, Range, RowFilter, StatusName
from core.reports.job import AccuracyResult, CompareResult, TensorDistanceResult
from core.reports.kept import ReportHead, head_of, load_accuracy, load_report
from core.reports.versus import (
    COUNTED,
    ImageChanges,
    Line,
    Versus,
    versus_accuracy,
    versus_predictions,
    versus_tensors,
)
from core.values import Plain, read_json, to_plain

_SHOWN = 10  # images and classes that the terminal tells of


def add_export_arguments(sub: argparse.ArgumentParser) -> None:
    """The arguments of ``export-report``, besides thresholds."""
    sub.add_argument("report", type=Path, help="a folder that report made")
    sub.add_argument("--format", choices=get_args(ExportFormat), required=True)
    sub.add_argument("--output", type=Path, required=True, help="a file, or a new folder")
    sub.add_argument("--pictures", type=int, default=20, metavar="N", help="at most so many images")
    sub.add_argument("--name", default="", metavar="TEXT", help="only images with this in the name")
    sub.add_argument(
        "--class", dest="classes", action="append", default=[], metavar="CLASS", help="only these"
    )
    sub.add_argument(
        "--status", action="append", default=[], choices=get_args(StatusName), help="only these"
    )
    sub.add_argument(
        "--range",
        dest="ranges",
        action="append",
        default=[],
        type=_range,
        metavar="COLUMN:LOWEST:HIGHEST",
        help=f"only rows within; either end may be empty. Columns: {', '.join(COUNTS + RATIOS)}",
    )


def filter_of(options: argparse.Namespace) -> RowFilter:
    """The rows that the arguments choose."""
    return RowFilter(
        name=options.name,
        classes=tuple(options.classes),
        statuses=tuple(options.status),
        ranges=dict(options.ranges),
    )


def export_kept(
    run: Callable[[Job, Path], Path], options: argparse.Namespace, thresholds: Thresholds
) -> Plain:
    """Export a report's folder to ``--output``."""
    head = head_of(options.report)
    require_target(options.format, options.output)
    request = ExportJob(
        report=options.report.absolute(),
        format=options.format,
        thresholds=thresholds,
        chosen=filter_of(options),
        pictures=options.pictures,
    )
    with tempfile.TemporaryDirectory(
        prefix="detection-workbench-", ignore_cleanup_errors=True
    ) as temporary:
        deliver(run(request, Path(temporary) / "export"), options.output)
    return {"kind": head.kind, "format": options.format, "output": str(options.output)}


def render_export(result: Plain) -> str:
    """Where it is."""
    return f"Exported to {result['output']}."


def thresholds_of(folder: Path) -> Thresholds:
    """Those that a report was made with; the usual ones where it has none."""
    kind = head_of(folder).kind
    if kind == "predictions":
        return read_json(folder / RESULT_FILE, CompareResult).thresholds
    if kind == "annotations":
        return read_json(folder / RESULT_FILE, AccuracyResult).accuracy.thresholds
    return Thresholds()


def compare_kept(first: Path, second: Path, thresholds: Thresholds) -> Plain:
    """Two reports of one kind beside each other; predictions at the same thresholds."""
    heads = head_of(first), head_of(second)
    if heads[0].kind != heads[1].kind:
        raise InputError(
            f"{first} is a report of {heads[0].kind}, {second} one of {heads[1].kind}.",
            "Compare two reports of one kind.",
        )
    versus, more = _versus(heads[0], first, second, thresholds)
    return {
        "kind": heads[0].kind,
        "first": _about(first, heads[0]),
        "second": _about(second, heads[1]),
        "figures": [_plain(line) for line in versus.figures],
        "details": [_plain(line) for line in versus.details],
        **more,
    }


def _versus(
    head: ReportHead, first: Path, second: Path, thresholds: Thresholds
) -> tuple[Versus, Plain]:
    if head.kind == "annotations":
        reports = [load_accuracy(folder).result.accuracy for folder in (first, second)]
        return versus_accuracy(*reports), {}
    if head.kind == "tensor-distance":
        tensors = [
            read_json(folder / RESULT_FILE, TensorDistanceResult).report
            for folder in (first, second)
        ]
        return versus_tensors(*tensors), {}
    kept = [load_report(folder) for folder in (first, second)]
    versus, images = versus_predictions(
        *(compare(one.parent, one.optimized, thresholds) for one in kept)
    )
    return versus, {"thresholds": to_plain(thresholds), "per_image": _plain_images(images)}


def _about(folder: Path, head: ReportHead) -> Plain:
    return {"report": str(folder), **to_plain(head)}


def _plain(line: Line) -> Plain:
    return {**to_plain(line), "difference": line.difference}


def _plain_images(images: ImageChanges) -> list[Plain]:
    return [
        {
            "image": name,
            **{f"{column}_first": int(images.first[column][row]) for column in COUNTED},
            **{f"{column}_second": int(images.second[column][row]) for column in COUNTED},
            "damage_first": round(float(images.first_damage[row]), 6),
            "damage_second": round(float(images.second_damage[row]), 6),
            "change": round(float(images.change[row]), 6),
        }
        for row, name in enumerate(images.names)
    ]


def render_versus(result: Plain) -> Rendered:
    """The figures of both, and what changed most."""
    columns = ("first", "second", "change")
    figures = [_figure_row(line) for line in result["figures"]]
    details = [_figure_row(line) for line in result["details"][:_SHOWN]]
    changed = [one for one in result.get("per_image", []) if one["change"] > 0][:_SHOWN]
    images = [
        (
            one["image"],
            f"{one['damage_first']:.2f}",
            f"{one['damage_second']:.2f}",
            f"{one['change']:+.2f}",
        )
        for one in changed
    ]
    parts: list[str | Table] = [
        f"first:  {result['first']['optimized']}, {result['first']['headline']}",
        f"second: {result['second']['optimized']}, {result['second']['headline']}",
        Table(("Figure", *columns), figures, numbers=columns),
        "",
        Table(("Most changed", *columns), details, numbers=columns),
    ]
    if images:
        parts += ["", Table(("Images that got worse", *columns), images, numbers=columns)]
    return parts


def _figure_row(line: Plain) -> tuple[str, ...]:
    def shown(value: float | None, sign: str = "") -> str:
        if value is None:
            return "–"
        return f"{value:{sign}d}" if isinstance(value, int) else f"{value:{sign}.4f}"

    return (
        line["name"],
        shown(line["first"]),
        shown(line["second"]),
        shown(line["difference"], "+"),
    )


def _range(text: str) -> tuple[str, Range]:
    column, *ends = text.split(":")
    if column not in COUNTS + RATIOS or len(ends) != 2:
        raise argparse.ArgumentTypeError(f"{text} is no COLUMN:LOWEST:HIGHEST")
    lowest, highest = (float(end) if end else None for end in ends)
    return column, (lowest, highest)
