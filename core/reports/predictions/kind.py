"""The report on predictions: what the optimized model finds, with its parent as the reference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.documents.tables import AnyTable
from core.inference.processor import this_processor
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.verdict import Grounds, Verdict, verdict_on
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds, VerdictLimits
from core.models.plan import Target
from core.models.stored import load_stored
from core.predict.detecting import Both, detect_both
from core.predict.figures import FigureStore
from core.reports.detections import are_large, load_tables, truth_if_kept
from core.reports.filters import image_mask, in_words
from core.reports.ground_truth import kept_truth, usable_annotations
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
from core.reports.predictions.figures_of import Figures
from core.reports.predictions.judging import Judging
from core.reports.predictions.report import ComparedPredictions, PredictionsReport
from core.reports.predictions.tables import (
    band_table,
    image_table,
    plain_figures,
    row_table,
    verdict_table,
)
from core.reports.versus import Versus
from core.reports.wording import AsMade, Headline
from core.values import Plain, read_json, to_plain

_SEARCH = (
    "To look for a plan that loses less: detection-workbench optimize PARENT DATASET --search "
    "--output DIR"
)


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
        found = detect_both(models, dataset, self.detections, context, apart=True, marked=True)
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


class Predictions(ReportKind[ComparedPredictions]):
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

    def read(self, folder: Path, view: ViewState = AS_MADE) -> ComparedPredictions:
        if are_large(folder):
            from core.reports.predictions.large import open_large

            return open_large(folder, view)
        return load_predictions(folder, view)

    def headline(self, result: PredictionsResult) -> Headline:
        return headline_of(result.verdict, result.grounds, result.summary, result.thresholds.limits)

    def headline_at(self, report: ComparedPredictions) -> Headline:
        summary, grounds = report.comparison.summary, report.result.grounds
        return headline_of(
            report.verdict, grounds, summary, report.thresholds.limits, report.as_made
        )

    def target(self, result: PredictionsResult) -> Target:
        return result.target

    def thresholds(self, result: PredictionsResult) -> Thresholds:
        return result.thresholds

    def summary(self, report: ComparedPredictions) -> tuple[str, ...]:
        worst, verdict = report.comparison.summary.worst_images, report.verdict.name
        text = f"{report.verdict_text}: {report.sentence}"
        if verdict == "safe" or not worst:
            return (text,)
        look = f"Look first at {', '.join(worst)}."
        return (text, look, _SEARCH) if verdict == "not_safe" else (text, look)

    def tables(self, report: ComparedPredictions) -> dict[str, AnyTable]:
        comparison, chosen = report.comparison, report.chosen
        return {
            "verdict": verdict_table(report.verdict_text, report.thresholds),
            "images": image_table(comparison, chosen),
            "classes": row_table(comparison, chosen),
            "score_bands": band_table(comparison),
        }

    def plain(self, report: ComparedPredictions) -> Plain:
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

    def page(self, report: ComparedPredictions) -> str:
        from core.reports.predictions.page import predictions_page

        return predictions_page(report, self.images(report), self.runs(report.result))

    def detections(self, report: ComparedPredictions) -> Detections:
        return report.detections()

    def images(self, report: ComparedPredictions) -> ReportImages:
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

    def versus(self, first: ComparedPredictions, second: ComparedPredictions) -> Versus:
        from core.reports.predictions.versus import versus_of

        return replace(versus_of(first, second), drawn=self.images(second))
