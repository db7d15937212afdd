"""The report on one model that is run in two ways: two devices, precisions or arithmetics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.detection.detections import DetectionTable
from core.documents.tables import AnyTable, Column, Table
from core.errors import InputError
from core.inference.processor import this_processor
from core.inference.settings import InferenceSettings
from core.inference.words import asked_text
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.metrics.comparison.by_parts import compare_by_parts
from core.metrics.comparison.comparison import compare
from core.metrics.comparison.large import compare_stored
from core.metrics.comparison.stored_pair import StoredPair
from core.metrics.matching.thresholds import Thresholds
from core.models.stored import load_stored
from core.predict.detecting import (
    OPTIMIZED_DETECTIONS_FILE,
    PARENT_DETECTIONS_FILE,
    detect_runs,
)
from core.predict.found import side_by_side
from core.predict.part_by_part import Run
from core.predict.store import NO_CACHE
from core.reports.detections import are_large, load_tables, open_pair
from core.reports.filters import AnyComparison, image_mask, in_words
from core.reports.kind import (
    AS_MADE,
    MOST_ROWS,
    Detections,
    Ran,
    ReportImages,
    ReportJob,
    ReportKind,
    ReportResult,
    ViewState,
    about,
    now,
)
from core.reports.two_ways.tables import (
    CALLED,
    COUNTED_IN_WAYS,
    WORDS,
    WaysSummary,
    class_table,
    figures,
    image_table,
    summary_of,
)
from core.reports.versus import Versus, lines_of, most_changed
from core.reports.wording import Headline, headline_text
from core.values import Plain, read_json, to_plain

if TYPE_CHECKING:
    import openvino as ov

_NAMED = 10  # images that the terminal shows
_FIGURES = (Column("figure", "Figure"), Column("value", "Value"), Column("meaning", "Meaning"))


class TwoWaysResult(ReportResult, tag="two-ways"):
    """What was found, at these thresholds; A stands in the place of the optimized model."""

    thresholds: Thresholds
    summary: WaysSummary


class TwoWaysJob(ReportJob, tag="report_on_two_ways"):
    """Leaves ``optimized.npz``, found as the settings say (A), and ``parent.npz``, as B is run.

    The parent is not used. Nothing is taken from the cache: a device that went wrong once may go
    right another time.
    """

    def run(self, context: JobContext) -> TwoWaysResult:
        """See `core.jobs.job.Job`."""
        stored = load_stored(self.optimized)
        ways = self.options.against, self.way(stored, context)
        if ways[0] == ways[1]:
            raise InputError(
                f"Both ways are {asked_text(ways[0])}.", "Choose two ways that differ."
            )
        dataset = context.open_dataset(self.dataset)
        runs = [Run(stored, way, "the model") for way in ways]
        b, a = detect_runs(
            *(runs, dataset, NO_CACHE, context),
            stage="Detecting in both ways",
            compile_model=self.compiled,
            marked=True,
        )
        for found, name in ((b, PARENT_DETECTIONS_FILE), (a, OPTIMIZED_DETECTIONS_FILE)):
            found.save(context.folder / name)
            context.artifact("detections", context.folder / name)
        context.step("Comparing")
        thresholds, names = self.options.thresholds, b.looked_at.image_names
        compared = compare_by_parts(side_by_side(b, a), names, len(b.in_classes), thresholds)
        return TwoWaysResult(
            parent=stored.card.name,
            optimized=stored.card.name,
            parent_executed=b.executed,
            optimized_executed=a.executed,
            dataset=dataset.name,
            dataset_root=dataset.root,
            thresholds=thresholds,
            summary=summary_of(compared.images, names),
            problems=a.problems,
            created=now(),
            processor=this_processor(),
        )

    def compiled(self, model: ov.Model, settings: InferenceSettings) -> ov.CompiledModel:
        """The model, ready to run in one of the ways; what a subclass gives is run as well."""
        from core.inference.compiling import compile_for

        return compile_for(model, settings, "THROUGHPUT")


@dataclass(frozen=True, eq=False)
class TwoWaysReport:
    """A stored comparison of what A and B found, B in the place of the parent.

    `found` are both, or the files where there is very much of it.
    """

    result: TwoWaysResult
    found: tuple[DetectionTable, DetectionTable] | StoredPair
    view: ViewState = AS_MADE

    @property
    def thresholds(self) -> Thresholds:
        """Those that the figures are of."""
        return self.view.thresholds or self.result.thresholds

    @cached_property
    def comparison(self) -> AnyComparison:
        """At these thresholds."""
        if not isinstance(self.found, StoredPair):
            return compare(*self.found, self.thresholds)
        large = compare_stored(self.found, self.thresholds)
        large.forget_rankings()  # no interval is asked for
        return large

    @cached_property
    def summary(self) -> WaysSummary:
        """At these thresholds."""
        if self.thresholds == self.result.thresholds:
            return self.result.summary
        return summary_of(self.comparison.images, self.comparison.parent.image_names)

    @property
    def detections(self) -> Detections:
        """What both found."""
        if isinstance(self.found, StoredPair):
            return Detections(self.found.parent.image_names, self.found.parts)
        both = self.found
        return Detections(both[0].image_names, lambda: [both])


def load_two_ways(folder: Path, view: ViewState = AS_MADE) -> TwoWaysReport:
    """The comparison that a job left in `folder`; raises WorkbenchError where it is damaged."""
    result = read_json(folder / RESULT_FILE, TwoWaysResult)
    found = open_pair(folder) if are_large(folder) else load_tables(folder)
    return TwoWaysReport(result, found, view)


class TwoWays(ReportKind[TwoWaysReport]):
    """See `core.reports.kind.ReportKind`."""

    id = "two-ways"
    title = "One model, two ways"
    question = (
        "Does the model find the same on two devices, in two precisions or with exact INT8? One "
        "image that differs from all others shows a faulty device."
    )
    details = "Differing detections of each class"
    job = TwoWaysJob
    result = TwoWaysResult
    options = frozenset({"thresholds", "against"})
    needs_parent = False
    has_images = True
    roles = ("B", "A")
    files = ("b", "a")

    def read(self, folder: Path, view: ViewState = AS_MADE) -> TwoWaysReport:
        return load_two_ways(folder, view)

    def runs(self, ran: Ran) -> tuple[str, ...]:
        """A first."""
        b, a, *more = super().runs(ran)
        return a, b, *more

    def headline(self, result: TwoWaysResult) -> Headline:
        return _headline(result.summary)

    def headline_at(self, report: TwoWaysReport) -> Headline:
        """The main figures at the thresholds that the report is looked at with."""
        return _headline(report.summary)

    def thresholds(self, result: TwoWaysResult) -> Thresholds:
        return result.thresholds

    def summary(self, report: TwoWaysReport) -> tuple[str | Table, ...]:
        headline = headline_text(self.headline_at(report))
        if not report.summary.images_changed:
            return (f"{headline}.",)
        shown = ("image", "a", "b", "b_only", "a_only", "class_changed", "damage")
        most = min(_NAMED, report.summary.images_changed)
        return (f"{headline}.", image_table(report.comparison).readable(most).part(shown))

    def tables(self, report: TwoWaysReport) -> dict[str, AnyTable]:
        comparison = report.comparison
        return {
            "images": image_table(comparison, report.view.chosen),
            "classes": class_table(comparison),
        }

    def plain(self, report: TwoWaysReport) -> Plain:
        tables = {name: table.records() for name, table in self.tables(report).items()}
        return {
            **about(report.result),
            "thresholds": to_plain(report.thresholds),
            "summary": to_plain(report.summary),
            **tables,
        }

    def page(self, report: TwoWaysReport) -> str:
        from core.documents.html import render, typed
        from core.reports.drawing import WORST_IMAGES, worst_images

        result, summary = report.result, report.summary
        shown = figures(summary, report.thresholds)
        differing = image_table(report.comparison, report.view.chosen)
        return render(
            "two_ways.html.j2",
            f"{result.optimized}, run in two ways",
            result=result,
            runs=self.runs(result),
            headline=headline_text(self.headline_at(report)),
            images=summary.images,
            figures=typed(
                Table.of_rows(_FIGURES, ((one.name, one.text, one.meaning) for one in shown))
            ),
            differing=typed(differing.readable(MOST_ROWS)),
            classes=typed(class_table(report.comparison)),
            worst=worst_images(self.images(report), WORST_IMAGES),
        )

    def detections(self, report: TwoWaysReport) -> Detections:
        return report.detections

    def images(self, report: TwoWaysReport) -> ReportImages:
        comparison, chosen = report.comparison, report.view.chosen
        rows = comparison.images
        shown = rows.damage >= 0 if chosen.empty else image_mask(comparison, chosen)
        return ReportImages(
            comparison,
            report.result.dataset_root,
            None,
            np.asarray(rows.image[shown], np.int64),
            in_words(chosen, WORDS),
            CALLED,
        )

    def versus(self, first: TwoWaysReport, second: TwoWaysReport) -> Versus:
        from core.reports.predictions.versus import image_changes

        both = first, second
        changed = [
            {
                row.class_name: row.missed + row.extra + row.class_changed
                for row in one.comparison.per_class
            }
            for one in both
        ]
        return Versus(
            figures=lines_of(*(figures(one.summary, one.thresholds) for one in both)),
            details=most_changed(*changed),
            images=image_changes(first.comparison, second.comparison, COUNTED_IN_WAYS),
            drawn=self.images(second),
            thresholds=second.thresholds,
        )


def _headline(summary: WaysSummary) -> Headline:
    names = ("images", "images_changed", "a_only", "b_only", "class_changed")
    return Headline(
        code="ways_differ" if summary.images_changed else "ways_alike",
        figures={name: getattr(summary, name) for name in names},
    )
