"""What the terminal's ``report`` does: each kind's job, then its files."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.cli.rendering import Rendered, Table
from core.datasets.source import DatasetSource
from core.jobs.job import RESULT_FILE, Job
from core.metrics.comparison.comparison import VERDICT_WORDS, Thresholds, compare
from core.models.stored import StoredModel
from core.reports.export_job import compared
from core.reports.job import AccuracyJob, CompareJob, TensorDistanceJob, TensorDistanceResult
from core.reports.kept import ReportKind, load_accuracy, load_report
from core.reports.other_pages import accuracy_page, tensor_page
from core.reports.pictures import worst_images
from core.reports.plain_reports import plain_accuracy, plain_comparison, plain_tensors
from core.reports.prediction_page import WORST_IMAGES, prediction_page
from core.reports.report_folder import write_comparison, write_html, write_worst_pictures
from core.values import Plain, read_json, write_json


@dataclass(frozen=True)
class ReportOptions:
    """What is wanted of a report.

    Attributes:
        html: a file to write the report to as one page; None for none.
        pictures: so many of the worst images are drawn into the folder ``pictures``.
        mapped: the model's class of single classes of the dataset; None for none.
        images, seed: how many images, and which, of the comparison of tensors.
    """

    kind: ReportKind = "predictions"
    thresholds: Thresholds = field(default_factory=Thresholds)
    html: Path | None = None
    pictures: int = 0
    mapped: Mapping[str, str | None] = field(default_factory=dict)
    images: int = 32
    seed: int = 0


@dataclass(frozen=True)
class Subject:
    """What a report is about."""

    parent: StoredModel
    optimized: StoredModel
    dataset: Path


RunJob = Callable[[Job, Path], Path]


def make_report(run: RunJob, about: Subject, output: Path, options: ReportOptions) -> Plain:
    """Run the job into the folder `output`, and write ``report.json`` and what was asked for."""
    rows = _MAKERS[options.kind](run, about, output, options)
    write_json(output / "report.json", rows)
    return rows


def _predictions(run: RunJob, about: Subject, output: Path, options: ReportOptions) -> Plain:
    request = CompareJob(
        parent=about.parent.xml,
        optimized=about.optimized.xml,
        dataset=DatasetSource(path=about.dataset),
        thresholds=options.thresholds,
    )
    report = load_report(run(request, output))
    result = report.result
    comparison = compare(report.parent, report.optimized, options.thresholds)
    write_comparison(comparison, output)
    if options.html:
        write_html(options.html, prediction_page(comparison, compared(result)))
    if options.pictures:
        folder = output / "pictures"
        write_worst_pictures(comparison, result.dataset_root, folder, options.pictures)
    return plain_comparison(result, comparison, result.agreement_interval)


def _annotations(run: RunJob, about: Subject, output: Path, options: ReportOptions) -> Plain:
    request = AccuracyJob(
        parent=about.parent.xml,
        optimized=about.optimized.xml,
        dataset=DatasetSource(path=about.dataset),
        thresholds=options.thresholds,
        mapped=dict(options.mapped),
    )
    report = load_accuracy(run(request, output))
    result = report.result
    if report.material is not None and (options.html or options.pictures):
        tables = report.material.parent, report.material.optimized
        comparison = compare(*tables, options.thresholds)
        if options.html:
            worst = worst_images(comparison, result.dataset_root, WORST_IMAGES)
            names = (result.parent, result.optimized, result.dataset)
            told = result.used_differently
            write_html(options.html, accuracy_page(result.accuracy, *names, worst, told))
        if options.pictures:
            folder = output / "pictures"
            write_worst_pictures(comparison, result.dataset_root, folder, options.pictures)
    return plain_accuracy(result)


def _tensor_distance(run: RunJob, about: Subject, output: Path, options: ReportOptions) -> Plain:
    request = TensorDistanceJob(
        parent=about.parent.xml,
        optimized=about.optimized.xml,
        dataset=DatasetSource(path=about.dataset),
        images=options.images,
        seed=options.seed,
    )
    result = read_json(run(request, output) / RESULT_FILE, TensorDistanceResult)
    if options.html:
        document = tensor_page(result.report, result.parent, result.optimized, result.dataset)
        write_html(options.html, document)
    return plain_tensors(result)


_MAKERS: dict[ReportKind, Callable[[RunJob, Subject, Path, ReportOptions], Plain]] = {
    "predictions": _predictions,
    "annotations": _annotations,
    "tensor-distance": _tensor_distance,
}


def render_report(result: Plain) -> Rendered:
    """The report in a few lines."""
    if result["kind"] == "predictions":
        summary = result["summary"]
        text = f"{VERDICT_WORDS[summary['verdict']]}: {summary['sentence']}"
        if summary["verdict"] != "safe" and summary["worst_images"]:
            text += f"\nLook first at {', '.join(summary['worst_images'])}."
        return "\n".join((text, *result["used_differently"]))
    if result["kind"] == "annotations":
        return "\n".join((str(result["sentence"]), *result["used_differently"]))
    return [
        _tensor_table("output", [(one["output"], one) for one in result["outputs"]]),
        "",
        _tensor_table(
            "layer that adds most error", [(one["name"], one) for one in result["layers"][:10]]
        ),
    ]


def _tensor_table(title: str, tensors: list[tuple[str, Plain]]) -> Table:
    columns = ("SNR", "relative error", "added")
    return Table(
        (title, "kind", *columns),
        [
            (
                name,
                one["kind"],
                "equal" if one["snr_db"] is None else f"{one['snr_db']:.1f} dB",
                f"{one['relative_error']:.3f}",
                f"{one['added_error']:+z.3f}",
            )
            for name, one in tensors
        ],
        numbers=columns,
    )


def mapped_class(text: str) -> tuple[str, str | None]:
    """``car=vehicle``: a class of the dataset, and the model's class, None for none."""
    dataset_class, equals, model_class = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not CLASS=MODEL_CLASS")
    return dataset_class.strip(), model_class.strip() or None
