"""The command ``export-report``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from core.cli.arguments import filled, positive_int
from core.cli.command import Command, RunJob
from core.cli.report_arguments import add_thresholds, filter_range, thresholds_of
from core.folders import temporary_folder
from core.jobs.job import read_result
from core.remarks.remark import Remark
from core.reports.export import (
    FORMATS,
    MOST_IMAGES,
    ExportJob,
    ExportResult,
    FormatName,
    deliver,
    require_format,
    require_target,
    written_in,
)
from core.reports.filters import COUNTS, RATIOS, RowFilter, StatusName
from core.reports.kind import ViewState
from core.reports.kinds import kind_of


@dataclass(frozen=True)
class Exported:
    """What was exported, as what, and where to; what is to be known of images in it."""

    kind: str
    format: FormatName
    output: Path
    problems: tuple[Remark, ...]


def _add_export_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("report", type=Path, help="the folder of a report")
    sub.add_argument("--format", choices=list(FORMATS), required=True, help="output format")
    sub.add_argument(
        "--output", type=Path, required=True, metavar="PATH", help="output file, or a new folder"
    )
    _add_filters(sub)
    add_thresholds(sub)


def _add_filters(sub: argparse.ArgumentParser) -> None:
    group = sub.add_argument_group("filters: which rows and images")
    group.add_argument(
        "--max-images", type=positive_int, default=MOST_IMAGES, metavar="N",
        help=f"maximum number of images drawn (default: {MOST_IMAGES})",
    )  # fmt: skip
    group.add_argument(
        "--name", default="", metavar="TEXT", help="only images whose name contains this"
    )
    group.add_argument(
        "--class",
        dest="classes",
        action="append",
        default=[],
        metavar="CLASS",
        help="only this class; can be repeated",
    )
    group.add_argument(
        "--status",
        action="append",
        default=[],
        choices=get_args(StatusName),
        help="only this status; can be repeated",
    )
    group.add_argument(
        "--range",
        dest="ranges",
        action="append",
        default=[],
        type=filter_range,
        metavar="COLUMN:LOWEST:HIGHEST",
        help=f"only rows in this range; an end may be empty. Columns: {', '.join(COUNTS + RATIOS)}",
    )


def _export(run: RunJob, options: argparse.Namespace) -> Exported:
    kind = kind_of(options.report)
    require_format(kind, options.format)
    require_target(options.format, options.output)
    chosen = filled(
        RowFilter,
        options,
        classes=tuple(options.classes),
        statuses=tuple(options.status),
        ranges=dict(options.ranges),
    )
    thresholds = thresholds_of(options.report, options)
    request = ExportJob(
        report=options.report.absolute(),
        format=options.format,
        view=ViewState(thresholds=thresholds, chosen=chosen),
        images=options.max_images,
        written=written_in(options.report),
    )
    with temporary_folder() as temporary:
        made = run(request, temporary / "export")
        problems = read_result(made, ExportResult).problems
        deliver(made, options.output)
    return Exported(kind.id, options.format, options.output, problems)


EXPORT_REPORT = Command(
    _add_export_arguments,
    _export,
    lambda exported: f"Saved to {exported.output}.",
    "export-report report --format csv --output tables",
)
