"""The commands ``report`` and ``compare-reports``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msgspec import structs

from core.cli.archives import at_hand
from core.cli.arguments import positive_int, seed
from core.cli.command import DONE, SHOWN_BY, Command, RunJob
from core.cli.failing import add_fail_on, require_verdict, verdict_status
from core.cli.imported import imported
from core.cli.rendering import Rendered, Table, rendered
from core.cli.report_arguments import (
    add_thresholds,
    mapped_class,
    refuse_unused,
    report_options,
    thresholds_of,
)
from core.cli.run_arguments import (
    add_against_arguments,
    add_run_arguments,
    add_run_on,
    add_target,
    asked_settings,
)
from core.cli.workspaces import add_detection_cache, add_machine_choice, detections_cache
from core.datasets.source import DatasetSource, require_dataset
from core.folders import appearing
from core.inference.settings import InferenceSettings
from core.machines.machine import Machine
from core.machines.run_on import host_for, require_one_machine
from core.machines.service import machine_for
from core.metrics.accuracy.verdict import VerdictName
from core.models.plan import Target
from core.refusals import require_folder
from core.remarks.sentences import sentences
from core.reports.export import FormatName, require_format, require_target, write_report
from core.reports.kind import ReportHead, ReportKind, ReportOptions
from core.reports.kinds import IDS, head_of, kind_named
from core.reports.sent import report_on
from core.reports.service import compare_reports
from core.reports.versus import Versus, line_table
from core.reports.wording import headline_text
from core.targets.target import planned_target
from core.values import Plain, to_plain, write_bytes_whole

_SHOWN = 10  # images and classes that the terminal names
_OPTIONS = ReportOptions()


# report


@dataclass(frozen=True)
class MadeReport:
    """A report that was made, as its kind read it; `fail_on` is the verdict that fails a build."""

    kind: ReportKind[Any]
    report: Any
    fail_on: VerdictName | None = None

    @property
    def plain(self) -> Plain:
        """As JSON."""
        return self.kind.plain(self.report)

    @property
    def status(self) -> int:
        """The exit status."""
        if self.fail_on is None:
            return DONE
        return verdict_status(self.report.verdict, self.fail_on)

    @property
    def rendered(self) -> Rendered:
        """In a few lines."""
        result = self.report.result
        runs = self.kind.runs(result)
        different = sentences(result.used_differently)
        parts = (*self.kind.summary(self.report), *runs, *different)
        return [one if isinstance(one, str) else rendered(one) for one in parts]


def make_report(
    run: RunJob,
    models: tuple[Path, Path],
    dataset: Path,
    output: Path,
    kind: ReportKind[Any],
    options: ReportOptions = _OPTIONS,
    settings: InferenceSettings | None = None,
    target: Target = "this_machine",
    cache: Path | None = None,
    machine: Machine | None = None,
    run_on: str | None = None,
) -> MadeReport:
    """Run the job on parent and optimized model; everything but pages and images is in `output`.

    Raises WorkbenchError.
    """
    parent, optimized = models
    job = kind.job(
        parent=parent,
        optimized=optimized,
        dataset=DatasetSource(path=dataset),
        settings=settings,
        target=target,
        options=options,
        cache=cache,
        machine=machine,
    )
    folder = run(report_on(job, run_on), output)
    made = MadeReport(kind, kind.read(folder))
    formats: tuple[FormatName, ...] = ("json", "csv", *(("coco",) if kind.has_images else ()))
    for wanted in formats:
        write_report(kind, made.report, wanted, folder)
    return made


def _add_report_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("parent", type=Path, help="the model before optimization")
    sub.add_argument("optimized", type=Path, help="the model made from it")
    sub.add_argument("dataset", type=Path, help="a folder or archive of images")
    sub.add_argument("--output", type=Path, required=True, metavar="DIR", help="output folder")
    sub.add_argument(
        "--kind", choices=IDS, default=IDS[0], help=f"kind of report (default: {IDS[0]})"
    )
    sub.add_argument(
        "--html", nargs="?", const="", metavar="FILE", help="write the report as one HTML page, too"
    )
    sub.add_argument(
        "--worst-images", type=positive_int, default=0, metavar="N",
        help="draw the N images that differ most",
    )  # fmt: skip
    add_fail_on(sub)
    how = sub.add_argument_group("how the models run")
    add_run_arguments(how, "of the optimized model")
    add_against_arguments(how)
    add_target(how, "where the model is to run; the verdict is about that target", None)
    add_machine_choice(how)
    add_run_on(how, "run and judge both models")
    add_detection_cache(sub)
    add_thresholds(sub)
    _add_some(sub)


def _add_some(sub: argparse.ArgumentParser) -> None:
    some = sub.add_argument_group("of some kinds of report")
    some.add_argument(
        "--map", type=mapped_class, action="append", default=[], metavar="CLASS=MODEL_CLASS",
        dest="mapping", help="where annotations are used: map a class of the dataset to one of the "
        "model; empty: ignore it",
    )  # fmt: skip
    some.add_argument(
        "--images", type=positive_int, metavar="N",
        help=f"kind tensor-distance: number of images (default: {_OPTIONS.images})",
    )  # fmt: skip
    some.add_argument(
        "--seed",
        type=seed,
        metavar="N",
        help="random seed: chooses those images, and the halves of an operating point "
        f"(default: {_OPTIONS.seed})",
    )


def _report(run: RunJob, options: argparse.Namespace) -> MadeReport:
    kind, output = kind_named(options.kind), options.output
    require_one_machine(options.machine, options.run_on)
    host_for(options.run_on)  # before any work
    require_verdict(options.fail_on, kind.id)
    refuse_unused(kind, options)
    require_dataset(options.dataset)
    require_folder(output)
    page = None if options.html is None else Path(options.html or output / "report.html")
    if page is not None:
        require_target("html", page)
    if options.worst_images:
        require_format(kind, "images")
    machine, settings = machine_for(options.machine), asked_settings(options)
    wanted = report_options(options)
    with (
        imported(run, options.parent, options.dataset) as parent,
        imported(run, options.optimized) as optimized,
    ):
        models = parent.xml, optimized.xml
        there = host_for(options.run_on) is not None  # which its verdict is about
        target = options.target or ("this_machine" if there else planned_target(optimized))
        drawn = page is not None or options.worst_images > 0
        with appearing(output) as work, at_hand(options.dataset, drawn=drawn) as dataset:
            cache = detections_cache(options.workspace)
            how = settings, target, cache, machine, options.run_on
            made = make_report(run, models, dataset, work, kind, wanted, *how)
            if options.worst_images:
                write_report(kind, made.report, "images", work, options.worst_images)
            whole = b"" if page is None else kind.page(made.report).encode("utf-8", "replace")
            inside = page is not None and page.is_relative_to(output)  # it appears with the rest
            if page is not None and inside:
                _write(work / page.relative_to(output), whole)
    if page is not None and not inside:
        _write(page, whole)
    return replace(made, fail_on=options.fail_on)


def _write(page: Path, data: bytes) -> None:
    page.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_whole(page, data)


# compare-reports


@dataclass(frozen=True)
class ComparedReports:
    """Two reports of one kind: their folders, the figures of both, and their heads.

    The headlines in these are of the thresholds that both are compared at.
    """

    kind: ReportKind[Any]
    folders: tuple[Path, Path]
    heads: tuple[ReportHead, ReportHead]
    versus: Versus


def _add_compare_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("first", type=Path, help="the folder of a report")
    sub.add_argument("second", type=Path, help="the folder of another report of the same kind")
    add_thresholds(sub)


def _compare(run: RunJob, options: argparse.Namespace) -> ComparedReports:
    folders = options.first, options.second
    kind, versus = compare_reports(*folders, thresholds_of(options.first, options))
    first, second = (
        structs.replace(head_of(folder), headline=headline)
        for folder, headline in zip(folders, versus.headlines, strict=True)
    )
    return ComparedReports(kind, folders, (first, second), versus)


def _plain_compared(compared: ComparedReports) -> Plain:
    first, second = (
        {"report": str(folder), **to_plain(head)}
        for folder, head in zip(compared.folders, compared.heads, strict=True)
    )
    return {
        "kind": compared.kind.id,
        "first": first,
        "second": second,
        **compared.versus.plain(),
    }


def _render_compared(compared: ComparedReports) -> Rendered:
    """The figures of both, and what changed most."""
    first, second = (
        f"{one.optimized}, {headline_text(one.headline)}; {compared.kind.runs_in_short(one)}"
        for one in compared.heads
    )
    versus, images = compared.versus, compared.versus.images
    parts: list[str | Table] = [
        f"first:  {first}",
        f"second: {second}",
        rendered(line_table("Figure", versus.figures)),
        "",
        f"{compared.kind.details}, most changed first:",
        rendered(line_table("Name", versus.details[:_SHOWN])),
    ]
    if images is not None and (worse := int((images.change > 0).sum())):
        columns = ("image", "change", "damage_first", "damage_second")
        shown = images.table(_SHOWN).part(columns, worse)
        parts += ["", f"Images that {images.worse}:", rendered(shown)]
    return parts


REPORT = Command(
    _add_report_arguments,
    _report,
    lambda made: made.rendered,
    "report parent.xml int8.xml images --output report --html",
    lambda made: made.plain,
    lambda made: made.status,
    (*SHOWN_BY, "core.predict.coco_results", "numpy.ma"),  # which numpy.unique imports
)
COMPARE_REPORTS = Command(
    _add_compare_arguments,
    _compare,
    _render_compared,
    "compare-reports report other-report",
    _plain_compared,
)
