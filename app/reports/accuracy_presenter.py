"""Accuracy by ground truth: figures of both models, and what a threshold changes of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends
from app.reports.walking import ImageWalk, Material
from app.workers.computer import Computer
from core.errors import WorkbenchError
from core.reports.filters import RowFilter

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from core.metrics.accuracy.annotated import Accuracy, AccuracyMaterial
    from core.metrics.accuracy.error_kinds import ErrorKind
    from core.metrics.comparison.comparison import Comparison
    from core.metrics.matching.thresholds import Thresholds
    from core.reports.job import AccuracyResult
    from core.workspace.store import Artifact

Role = Literal["parent", "optimized"]
ROLES: tuple[Role, Role] = ("parent", "optimized")
_SETTLE_MS = 15
_KEEP_MS = 600


@dataclass(frozen=True, eq=False)
class AccuracyView:
    """A report at the current thresholds.

    Attributes:
        result: as it was stored; `figures` are those of the thresholds.
        by_truth: each model against the ground truth, as `compare` gives it: the ground truth is
            its parent. None where the report was stored without its detections.
        between: the two models against each other, for their pictures.
        chosen: the filter of the images.
    """

    result: AccuracyResult
    figures: Accuracy
    by_truth: tuple[Comparison, Comparison] | None = None
    between: Comparison | None = None
    chosen: RowFilter = field(default_factory=RowFilter)


class AccuracyPresenter(QObject):
    """Shows a report on annotations; its numbers lead to images."""

    report_changed = Sends[AccuracyView | None]()
    filter_changed = Sends[AccuracyView]()
    failed = Sends[WorkbenchError]()

    def __init__(self, walk: ImageWalk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.walk = walk
        self.computer = Computer(self)
        self.computer.failed.connect(self._on_failed)
        self._artifact: Artifact | None = None
        self._view: AccuracyView | None = None
        self._material: AccuracyMaterial | None = None
        self._thresholds: Thresholds | None = None
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settling.timeout.connect(self._compute)
        self._keeping = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._keeping.timeout.connect(self._keep)

    @property
    def view(self) -> AccuracyView | None:
        """What is shown."""
        return self._view

    def show_report(self, artifact: Artifact | None) -> None:
        """Show a stored report, at the thresholds at which it was looked at the last time."""
        if artifact is not None and self._artifact is not None and artifact.id == self._artifact.id:
            return
        self._keep_now()
        self._artifact, self._view, self._material = artifact, None, None
        self._settling.stop()
        for key in ("open", "compute"):
            self.computer.drop(key)
        if artifact is None:
            self.report_changed.emit(None)
            return
        folder = artifact.folder
        self.computer.ask("open", lambda: _opened(folder), self._on_opened)

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Count errors and confusions at these thresholds."""
        self._thresholds = thresholds
        self._settling.start()
        self._keeping.start()

    def set_score_threshold(self, score: float) -> None:
        """Leave detections below `score` out."""
        from msgspec.structs import replace as replaced

        if self._thresholds is not None:
            self.set_thresholds(replaced(self._thresholds, score=score))

    def close(self) -> None:
        """Write down the thresholds, and end the thread."""
        self._keep_now()
        self._settling.stop()
        self.computer.close()

    # From numbers to images

    def set_filter(self, chosen: RowFilter) -> None:
        """Show these images alone."""
        if self._view is not None and chosen != self._view.chosen:
            self._view = replace(self._view, chosen=chosen)
            self._keeping.start()
            self.filter_changed.emit(self._view)

    def show_images(self, image: int, order: NDArray[np.integer]) -> None:
        """Look at an image of this list, with both models' boxes and the truth."""
        self._walk(order, image)

    def show_errors(self, role: Role, kind: ErrorKind) -> None:
        """Look at the images with errors of a kind, most of them first."""
        if self._view is None or self._material is None:
            return
        import numpy as np

        errors = self._material.errors[ROLES.index(role)]
        images = errors.images(kind, self._view.figures.thresholds.score)
        counts = np.bincount(images)
        order = np.argsort(-counts, kind="stable")
        self._walk(order[counts[order] > 0])

    def _walk(self, images: NDArray[np.integer], first: int | None = None) -> None:
        if self._view is None or self._view.between is None or not len(images):
            return
        self._give_material()
        self.walk.show_image(int(images[0]) if first is None else first, images)

    def _give_material(self) -> None:
        assert self._view is not None and self._view.between is not None
        truth = self._material.truth if self._material is not None else None
        self.walk.set_material(Material(self._view.between, self._view.result.dataset_root, truth))

    # How

    def _on_opened(self, opened: tuple[AccuracyView, AccuracyMaterial | None]) -> None:
        self._view, self._material = opened
        self._thresholds = self._view.figures.thresholds
        self.report_changed.emit(self._view)

    def _compute(self) -> None:
        view, material, thresholds = self._view, self._material, self._thresholds
        if view is None or material is None or thresholds is None:
            return
        self.computer.ask("compute", lambda: _at(view, material, thresholds), self._on_computed)

    def _on_computed(self, view: AccuracyView) -> None:
        if self._view is not None:
            self._view = view = replace(view, chosen=self._view.chosen)
            self.report_changed.emit(view)
            if self.walk.material is not None and view.between is not None:
                self._give_material()

    def _keep(self) -> None:
        if self._artifact is not None and self._view is not None:
            folder, view, thresholds = self._artifact.folder, self._view, self._thresholds
            self.computer.ask("keep", lambda: _keep(folder, view, thresholds), _nothing)

    def _keep_now(self) -> None:
        if self._keeping.isActive() and self._artifact is not None and self._view is not None:
            self._keeping.stop()
            try:
                _keep(self._artifact.folder, self._view, self._thresholds)
            except (WorkbenchError, OSError) as error:
                self.failed.emit(WorkbenchError(f"The thresholds cannot be kept: {error}."))

    def _on_failed(self, error: WorkbenchError) -> None:
        if self._view is None and self._artifact is not None:
            self._artifact = None
            self.report_changed.emit(None)
        self.failed.emit(error)


def _nothing(result: Any) -> None:
    """Nobody waits for it."""


def _opened(folder: Path) -> tuple[AccuracyView, AccuracyMaterial | None]:
    from core.reports.kept import load_accuracy, load_state

    report, state = load_accuracy(folder), load_state(folder)
    view = AccuracyView(report.result, report.result.accuracy, chosen=state.chosen)
    if report.material is None:
        return view, None
    thresholds = state.thresholds or report.result.accuracy.thresholds
    return _at(view, report.material, thresholds), report.material


def _at(view: AccuracyView, material: AccuracyMaterial, thresholds: Thresholds) -> AccuracyView:
    from core.metrics.comparison.comparison import compare

    figures, by_truth = material.at(view.result.accuracy, thresholds)
    between = compare(material.parent, material.optimized, thresholds, candidates=material.between)
    return replace(view, figures=figures, by_truth=by_truth, between=between)


def _keep(folder: Path, view: AccuracyView, thresholds: Thresholds | None) -> None:
    from core.reports.kept import ReportState, save_state

    other = None if thresholds == view.result.accuracy.thresholds else thresholds
    save_state(folder, ReportState(thresholds=other, chosen=view.chosen))
