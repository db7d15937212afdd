"""The report on predictions: everything computed anew while thresholds move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed
from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.reports.kind_presenter import KindPresenter, KindView
from core.metrics.matching.thresholds import Thresholds
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE

if TYPE_CHECKING:
    from app.reports.walking import ImageWalk
    from core.metrics.accuracy.verdict import Grounds, Verdict
    from core.metrics.comparison.bootstrap import Interval
    from core.metrics.comparison.comparison import Comparison
    from core.metrics.comparison.confusion import ConfusionMatrix
    from core.metrics.matching.candidates import Candidates
    from core.reports.kind import ViewState
    from core.reports.predictions.kind import PredictionsReport
    from core.reports.wording import AsMade, Headline

_REST_MS = 400  # after which a slider rests: what takes long is computed then
_SMALL_BYTES = 1_000_000  # of detections: computed within 10 ms or so, sooner than by a thread


@dataclass(frozen=True, eq=False, kw_only=True)
class PredictionsView(KindView):
    """A report at the current thresholds.

    Attributes:
        candidates: what no threshold changes.
        interval: of the agreement; None where there is none, or it is not computed yet.
        small: whether it is computed at once, without a thread.
        class_names: those that either model finds at all, at any score.
    """

    report: PredictionsReport
    candidates: Candidates
    comparison: Comparison
    confusion: ConfusionMatrix
    interval: Interval | None
    small: bool
    class_names: tuple[str, ...] = ()

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

        return headline_of(self.verdict, self.grounds, self.comparison.summary, self.as_made)

    @property
    def grounds(self) -> Grounds:
        """What no threshold changes."""
        return self.report.result.grounds


class PredictionsPresenter(KindPresenter):
    """Computes a report from stored detections while thresholds move; no model is run."""

    @staticmethod
    def read(folder: Path, state: ViewState) -> PredictionsView:
        """The report in `folder` as it was looked at the last time."""
        from core.metrics.comparison.comparison import prepare
        from core.reports.predictions.kind import load_predictions

        report = load_predictions(folder)
        candidates = prepare(report.parent, report.optimized)
        own = report.result.thresholds
        thresholds = state.thresholds or own
        comparison, confusion = _compared(report, candidates, thresholds)
        return PredictionsView(
            report=report,
            thresholds=thresholds,
            own=own,
            chosen=state.chosen,
            candidates=candidates,
            comparison=comparison,
            confusion=confusion,
            interval=report.result.agreement_interval if thresholds == own else None,
            small=_is_small(folder),
            class_names=_found_classes(report),
        )

    interval_changed = Sends[PredictionsView]()

    def __init__(self, walk: ImageWalk, parent: QObject | None = None) -> None:
        super().__init__(walk, parent)
        self._resting = self.timer(_REST_MS, self._compute_interval)

    @property
    def state(self) -> ViewState:
        """How the report is looked at, with the verdict that it has then."""
        view: PredictionsView | None = self._view
        state = super().state
        if view is None or state.thresholds != view.comparison.thresholds or view.as_made is None:
            return state
        return changed(state, headline=view.headline)

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Compute everything at these thresholds."""
        self._resting.stop()  # the interval is of thresholds that are left behind
        self.computer.drop("interval")
        super().set_thresholds(thresholds)

    def forget(self) -> None:
        """Let go of what a report that is left needed."""
        super().forget()
        self._resting.stop()
        self.computer.drop("interval")

    def show(self, view: KindView) -> None:
        """Show a view that was read or computed."""
        from core.reports.kind import ReportImages

        assert isinstance(view, PredictionsView)
        if view.interval is None:
            self._resting.start()
        if view.as_made is not None:
            self.save_soon()  # what a list says of it
        super().show(view)
        report = view.report
        self.walk.set_material(
            ReportImages(view.comparison, report.result.dataset_root, report.truth)
        )

    def compute(self) -> None:
        """Compare anew at the thresholds."""
        view: PredictionsView | None = self._view
        thresholds = self._thresholds
        if view is None or thresholds is None:
            return
        self.computer.ask(
            "compute",
            lambda: _compared(view.report, view.candidates, thresholds),
            self._on_compared,
            now=view.small,
        )

    def _on_compared(self, found: tuple[Comparison, ConfusionMatrix]) -> None:
        view: PredictionsView | None = self._view
        if view is None:
            return
        comparison, confusion = found
        result = view.report.result
        as_made = comparison.thresholds == result.thresholds
        self.show(
            replace(
                view,
                thresholds=comparison.thresholds,
                comparison=comparison,
                confusion=confusion,
                interval=result.agreement_interval if as_made else None,
            )
        )

    def _compute_interval(self) -> None:
        view: PredictionsView | None = self._view
        if view is None:
            return
        comparison, candidates, computer = view.comparison, view.candidates, self.computer

        def task() -> Interval | None:
            from core.metrics.comparison.bootstrap import agreement_interval

            return agreement_interval(comparison, candidates, lambda: not computer.is_wanted())

        computer.ask("interval", task, self._on_interval)

    def _on_interval(self, interval: Interval | None) -> None:
        view: PredictionsView | None = self._view
        if view is None:
            return
        agreement = view.comparison.summary.agreement
        if interval is None:  # it gave way to something else, or there is no agreement
            if agreement is not None:
                self._resting.start()
        elif interval.value == agreement:  # else thresholds moved
            self._view = replace(view, interval=interval)
            self.interval_changed.emit(self._view)


def _is_small(folder: Path) -> bool:
    files = (folder / name for name in (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE))
    return sum(file.stat().st_size for file in files) < _SMALL_BYTES


def _found_classes(report: PredictionsReport) -> tuple[str, ...]:
    import numpy as np

    names = report.parent.class_names
    found = [
        np.bincount(t.class_ids, minlength=len(names)) for t in (report.parent, report.optimized)
    ]
    return tuple(
        name for name, count in zip(names, (found[0] + found[1]).tolist(), strict=True) if count
    )


def _compared(
    report: PredictionsReport, candidates: Candidates, thresholds: Thresholds
) -> tuple[Comparison, ConfusionMatrix]:
    from core.metrics.comparison.comparison import compare
    from core.metrics.comparison.confusion import confusion_matrix

    comparison = compare(report.parent, report.optimized, thresholds, candidates=candidates)
    return comparison, confusion_matrix(comparison).shown()
