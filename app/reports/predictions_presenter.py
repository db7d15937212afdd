"""The report on predictions: everything computed anew while thresholds move."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed
from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.reports.kind_presenter import EXACTLY_MS, KindPresenter, KindView
from app.reports.predictions_view import (
    PredictionsView,
    compared,
    compared_at,
    exactly_compared,
    forget_rankings,
    found_classes,
    interval_of,
    is_small,
    material_of,
    open_large_view,
)
from core.metrics.matching.thresholds import Thresholds

if TYPE_CHECKING:
    from app.reports.walking import ImageWalk
    from core.metrics.comparison.bootstrap import Interval
    from core.metrics.comparison.confusion import ConfusionMatrix
    from core.reports.filters import AnyComparison
    from core.reports.kind import ViewState

_REST_MS = 400  # after which a slider rests: what takes long is computed then


class PredictionsPresenter(KindPresenter):
    """Computes a report from stored detections while thresholds move; no model is run."""

    @staticmethod
    def read(folder: Path, state: ViewState) -> PredictionsView:
        """The report in `folder` as it was looked at the last time."""
        from core.metrics.comparison.comparison import prepare
        from core.reports.detections import are_large
        from core.reports.predictions.kind import load_predictions

        if are_large(folder):
            return open_large_view(folder, state)
        report = load_predictions(folder)
        candidates = prepare(report.parent, report.optimized)
        own = report.result.thresholds
        thresholds = state.thresholds or own
        comparison, confusion = compared(report, candidates, thresholds)
        return PredictionsView(
            report=report,
            thresholds=thresholds,
            own=own,
            chosen=state.chosen,
            candidates=candidates,
            comparison=comparison,
            confusion=confusion,
            interval=report.result.agreement_interval if thresholds == own else None,
            small=is_small(folder),
            class_names=found_classes(report),
        )

    interval_changed = Sends[PredictionsView]()

    def __init__(self, walk: ImageWalk, parent: QObject | None = None) -> None:
        super().__init__(walk, parent)
        self._resting = self.timer(_REST_MS, self._compute_rest)

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
        self.computer.drop("rest")
        super().set_thresholds(thresholds)

    def forget(self) -> None:
        """Let go of what a report that is left needed."""
        super().forget()
        self._resting.stop()
        self.computer.drop("rest")

    def show(self, view: KindView) -> None:
        """Show a view that was read or computed."""
        assert isinstance(view, PredictionsView)
        if view.interval is None or view.partial:
            self._resting.start(EXACTLY_MS if view.partial else _REST_MS)
        if view.as_made is not None:
            self.save_soon()  # what a list says of it
        super().show(view)
        self.walk.set_material(material_of(view))

    def compute(self) -> None:
        """Compare anew at the thresholds."""
        view: PredictionsView | None = self._view
        thresholds = self._thresholds
        if view is None or thresholds is None:
            return
        self.computer.ask(
            "compute", lambda: compared_at(view, thresholds), self._on_compared, now=view.small
        )

    def _on_compared(self, found: tuple[AnyComparison, ConfusionMatrix]) -> None:
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

    def _compute_rest(self) -> None:
        """What takes long: a large report exactly, then the interval."""
        view: PredictionsView | None = self._view
        if view is None:
            return
        computer = self.computer
        if view.partial:
            exactly = partial(exactly_compared, view, lambda: not computer.is_wanted())
            computer.ask("rest", exactly, self._on_exact)
        elif view.interval is None:
            interval = partial(interval_of, view, lambda: not computer.is_wanted())
            computer.ask("rest", interval, self._on_interval)

    def _on_exact(self, found: tuple[AnyComparison, ConfusionMatrix] | None) -> None:
        if found is None:  # it gave way to something else
            self._resting.start()
        else:
            self._on_compared(found)
            if self._view.interval is not None:
                forget_rankings(self._view)

    def _on_interval(self, interval: Interval | None) -> None:
        view: PredictionsView | None = self._view
        if view is None:
            return
        agreement = view.comparison.summary.agreement
        if interval is None:  # it gave way to something else, or there is no agreement
            if agreement is not None:
                self._resting.start()
        elif interval.value == agreement:  # else thresholds moved
            forget_rankings(view)
            self._view = replace(view, interval=interval)
            self.interval_changed.emit(self._view)
