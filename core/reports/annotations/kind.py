"""The report on annotations: both models measured by the ground truth of an annotated dataset."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import numpy as np
from msgspec.structs import replace as changed

from core.datasets.class_mapping import ClassMapping
from core.documents.tables import Table
from core.errors import InputError
from core.inference.processor import this_processor
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.annotated import Accuracy, accuracy_by_parts
from core.metrics.accuracy.kept import ap_by_parts
from core.metrics.accuracy.material import AccuracyMaterial
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.matching.thresholds import Thresholds
from core.models.stored import load_stored
from core.predict.detecting import Both, Detected, detect_both
from core.predict.found import sampled_parts, side_by_side
from core.reports.annotations.estimating import estimated
from core.reports.annotations.report import AnnotationsReport, MeasuredAnnotations
from core.reports.annotations.tables import class_table, error_table, statistic_table, statistics
from core.reports.detections import are_large, load_tables, load_truth
from core.reports.filters import TRUTH_WORDS, image_mask, in_words
from core.reports.ground_truth import kept_truth, mapped_annotations
from core.reports.kind import (
    AS_MADE,
    Detections,
    ReportImages,
    ReportJob,
    ReportKind,
    ReportResult,
    ViewState,
    about,
    now,
)
from core.reports.versus import Line, Versus, in_order, most_changed
from core.reports.wording import Headline
from core.values import Plain, read_json, to_plain


class AnnotationsResult(ReportResult, tag="annotations"):
    """What was measured, by which classes, and the figures.

    `optimized_f32_ap` is the optimized model's COCO AP in true f32, where it runs otherwise.
    """

    mapping: ClassMapping
    accuracy: Accuracy
    optimized_f32_ap: float | None = None


class AnnotationsJob(ReportJob, tag="report_on_annotations"):
    """Leaves ``parent.npz``, ``optimized.npz`` and ``truth.npz``.

    ``optimized_f32.npz``, what the optimized model finds in true f32, where that is another thing.

    The mapping that the user made for these classes counts, or else the classes of dataset and
    model are matched by their names; the options say otherwise of single ones.
    """

    def run(self, context: JobContext) -> AnnotationsResult:
        """See `core.jobs.job.Job`."""
        stored = load_stored(self.optimized)
        models = Both(load_stored(self.parent), stored, self.way(stored, context))
        dataset = context.open_dataset(self.dataset)
        if not dataset.annotated:
            raise InputError(
                f"{dataset.name} has no annotations to measure accuracy by.",
                "Use an annotated dataset, or compare the predictions of the two models instead.",
            )
        names = models.parent.card.detector.class_names
        mapped = mapped_annotations(dataset, names, self.options.mapping, context, self.mappings)
        mapped.require(models.parent.card.name)
        found = detect_both(models, dataset, self.detections, context, apart=True, marked=True)
        parent, optimized, problems = found.parent, found.optimized, found.problems
        context.step("Measuring the accuracy")
        truth = kept_truth(mapped, parent.looked_at, context)
        for estimate in estimated(truth, sampled_parts(parent, optimized)):
            context.log(estimate)
        measured = accuracy_by_parts(
            truth,
            lambda: side_by_side(parent, optimized),
            self.options.thresholds,
            context.folder,
        )
        return AnnotationsResult(
            parent=models.parent.card.name,
            optimized=models.optimized.card.name,
            dataset=dataset.name,
            dataset_root=dataset.root,
            parent_executed=parent.executed,
            optimized_executed=optimized.executed,
            mapping=mapped.mapping,
            accuracy=measured,
            optimized_f32_ap=_ap_in_f32(truth, found),
            problems=(*problems, *dataset.warnings, *mapped.annotations.problems),
            created=now(),
            processor=this_processor(),
            used_differently=models.differences,
        )


def _ap_in_f32(truth: GroundTruth, found: Detected) -> float | None:
    if found.optimized_f32 is None:
        return None
    ap = ap_by_parts(truth, found.optimized_f32.tables())
    return None if isnan(ap) else ap


def load_annotations(folder: Path, view: ViewState = AS_MADE) -> AnnotationsReport:
    """The measurement that a job left in `folder`; raises WorkbenchError where it is damaged."""
    result = read_json(folder / RESULT_FILE, AnnotationsResult)
    parent, optimized = load_tables(folder)
    material = AccuracyMaterial(load_truth(folder, parent), parent, optimized)
    return AnnotationsReport(result, material, view)


def open_annotations(folder: Path, view: ViewState = AS_MADE) -> MeasuredAnnotations:
    """The same; what is very much stays in its files."""
    if not are_large(folder):
        return load_annotations(folder, view)
    from core.reports.annotations.large import open_large

    return open_large(folder, view)


class Annotations(ReportKind[MeasuredAnnotations]):
    """See `core.reports.kind.ReportKind`."""

    id = "annotations"
    title = "Accuracy on annotations"
    question = (
        "How often are both models right? COCO and Pascal VOC figures and kinds of errors of both "
        "models, and the differences."
    )
    details = "AP of each class"
    job = AnnotationsJob
    result = AnnotationsResult
    options = frozenset({"thresholds", "mapping", "fresh", "run_on"})
    needs_annotations = True
    has_images = True

    def read(self, folder: Path, view: ViewState = AS_MADE) -> MeasuredAnnotations:
        return open_annotations(folder, view)

    def headline(self, result: AnnotationsResult) -> Headline:
        accuracy = result.accuracy
        before, after, change = accuracy.parent.ap, accuracy.optimized.ap, accuracy.difference
        if before is None or after is None or change is None:
            return Headline(code="no_ground_truth")
        figures: dict[str, float | None] = {
            "parent": before.value,
            "optimized": after.value,
            "difference": change.value,
        }
        return Headline(code="ap", figures=figures)

    def thresholds(self, result: AnnotationsResult) -> Thresholds:
        return result.accuracy.thresholds

    def summary(self, report: MeasuredAnnotations) -> tuple[str, ...]:
        return (report.sentence,)

    def tables(self, report: MeasuredAnnotations) -> dict[str, Table]:
        accuracy = report.accuracy
        return {
            "statistics": statistic_table(accuracy),
            "classes": class_table(accuracy),
            "errors": error_table(accuracy),
        }

    def plain(self, report: MeasuredAnnotations) -> Plain:
        """There the figures are what `parent` and `optimized` are."""
        plain = about(report.result, "accuracy")
        names = {f"{role}_name": plain.pop(role) for role in ("parent", "optimized")}
        return {**names, **plain, **to_plain(report.accuracy), "sentence": report.sentence}

    def page(self, report: MeasuredAnnotations) -> str:
        from core.reports.annotations.page import annotations_page

        result = changed(report.result, accuracy=report.accuracy)
        return annotations_page(result, self.images(report), self.runs(result))

    def detections(self, report: MeasuredAnnotations) -> Detections:
        return report.detections()

    def images(self, report: MeasuredAnnotations) -> ReportImages:
        """Both models' boxes; a filter is about the optimized model's errors."""
        chosen, rows = report.view.chosen, report.between.images
        shown = rows.image[rows.damage > 0]
        if not chosen.empty:
            by_truth = report.by_truth[1]
            shown = by_truth.images.image[image_mask(by_truth, chosen)]
        return ReportImages(
            report.between,
            report.result.dataset_root,
            report.truth,
            np.asarray(shown, np.int64),
            in_words(chosen, TRUTH_WORDS),
        )

    def versus(self, first: MeasuredAnnotations, second: MeasuredAnnotations) -> Versus:
        both = first.result.accuracy, second.result.accuracy
        lost = Line(name="AP lost to the parent", first=_lost(both[0]), second=_lost(both[1]))
        aps = [{row.class_name: row.optimized.ap for row in one.classes} for one in both]
        return Versus(
            figures=(
                lost,
                *in_order(*(_of_role(one, "optimized") for one in both)),
                *in_order(*(_of_role(one, "parent") for one in both)),
            ),
            details=most_changed(*aps),
        )


def _lost(accuracy: Accuracy) -> float | None:
    return None if accuracy.difference is None else -accuracy.difference.value


def _of_role(accuracy: Accuracy, role: str) -> dict[str, float | None]:
    place = ("parent", "optimized").index(role)
    return {f"{name}, {role}": both[place] for name, *both in statistics(accuracy)}
