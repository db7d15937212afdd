"""The work of exporting a kept report: runs in the child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from core.errors import InputError
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.matching.thresholds import Thresholds
from core.reports.filters import RowFilter
from core.reports.job import CompareResult, TensorDistanceResult
from core.reports.kept import ReportKind, head_of, load_accuracy, load_report
from core.reports.plain_reports import plain_accuracy, plain_comparison, plain_tensors
from core.reports.prediction_page import Compared
from core.values import Value, read_json, write_json

Names = tuple[str, ...]
_PAGE, _JSON, _PICTURES = "report.html", "report.json", "pictures"

ExportFormat = Literal["csv", "json", "coco", "pictures", "html"]


class ExportResult(Value):
    """Of an export: names of the files, or of the folder that they lie in."""

    files: tuple[str, ...]


class ExportJob(Value, tag="export_report"):
    """A kept report in another format; leaves its files and ``result.json``.

    `report` is the folder that a report's job left. `thresholds`, if given, replace those that it
    was made with. `chosen` are the rows and images that tables and pictures show; `pictures` at
    most so many images.
    """

    report: Path
    format: ExportFormat
    thresholds: Thresholds | None = None
    chosen: RowFilter = RowFilter()
    pictures: int = 20

    def run(self, context: JobContext) -> ExportResult:
        """See `core.jobs.job.Job`."""
        context.step("Reading the report")
        files = _EXPORTS[head_of(self.report).kind](self, context)
        return ExportResult(files=files)


def compared(result: CompareResult) -> Compared:
    """What the page says was compared."""
    return Compared(
        parent=result.parent,
        optimized=result.optimized,
        dataset=result.dataset,
        root=result.dataset_root,
        created=result.created,
        interval=result.agreement_interval,
        used_differently=result.used_differently,
    )


def _predictions(request: ExportJob, context: JobContext) -> Names:
    from msgspec.structs import replace

    from core.metrics.comparison.bootstrap import agreement_interval
    from core.reports.prediction_page import WORST_IMAGES, prediction_page
    from core.reports.report_folder import write_detections, write_tables

    report, folder = load_report(request.report), context.folder
    result = report.result
    if request.format == "coco":
        return write_detections(report.parent, report.optimized, folder)
    context.step("Comparing")
    thresholds = request.thresholds or result.thresholds
    comparison = compare(report.parent, report.optimized, thresholds)
    if request.format == "csv":
        return write_tables(comparison, folder, request.chosen)
    if request.format == "pictures":
        return _draw(comparison, result.dataset_root, request, context)
    if thresholds != result.thresholds:
        result = replace(result, agreement_interval=agreement_interval(comparison))
    context.step("Writing the report")
    if request.format == "json":
        plain = plain_comparison(result, comparison, result.agreement_interval, request.chosen)
        return _json(plain, folder)
    page = prediction_page(comparison, compared(result), WORST_IMAGES, request.chosen)
    return _html(page, folder)


def _annotations(request: ExportJob, context: JobContext) -> Names:
    from msgspec.structs import replace

    from core.reports.figure_rows import write_accuracy_tables
    from core.reports.filters import image_mask
    from core.reports.other_pages import accuracy_page
    from core.reports.pictures import worst_images
    from core.reports.prediction_page import WORST_IMAGES
    from core.reports.report_folder import write_detections

    report, folder = load_accuracy(request.report), context.folder
    result, material = report.result, report.material
    thresholds = request.thresholds or result.accuracy.thresholds
    if material is not None:
        context.step("Measuring the accuracy")
        result = replace(result, accuracy=material.at(result.accuracy, thresholds)[0])
    if request.format == "csv":
        return write_accuracy_tables(result.accuracy, folder)
    if request.format == "json":
        return _json(plain_accuracy(result), folder)
    comparison = compare(material.parent, material.optimized, thresholds) if material else None
    if request.format == "html":
        context.step("Writing the report")
        worst = worst_images(comparison, result.dataset_root, WORST_IMAGES) if comparison else None
        names = (result.parent, result.optimized, result.dataset)
        return _html(accuracy_page(result.accuracy, *names, worst, result.used_differently), folder)
    if comparison is None:
        raise InputError(
            "This report was made by an older version, without its detections.",
            "Make it again; that takes a moment, for what was detected is kept.",
        )
    if request.format == "coco" or material is None:
        return write_detections(comparison.parent, comparison.optimized, folder)
    if request.chosen.empty:
        return _draw(comparison, result.dataset_root, request, context)
    by_truth = material.comparisons(thresholds)[1]  # what the filter is about
    shown = by_truth.images.image[image_mask(by_truth, request.chosen)]
    return _draw(comparison, result.dataset_root, request, context, shown.tolist())


def _tensor_distance(request: ExportJob, context: JobContext) -> Names:
    from core.reports.figure_rows import write_tensor_tables
    from core.reports.other_pages import tensor_page

    result = read_json(request.report / RESULT_FILE, TensorDistanceResult)
    if request.format == "csv":
        return write_tensor_tables(result.report, context.folder)
    if request.format == "json":
        return _json(plain_tensors(result), context.folder)
    if request.format == "html":
        names = (result.parent, result.optimized, result.dataset)
        return _html(tensor_page(result.report, *names), context.folder)
    raise InputError(
        "A report of tensors has no detections.", "Export it as a page, CSV or JSON instead."
    )


def _draw(
    comparison: Comparison,
    root: Path,
    request: ExportJob,
    context: JobContext,
    images: list[int] | None = None,
) -> Names:
    """Draw these images, or the worst of those that are chosen."""
    from core.reports.pictures import write_pictures
    from core.reports.report_folder import worst_of

    stage, total = "Drawing the images", request.pictures
    context.step(stage, 0, total)
    folder = context.folder / _PICTURES
    shown = worst_of(comparison, request.chosen) if images is None else images
    written = write_pictures(
        comparison, root, shown[:total], folder, lambda done: context.step(stage, done, total)
    )
    if not written:
        raise InputError(
            "There is no image to draw: no image differs, or none could be read.",
            f"Widen the filter, and check that the images are still in {root}.",
        )
    return (_PICTURES,)


def _json(plain: object, folder: Path) -> Names:
    write_json(folder / _JSON, plain)
    return (_JSON,)


def _html(page: str, folder: Path) -> Names:
    from core.reports.report_folder import write_html

    write_html(folder / _PAGE, page)
    return (_PAGE,)


_EXPORTS: dict[ReportKind, Callable[[ExportJob, JobContext], Names]] = {
    "predictions": _predictions,
    "annotations": _annotations,
    "tensor-distance": _tensor_distance,
}
