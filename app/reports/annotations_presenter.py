"""Accuracy by ground truth: figures of both models, and what a threshold changes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject

from app.reports.kind_presenter import EXACTLY_MS, KindPresenter, KindView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.reports.walking import ImageWalk
    from core.metrics.accuracy.annotated import Accuracy
    from core.metrics.accuracy.error_costs import ErrorKind
    from core.metrics.matching.thresholds import Thresholds
    from core.reports.annotations.report import Look, MeasuredAnnotations
    from core.reports.filters import AnyComparison
    from core.reports.kind import ViewState

Role = Literal["parent", "optimized"]
ROLES: tuple[Role, Role] = ("parent", "optimized")


@dataclass(frozen=True, eq=False, kw_only=True)
class AnnotationsView(KindView):
    """A report at the current thresholds.

    Attributes:
        figures: those of the thresholds.
        by_truth: each model against the ground truth, as `compare` gives it: the ground truth is
            its parent.
        between: the two models against each other, for their images.
        counted: how many images errors are counted in, where their number is an estimate.
        partial: whether images and confusions are of some images so far.
    """

    report: MeasuredAnnotations
    figures: Accuracy
    by_truth: tuple[AnyComparison, AnyComparison]
    between: AnyComparison
    counted: int | None = None
    partial: bool = False

    @property
    def class_names(self) -> list[str]:
        """Those with objects or detections, in the model's order."""
        found = {one.class_name for one in self.figures.classes}
        for model in (self.figures.parent, self.figures.optimized):
            found.update(model.confusion.class_names)
        return [name for name in self.between.parent.class_names if name in found]


def _shown(report: MeasuredAnnotations, look: Look) -> AnnotationsView:
    return AnnotationsView(
        report=report,
        thresholds=report.thresholds,
        own=report.result.accuracy.thresholds,
        chosen=report.view.chosen,
        figures=look.accuracy,
        by_truth=look.by_truth,
        between=look.between,
        counted=look.counted,
        partial=look.partial,
    )


def _at(report: MeasuredAnnotations, thresholds: Thresholds) -> AnnotationsView:
    from msgspec.structs import replace as changed

    seen = report.seen(changed(report.view, thresholds=thresholds))
    return _shown(seen, seen.first_look())


def _exactly(report: MeasuredAnnotations, wanted: Callable[[], bool]) -> AnnotationsView | None:
    """All of a large report; None where something else is wanted."""
    from core.metrics.comparison.stored_pair import Unwanted

    try:
        return _shown(report, report.look(wanted))
    except Unwanted:
        return None


class AnnotationsPresenter(KindPresenter):
    """Shows a report on annotations; its numbers lead to images."""

    @staticmethod
    def read(folder: Path, state: ViewState) -> AnnotationsView:
        """The report in `folder` as it was looked at the last time."""
        from core.reports.annotations.kind import open_annotations

        report = open_annotations(folder, state)
        return _shown(report, report.first_look())

    def __init__(self, walk: ImageWalk, parent: QObject | None = None) -> None:
        super().__init__(walk, parent)
        self._resting = self.timer(EXACTLY_MS, self._compute_rest)

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Compute everything at these thresholds."""
        self._drop_rest()
        super().set_thresholds(thresholds)

    def forget(self) -> None:
        """Let go of what a report that is left needed."""
        super().forget()
        self._drop_rest()
        self.computer.drop("errors")

    def show(self, view: KindView) -> None:
        """Show a view that was read or computed."""
        assert isinstance(view, AnnotationsView)
        if view.partial:
            self._resting.start()
        super().show(view)
        if self.walk.material is not None:  # an image of it is looked at
            self._give_material()

    def compute(self) -> None:
        """Count errors and confusions at the thresholds."""
        view: AnnotationsView | None = self._view
        thresholds = self._thresholds
        if view is not None and thresholds is not None:
            self.computer.ask("compute", lambda: _at(view.report, thresholds), self._on_computed)

    def show_images(self, image: int, order: NDArray[np.integer]) -> None:
        """Look at an image of this list, with both models' boxes and the ground truth."""
        self._walk(order, image)

    def show_errors(self, role: Role, kind: ErrorKind) -> None:
        """Look at the images with errors of a kind, most of them first."""
        view: AnnotationsView | None = self._view
        if view is None:
            return
        import numpy as np

        def with_most_first() -> NDArray[np.integer]:
            counts = np.bincount(view.report.error_images(ROLES.index(role), kind))
            order = np.argsort(-counts, kind="stable")
            return order[counts[order] > 0]

        self.computer.ask("errors", with_most_first, self._walk, now=not view.report.large)

    def _compute_rest(self) -> None:
        """A large report exactly."""
        view: AnnotationsView | None = self._view
        if view is not None and view.partial:
            wanted = partial(_exactly, view.report, lambda: not self.computer.is_wanted())
            self.computer.ask("rest", wanted, self._on_exact)

    def _on_exact(self, view: AnnotationsView | None) -> None:
        if view is None:  # it gave way to something else
            self._resting.start()
        else:
            self._on_computed(view)

    def _drop_rest(self) -> None:
        """It is of thresholds, or of a report, that are left behind."""
        self._resting.stop()
        self.computer.drop("rest")

    def _on_computed(self, view: AnnotationsView) -> None:
        if self._view is not None:
            self.show(replace(view, chosen=self._view.chosen))

    def _walk(self, images: NDArray[np.integer], first: int | None = None) -> None:
        if self._view is not None and len(images):
            self._give_material()
            self.walk.show_image(int(images[0]) if first is None else first, images)

    def _give_material(self) -> None:
        from core.reports.kind import ReportImages

        view: AnnotationsView = self._view
        report = view.report
        self.walk.set_material(ReportImages(view.between, report.result.dataset_root, report.truth))
