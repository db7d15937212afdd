"""What a report on predictions shows at its thresholds, and how it is computed: in any thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.reports.kind_presenter import KindView
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE

if TYPE_CHECKING:
    from core.metrics.accuracy.verdict import Grounds, Verdict
    from core.metrics.comparison.bootstrap import Interval
    from core.metrics.comparison.comparison import Comparison
    from core.metrics.comparison.confusion import ConfusionMatrix
    from core.metrics.comparison.sampled import Estimate
    from core.metrics.matching.candidates import Candidates
    from core.metrics.matching.thresholds import Thresholds
    from core.reports.filters import AnyComparison
    from core.reports.kind import ReportImages, ViewState
    from core.reports.predictions.large import LargeReport
    from core.reports.predictions.report import PredictionsReport
    from core.reports.wording import AsMade, Headline

_SMALL_BYTES = 1_000_000  # of detections: computed within 10 ms or so, sooner than by a thread


@dataclass(frozen=True, eq=False, kw_only=True)
class PredictionsView(KindView):
    """A report at the current thresholds.

    Attributes:
        candidates: what no threshold changes.
        report: whose detections stay in their files where they are many (`LargeReport`).
        candidates: None where the report is large.
        interval: of the agreement; None where there is none, or it is not computed yet.
        small: whether it is computed at once, without a thread.
        class_names: those that either model finds at all, at any score.
    """

    report: PredictionsReport | LargeReport
    candidates: Candidates | None
    comparison: AnyComparison
    confusion: ConfusionMatrix
    interval: Interval | None
    small: bool
    class_names: tuple[str, ...] = ()

    @property
    def estimate(self) -> Estimate | None:
        """What the summary is estimated from, until it is exact."""
        return getattr(self.comparison, "estimate", None)

    @property
    def partial(self) -> bool:
        """Whether images, classes, scores and confusion are of some images so far."""
        return getattr(self.comparison, "partial", False)

    @property
    def verdict(self) -> Verdict:
        """At the current thresholds."""
        from core.metrics.accuracy.verdict import verdict_on

        compared = self.comparison
        return verdict_on(self.grounds, compared.summary.changed, compared.thresholds.limits)

    @property
    def as_made(self) -> AsMade | None:
        """The verdict that the report was made with, where thresholds were moved since."""
        from core.reports.wording import as_made

        result = self.report.result
        return as_made(result.verdict.name, result.thresholds, self.comparison.thresholds)

    @property
    def headline(self) -> Headline:
        """What a list says of it."""
        from core.reports.predictions.kind import headline_of

        return headline_of(
            self.verdict,
            self.grounds,
            self.comparison.summary,
            self.comparison.thresholds.limits,
            self.as_made,
        )

    @property
    def grounds(self) -> Grounds:
        """What no threshold changes."""
        return self.report.result.grounds


def open_large_view(folder: Path, state: ViewState) -> PredictionsView:
    """A large report as it was looked at the last time; its detections stay in their files."""
    from core.reports.predictions.large import open_large

    report = open_large(folder)
    own = report.result.thresholds
    thresholds = state.thresholds or own
    comparison = report.first_look(thresholds)
    names, counts = report.pair.parent.class_names, comparison.class_counts.tolist()
    return PredictionsView(
        report=report,
        thresholds=thresholds,
        own=own,
        chosen=state.chosen,
        candidates=None,
        comparison=comparison,
        confusion=comparison.confusion.shown(),
        interval=report.result.agreement_interval if thresholds == own else None,
        small=False,
        class_names=tuple(name for name, count in zip(names, counts, strict=True) if count),
    )


def compared_at(
    view: PredictionsView, thresholds: Thresholds
) -> tuple[AnyComparison, ConfusionMatrix]:
    """The comparison at these thresholds; of a large report as much as can be shown soon."""
    from core.reports.predictions.large import LargeReport

    if isinstance(view.report, LargeReport):
        large = view.report.first_look(thresholds)
        return large, large.confusion.shown()
    assert view.candidates is not None
    return compared(view.report, view.candidates, thresholds)


def exactly_compared(
    view: PredictionsView, wanted: Callable[[], bool]
) -> tuple[AnyComparison, ConfusionMatrix] | None:
    """A large report at its thresholds, all of it; None where something else is wanted."""
    from core.metrics.comparison.large import LargeComparison, compare_stored
    from core.metrics.comparison.stored_pair import Unwanted

    assert isinstance(view.comparison, LargeComparison)
    try:
        exact = compare_stored(view.comparison.pair, view.comparison.thresholds, wanted)
    except Unwanted:
        return None
    return exact, exact.confusion.shown()


def interval_of(view: PredictionsView, wanted: Callable[[], bool]) -> Interval | None:
    """Of the agreement; None where there is none, or it is no longer wanted."""
    from core.metrics.comparison.bootstrap import agreement_interval
    from core.metrics.comparison.large import LargeComparison

    if isinstance(view.comparison, LargeComparison):
        return view.comparison.interval(wanted)
    return agreement_interval(view.comparison, view.candidates, wanted)


def forget_rankings(view: PredictionsView) -> None:
    """Of a large report, once its interval is known: much of its memory."""
    from core.metrics.comparison.large import LargeComparison

    if isinstance(view.comparison, LargeComparison):
        view.comparison.forget_rankings()


def material_of(view: PredictionsView) -> ReportImages:
    """What the report's images are drawn from."""
    from core.reports.kind import ReportImages

    return ReportImages(view.comparison, view.report.result.dataset_root, view.report.truth)


def is_small(folder: Path) -> bool:
    """Whether it is computed at once, without a thread."""
    files = (folder / name for name in (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE))
    return sum(file.stat().st_size for file in files) < _SMALL_BYTES


def found_classes(report: PredictionsReport) -> tuple[str, ...]:
    """Those that either model finds at all, at any score."""
    import numpy as np

    names = report.parent.class_names
    found = [
        np.bincount(t.class_ids, minlength=len(names)) for t in (report.parent, report.optimized)
    ]
    return tuple(
        name for name, count in zip(names, (found[0] + found[1]).tolist(), strict=True) if count
    )


def compared(
    report: PredictionsReport, candidates: Candidates, thresholds: Thresholds
) -> tuple[Comparison, ConfusionMatrix]:
    """At these thresholds, with the matrix of the classes that there are."""
    from core.metrics.comparison.comparison import compare
    from core.metrics.comparison.confusion import confusion_matrix

    comparison = compare(report.parent, report.optimized, thresholds, candidates=candidates)
    return comparison, confusion_matrix(comparison).shown()
