"""The report on the operating point: thresholds of the optimized model, and how well they do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from core.documents.tables import Table
from core.inference.processor import this_processor
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.metrics.matching.thresholds import Thresholds
from core.metrics.operating_point.point import OperatingPoint, operating_point_by_parts
from core.models.stored import load_stored
from core.predict.detecting import Both, detect_both
from core.predict.found import side_by_side
from core.reports.detections import open_pair, truth_if_kept
from core.reports.ground_truth import kept_truth, usable_annotations
from core.reports.kind import AS_MADE, ReportJob, ReportKind, ReportResult, ViewState, about, now
from core.reports.operating.tables import class_table, curve_table, f1_table, setting_table
from core.reports.operating.wording import operating_sentences
from core.reports.versus import Versus, in_order, most_changed
from core.reports.wording import CHANGED, Headline
from core.values import Plain, read_json, to_plain

if TYPE_CHECKING:
    from markupsafe import Markup


class OperatingPointResult(ReportResult, tag="operating-point"):
    """The parent's threshold, what matches, and the point.

    `weights_sha256` is of the optimized model: its thresholds are no other model's.
    """

    weights_sha256: str
    thresholds: Thresholds
    point: OperatingPoint


class OperatingPointJob(ReportJob, tag="report_on_operating_point"):
    """Leaves ``parent.npz``, ``optimized.npz``, and of an annotated dataset ``truth.npz``.

    The seed of the options divides the images into halves.
    """

    def run(self, context: JobContext) -> OperatingPointResult:
        """See `core.jobs.job.Job`."""
        stored = load_stored(self.optimized)
        models = Both(load_stored(self.parent), stored, self.way(stored, context))
        dataset = context.open_dataset(self.dataset)
        found = detect_both(models, dataset, self.detections, context)
        parent, optimized = found.parent, found.optimized
        mapped = usable_annotations(
            dataset,
            parent.in_classes,
            self.options.mapping,
            context,
            self.mappings,
            model=models.parent.card.name,
            without="There are no thresholds of best F1",
        )
        truth = None if mapped is None else kept_truth(mapped, parent.looked_at, context)
        context.step("Choosing and judging thresholds")
        both, names = partial(side_by_side, parent, optimized), parent.looked_at.image_names
        thresholds, seed = self.options.thresholds, self.options.seed
        point = operating_point_by_parts(both, names, thresholds, seed, truth)
        return OperatingPointResult(
            parent=models.parent.card.name,
            optimized=models.optimized.card.name,
            dataset=dataset.name,
            dataset_root=dataset.root,
            weights_sha256=models.optimized.card.weights_sha256,
            parent_executed=parent.executed,
            optimized_executed=optimized.executed,
            thresholds=thresholds,
            point=point,
            problems=found.problems,
            created=now(),
            processor=this_processor(),
            used_differently=models.differences,
        )


@dataclass(frozen=True, eq=False)
class OperatingPointReport:
    """A stored point, and the detections to find another one from, at other thresholds."""

    result: OperatingPointResult
    folder: Path
    view: ViewState = AS_MADE

    @property
    def thresholds(self) -> Thresholds:
        """The parent's, that the point is of."""
        return self.view.thresholds or self.result.thresholds

    @cached_property
    def point(self) -> OperatingPoint:
        """At these thresholds; raises as `operating_point` does, and where a file is damaged."""
        if self.thresholds == self.result.thresholds:
            return self.result.point
        pair = open_pair(self.folder)
        return operating_point_by_parts(
            pair.parts,
            pair.parent.image_names,
            self.thresholds,
            self.result.point.seed,
            truth_if_kept(self.folder, pair.parent),
        )


def load_operating_point(folder: Path, view: ViewState = AS_MADE) -> OperatingPointReport:
    """The report that a job left in `folder`; raises WorkbenchError where it is damaged."""
    return OperatingPointReport(read_json(folder / RESULT_FILE, OperatingPointResult), folder, view)


class OperatingPoints(ReportKind[OperatingPointReport]):
    """See `core.reports.kind.ReportKind`."""

    id = "operating-point"
    title = "Operating point"
    question = (
        "At which score threshold does the optimized model give the parent's number of detections, "
        "and lose least?"
    )
    details = "Score threshold of each class"
    job = OperatingPointJob
    result = OperatingPointResult
    options = frozenset({"thresholds", "mapping", "seed", "fresh", "run_on"})
    note = (
        "Thresholds are chosen on half of the images and judged on the other half, which the "
        "figures are of; the curve is of the half that they are chosen on. Changed, as in a "
        f"verdict: {CHANGED[0].lower()}{CHANGED[1:]}"
    )

    def read(self, folder: Path, view: ViewState = AS_MADE) -> OperatingPointReport:
        return load_operating_point(folder, view)

    def headline(self, result: OperatingPointResult) -> Headline:
        point = result.point
        figures: dict[str, float | None] = {
            "parent_score": point.parent_score,
            "score": point.score,
            "before": point.unchanged.changed.value,
            "changed": point.figures().changed.value,
        }
        code = "by_class" if point.recommended == "per_class" else point.reach
        return Headline(code=f"point_{code}", figures=figures)

    def thresholds(self, result: OperatingPointResult) -> Thresholds:
        return result.thresholds

    def tables(self, report: OperatingPointReport) -> dict[str, Table]:
        point = report.point
        by_truth = {} if point.best_f1 is None else {"best-f1": f1_table(point.best_f1)}
        return {
            "thresholds": setting_table(point),
            **by_truth,
            "classes": class_table(point),
            "curve": curve_table(point),
        }

    def summary(self, report: OperatingPointReport) -> tuple[str | Table, ...]:
        point = report.point
        shown = setting_table(point)
        return (*operating_sentences(point), "", shown)

    def plain(self, report: OperatingPointReport) -> Plain:
        result = changed(report.result, thresholds=report.thresholds)
        point = report.point
        return {
            **about(result, "point"),
            **to_plain(point),
            "recommended": point.recommended,
            "sentences": list(operating_sentences(point)),
        }

    def page(self, report: OperatingPointReport) -> str:
        from core.reports.operating.page import operating_page

        tables = {name: one for name, one in self.tables(report).items() if name != "curve"}
        return operating_page(report, self.runs(report.result), tables, self.note)

    def chart(self, report: OperatingPointReport) -> Markup:
        from core.reports.operating.page import curve_chart

        return curve_chart(report.point)

    def versus(self, first: OperatingPointReport, second: OperatingPointReport) -> Versus:
        both = first.point, second.point
        figures = [
            {
                "Score threshold, parent": one.parent_score,
                "Score threshold, optimized": one.score,
                "Detections, of the parent's": one.at_global.count.value,
                "Changed": one.at_global.changed.value,
                "Changed, at the parent's threshold": one.unchanged.changed.value,
                "Changed, thresholds by class": one.per_class.changed.value,
            }
            for one in both
        ]
        classes: list[dict[str, float | None]] = [
            {row.class_name: row.score for row in one.classes} for one in both
        ]
        return Versus(
            figures=in_order(*figures),
            details=most_changed(*classes),
            thresholds=first.thresholds,
        )
