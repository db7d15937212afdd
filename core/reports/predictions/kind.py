"""The report on predictions: what the optimized model finds, with its parent as the reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from core.detection.detections import DetectionTable
from core.documents.tables import Table
from core.inference.processor import this_processor
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.verdict import Grounds, Verdict, verdict_on
from core.metrics.comparison.bootstrap import Interval, agreement_interval
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds, VerdictLimits
from core.models.plan import Target
from core.models.stored import load_stored
from core.predict.detecting import Both, detect_both
from core.predict.figures import FigureStore
from core.reports.detections import load_tables, truth_if_kept
from core.reports.filters import RowFilter, image_mask, in_words
from core.reports.ground_truth import kept_truth, usable_annotations
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
from core.reports.predictions.figures_of import Figures
from core.reports.predictions.judging import Judging
from core.reports.predictions.tables import (
    band_table,
    image_table,
    plain_figures,
    row_table,
    verdict_table,
)
from core.reports.versus import Versus
from core.reports.wording import AsMade, Headline, as_made, verdict_sentence, verdict_text
from core.values import Plain, read_json, to_plain


class PredictionsResult(ReportResult, tag="predictions"):
    """What was compared, and the summary at these thresholds.

    `target` is where the optimized model is to run in the end. `grounds` are what the verdict rests
    on, and what no threshold changes.
    """

    thresholds: Thresholds
    summary: Summary
    grounds: Grounds
    target: Target = "this_machine"
    agreement_interval: Interval | None = None

    @property
    def verdict(self) -> Verdict:
        """At these thresholds."""
        return verdict_on(self.grounds, self.summary.changed, self.thresholds.limits)


class PredictionsJob(ReportJob, tag="report_on_predictions"):
    """Leaves ``parent.npz``, ``optimized.npz``, and of an annotated dataset ``truth.npz``.

    ``optimized_f32.npz``, what the optimized model finds in true f32, where that is another thing.
    """

    def run(self, context: JobContext) -> PredictionsResult:
        """See `core.jobs.job.Job`."""
        stored = load_stored(self.optimized)
        models = Both(load_stored(self.parent), stored, self.way(stored, context))
        dataset = context.open_dataset(self.dataset)
        found = detect_both(models, dataset, self.detections, context, apart=True)
        parent, optimized = found.parent, found.optimized
        mapped = usable_annotations(
            dataset, parent.in_classes, self.options.mapping, context, self.mappings
        )
        truth = None if mapped is None else kept_truth(mapped, parent.looked_at, context)
        figures = Figures(FigureStore(self.detections, context))
        judging = Judging(
            models.optimized, dataset, self.target, truth, self.detections, context, figures
        )
        grounds = judging.grounds(found)
        context.step("Comparing")
        thresholds = self.options.thresholds
        compared = figures.compared(parent, optimized, thresholds)
        return PredictionsResult(
            parent=models.parent.card.name,
            optimized=models.optimized.card.name,
            dataset=dataset.name,
            dataset_root=dataset.root,
            parent_executed=parent.executed,
            optimized_executed=optimized.executed,
            thresholds=thresholds,
            summary=compared.summary,
            target=self.target,
            grounds=grounds,
            problems=found.problems,
            created=now(),
            processor=this_processor(),
            used_differently=models.differences,
            agreement_interval=compared.interval,
        )


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

    @property
    def verdict(self) -> Verdict:
        """At these thresholds."""
        changed = self.comparison.summary.changed
        return verdict_on(self.result.grounds, changed, self.thresholds.limits)

    @property
    def as_made(self) -> AsMade | None:
        """The verdict that it was made with, where thresholds were moved since."""
        return as_made(self.result.verdict.name, self.result.thresholds, self.thresholds)

    @property
    def verdict_text(self) -> str:
        """The verdict in words."""
        return verdict_text(self.verdict.name, self.as_made)

    @property
    def sentence(self) -> str:
        """What the verdict rests on."""
        summary, limits = self.comparison.summary, self.thresholds.limits
        return verdict_sentence(self.verdict, self.result.grounds, summary, limits)

    @cached_property
    def interval(self) -> Interval | None:
        """Of the agreement, at these thresholds."""
        if self.thresholds == self.result.thresholds:
            return self.result.agreement_interval
        return agreement_interval(self.comparison)


def headline_of(
    verdict: Verdict,
    grounds: Grounds,
    summary: Summary,
    limits: VerdictLimits,
    made: AsMade | None = None,
) -> Headline:
    """What a list says: the verdict, both figures that it rests on, and their limits."""
    kept, _ = grounds.worst
    figures = {
        "kept": kept.share.value if kept else None,
        "changed": summary.changed,
        **{limit: getattr(limits, limit) for limit in limits.__struct_fields__},
    }
    return Headline(code=verdict.name, figures=figures, as_made=made)


def load_predictions(folder: Path, view: ViewState = AS_MADE) -> PredictionsReport:
    """The comparison that a job left in `folder`; raises WorkbenchError where it is damaged."""
    result = read_json(folder / RESULT_FILE, PredictionsResult)
    parent, optimized = load_tables(folder)
    return PredictionsReport(result, parent, optimized, truth_if_kept(folder, parent), view)


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
    options = frozenset({"thresholds", "mapping", "fresh", "run_on"})
    has_images = True

    def read(self, folder: Path, view: ViewState = AS_MADE) -> PredictionsReport:
        return load_predictions(folder, view)

    def headline(self, result: PredictionsResult) -> Headline:
        return headline_of(result.verdict, result.grounds, result.summary, result.thresholds.limits)

    def headline_at(self, report: PredictionsReport) -> Headline:
        summary, grounds = report.comparison.summary, report.result.grounds
        return headline_of(
            report.verdict, grounds, summary, report.thresholds.limits, report.as_made
        )

    def target(self, result: PredictionsResult) -> Target:
        return result.target

    def thresholds(self, result: PredictionsResult) -> Thresholds:
        return result.thresholds

    def summary(self, report: PredictionsReport) -> tuple[str, ...]:
        worst, verdict = report.comparison.summary.worst_images, report.verdict.name
        text = f"{report.verdict_text}: {report.sentence}"
        if verdict == "safe" or not worst:
            return (text,)
        return text, f"Look first at {', '.join(worst)}."

    def tables(self, report: PredictionsReport) -> dict[str, Table]:
        comparison, chosen = report.comparison, report.chosen
        return {
            "verdict": verdict_table(report.verdict_text, report.thresholds),
            "images": image_table(comparison, chosen),
            "classes": row_table(comparison, chosen),
            "score_bands": band_table(comparison),
        }

    def plain(self, report: PredictionsReport) -> Plain:
        shown = about(report.result)
        return {
            "accuracy_kept": shown.pop("grounds"),
            **shown,
            "verdict": {
                **to_plain(report.verdict),
                "text": report.verdict_text,
                "sentence": report.sentence,
            },
            "agreement_interval": to_plain(report.interval),
            **plain_figures(report.comparison, report.chosen),
        }

    def page(self, report: PredictionsReport) -> str:
        from core.reports.predictions.page import predictions_page

        return predictions_page(report, self.images(report), self.runs(report.result))

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

        return replace(versus_of(first, second), drawn=self.images(second))
