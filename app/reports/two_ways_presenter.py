"""The report on one model run in two ways: read in a thread, computed anew as thresholds move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.reports.kind_presenter import KindPresenter, KindView

if TYPE_CHECKING:
    from core.metrics.matching.thresholds import Thresholds
    from core.reports.kind import ViewState
    from core.reports.two_ways.kind import TwoWaysReport


@dataclass(frozen=True, eq=False, kw_only=True)
class TwoWaysView(KindView):
    """A report at the current thresholds."""

    report: TwoWaysReport


class TwoWaysPresenter(KindPresenter):
    """Shows what A and B found, image by image."""

    @staticmethod
    def read(folder: Path, state: ViewState) -> TwoWaysView:
        """The report in `folder` as it was looked at the last time."""
        from core.reports.two_ways.kind import load_two_ways

        return _computed(load_two_ways(folder, state))

    def show(self, view: KindView) -> None:
        """Show a view that was read or computed."""
        from core.reports.two_ways.kind import TwoWays

        assert isinstance(view, TwoWaysView)
        super().show(view)
        self.walk.set_material(TwoWays().images(view.report))

    def compute(self) -> None:
        """Compare anew at the thresholds."""
        view: TwoWaysView | None = self._view
        thresholds = self._thresholds
        if view is not None and thresholds is not None:
            self.computer.ask("compute", lambda: _at(view.report, thresholds), self._on_computed)

    def _on_computed(self, view: TwoWaysView) -> None:
        if self._view is not None:
            self.show(view)


def _computed(report: TwoWaysReport) -> TwoWaysView:
    _ = report.comparison  # in the thread that reads it
    return TwoWaysView(
        report=report,
        thresholds=report.thresholds,
        own=report.result.thresholds,
        chosen=report.view.chosen,
    )


def _at(report: TwoWaysReport, thresholds: Thresholds) -> TwoWaysView:
    from msgspec.structs import replace as changed

    return _computed(replace(report, view=changed(report.view, thresholds=thresholds)))
