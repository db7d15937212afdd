"""The report on predictions: what the optimized model finds, with its parent as the reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from msgspec.structs import replace as changed

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.documents.tables import Table
from core.errors import WorkbenchError
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Interval, agreement_interval
from core.metrics.comparison.comparison import Comparison, compare, prepare
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds
from core.models.stored import load_stored
from core.predict.detecting import Both, detect_both
from core.reports.detections import TRUTH_FILE, load_tables, load_truth
from core.reports.filters import RowFilter, image_mask, in_words
from core.reports.kind import (
    AS_MADE,
    ReportImages,
    ReportJob,
    ReportKind,
    ReportResult,
    ViewState,
    about,
    now,
)
from core.reports.predictions.tables import image_table, plain_figures, row_table
from core.reports.versus import Versus
from core.reports.wording import Headline, verdict_text
from core.values import Plain, read_json, to_plain


class PredictionsResult(ReportResult, tag="predictions"):
    """What was compared, and the summary at these thresholds."""

    precision_hint: str
    thresholds: Thresholds
    summary: Summary
    agreement_interval: Interval | None = None


class PredictionsJob(ReportJob, tag="report_on_predictions"):
    """Leaves ``parent.npz``, ``optimized.npz``, and of an annotated dataset ``truth.npz``."""

    def run(self, context: JobContext) -> PredictionsResult:
        """See `core.jobs.job.Job`."""
        models = Both(load_stored(self.parent), load_stored(self.optimized), self.precision_hint)
        dataset = context.open_dataset(self.dataset)
        parent, optimized, problems = detect_both(models, dataset, self.cache, context)
        if dataset.annotated:
            _leave_truth(dataset, parent, context)
        context.step("Comparing")
        candidates = prepare(parent, optimized)
        thresholds = self.options.thresholds
        comparison = compare(parent, optimized, thresholds, candidates=candidates)
        return PredictionsResult(
            parent=models.parent.card.name,
            optimized=models.optimized.card.name,
            dataset=dataset.name,
            dataset_root=dataset.root,
            precision_hint=self.precision_hint,
            thresholds=thresholds,
            summary=comparison.summary,
            problems=problems,
            created=now(),
            used_differently=models.differences,
            agreement_interval=agreement_interval(comparison, candidates),
        )


def _leave_truth(dataset: Dataset, parent: DetectionTable, context: JobContext) -> None:
    """The ground truth, to be looked at beside the detections; nothing is computed from it."""
    from core.datasets.class_mapping import map_classes
    from core.datasets.registry import read_annotations
    from core.metrics.accuracy.truth import ground_truth_for

    stage, total = "Reading the annotations", len(dataset.images)
    try:
        annotations = read_annotations(dataset, lambda done: context.step(stage, done, total))
    except WorkbenchError as error:
        context.log(f"The annotations are not shown: {error}")
        return
    names = annotations.class_names
    ids = map_classes(names, parent.class_names).model_ids(names)
    ground_truth_for(parent, annotations, ids).save(context.folder / TRUTH_FILE)


@dataclass(frozen=True, eq=False)
class PredictionsReport:
    """A stored comparison: what was compared, and the detections to compute everything from.

    `truth` is the ground truth of the images, if the dataset is annotated; `view` how the report
    is looked at.
    """

    result: PredictionsResult
    parent: DetectionTable
    optimized: DetectionTable
    truth: GroundTruth | None = None
    view: ViewState = AS_MADE

    @property
    def thresholds(self) -> Thresholds:
        """Those that the figures are of."""
        return self.view.thresholds or self.result.thresholds

    @property
    def chosen(self) -> RowFilter:
        """Which rows and images are shown."""
        return self.view.chosen

    @cached_property
    def comparison(self) -> Comparison:
        """At these thresholds."""
        return compare(self.parent, self.optimized, self.thresholds)

    @cached_property
    def interval(self) -> Interval | None:
        """Of the agreement, at these thresholds."""
        if self.thresholds == self.result.thresholds:
            return self.result.agreement_interval
        return agreement_interval(self.comparison)


def load_predictions(folder: Path, view: ViewState = AS_MADE) -> PredictionsReport:
    """The comparison that a job left in `folder`; raises WorkbenchError where it is damaged."""
    result = read_json(folder / RESULT_FILE, PredictionsResult)
    parent, optimized = load_tables(folder)
    path = folder / TRUTH_FILE
    truth = load_truth(folder, parent) if path.is_file() else None
    return PredictionsReport(result, parent, optimized, truth, view)


class Predictions(ReportKind[PredictionsReport]):
    """See `core.reports.kind.ReportKind`."""

    id = "predictions"
    title = "Predictions"
    question = (
        "Which objects does the optimized model no longer find, image by image? Needs no "
        "annotations: the parent is the reference."
    )
    details = "Agreement of each class"
    job = PredictionsJob
    result = PredictionsResult
    options = frozenset({"thresholds"})
    has_images = True

    def read(self, folder: Path, view: ViewState = AS_MADE) -> PredictionsReport:
        return load_predictions(folder, view)

    def headline(self, result: PredictionsResult) -> Headline:
        summary = result.summary
        figures = {name: getattr(summary, name) for name in ("agreement", "missed", "extra")}
        return Headline(code=summary.verdict, figures=figures)

    def thresholds(self, result: PredictionsResult) -> Thresholds:
        return result.thresholds

    def summary(self, report: PredictionsReport) -> tuple[str, ...]:
        summary = report.comparison.summary
        if summary.verdict == "safe" or not summary.worst_images:
            return (verdict_text(summary),)
        return verdict_text(summary), f"Look first at {', '.join(summary.worst_images)}."

    def tables(self, report: PredictionsReport) -> dict[str, Table]:
        comparison, chosen = report.comparison, report.chosen
        return {
            "images": image_table(comparison, chosen),
            "classes": row_table(comparison, chosen),
        }

    def plain(self, report: PredictionsReport) -> Plain:
        return {
            **about(report.result),
            "agreement_interval": to_plain(report.interval),
            **plain_figures(report.comparison, report.chosen),
        }

    def page(self, report: PredictionsReport) -> str:
        from core.reports.predictions.page import predictions_page

        result = changed(report.result, agreement_interval=report.interval)
        return predictions_page(report.comparison, result, self.images(report))

    def images(self, report: PredictionsReport) -> ReportImages:
        comparison, chosen = report.comparison, report.chosen
        rows = comparison.images
        shown = rows.damage > 0 if chosen.empty else image_mask(comparison, chosen)
        return ReportImages(
            comparison,
            report.result.dataset_root,
            report.truth,
            np.asarray(rows.image[shown], np.int64),
            in_words(chosen),
        )

    def versus(self, first: PredictionsReport, second: PredictionsReport) -> Versus:
        from core.reports.predictions.versus import versus_of

        return replace(versus_of(first.comparison, second.comparison), drawn=self.images(second))
