"""The state of the accuracy report: thresholds, the comparison at them, the image looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import WorkbenchError

if TYPE_CHECKING:
    from app.viewer.scene import ViewedImage
    from app.viewer.thumbnail_items import Thumbnails
    from core.accuracy.candidates import Candidates
    from core.accuracy.comparison import Comparison
    from core.jobs.kept import PredictionReport
    from core.workbench import Workbench
    from core.workspace.store import Artifact

_SETTLE_MS = 15  # a slider that moves is followed, but not more often than this
LOWEST_SCORE = 0.01


@dataclass(frozen=True, eq=False)
class ReportView:
    """A report at the current thresholds."""

    report: PredictionReport
    comparison: Comparison


class ReportPresenter(QObject):
    """Computes a report from cached detections while thresholds move; no model is run."""

    report_changed = Signal(object)  # ReportView | None
    image_changed = Signal(object)  # ViewedImage | None
    failed = Signal(object)  # WorkbenchError

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._artifact: Artifact | None = None
        self._view: ReportView | None = None
        self._order: Sequence[int] = ()
        self._image: int | None = None
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self._compute)
        self._score = 0.0
        self._candidates: Candidates | None = None  # what no threshold changes
        self._classes: tuple[int, ...] = ()  # ids, the most frequent first

    @property
    def view(self) -> ReportView | None:
        """What is shown."""
        return self._view

    def show_report(self, artifact: Artifact | None) -> None:
        """Show a stored report, at the thresholds that it was made with."""
        if artifact is not None and self._artifact is not None and artifact.id == self._artifact.id:
            return
        self._artifact = artifact
        self._view = None
        self.show_image(None)
        if artifact is None:
            self.report_changed.emit(None)
            return
        from app.presenters.viewed import frequent_first
        from core.accuracy.comparison import compare, prepare

        try:
            report = self._workbench.prediction_report(artifact)
            thresholds = report.result.thresholds
            self._score = thresholds.score
            self._candidates = prepare(report.parent, report.optimized)
            comparison = compare(
                report.parent, report.optimized, thresholds, candidates=self._candidates
            )
        except WorkbenchError as error:
            self._artifact = None
            self.report_changed.emit(None)
            self.failed.emit(error)
            return
        self._classes = frequent_first(report.parent, report.optimized)
        self._view = ReportView(report, comparison)
        self.report_changed.emit(self._view)

    def set_score_threshold(self, score: float) -> None:
        """Leave detections below `score` out, on both sides."""
        self._score = max(LOWEST_SCORE, score)
        self._timer.start()

    def show_image(self, image: int | None, order: Sequence[int] | None = None) -> None:
        """Look at an image by its index; `order` is the list that next and previous walk."""
        if order is not None:
            self._order = order
        self._image = image
        self.image_changed.emit(self._viewed())

    def show_next(self, step: int = 1) -> None:
        """Go on by `step` images in the list; stays at its ends."""
        place = self._place()
        if place is not None and 0 <= place + step < len(self._order):
            self.show_image(self._order[place + step])

    def show_next_difference(self) -> None:
        """Go to the next image of the list on which the two models differ, from the top again."""
        place = self._place()
        if place is None or self._view is None:
            return
        rows = self._view.comparison.images
        changed = set(rows.image[rows.different > 0].tolist())
        for ahead in range(1, len(self._order) + 1):
            image = self._order[(place + ahead) % len(self._order)]
            if image in changed:
                self.show_image(image)
                return

    def neighbours(self) -> list[Path]:
        """Paths of the images that will be asked for next."""
        place = self._place()
        if place is None or self._view is None:
            return []
        near = [place + 1, place - 1, place + 2]
        return [self._path(self._order[p]) for p in near if 0 <= p < len(self._order)]

    def thumbnails(self) -> Thumbnails:
        """The list that next and previous walk, in small pictures."""
        from app.presenters.viewed import thumbnails_of
        from app.viewer.thumbnail_items import Thumbnails

        if self._view is None:
            return Thumbnails.none()
        root = self._view.report.result.dataset_root
        return thumbnails_of(self._view.comparison, root, self._order)

    def _compute(self) -> None:
        if self._view is None:
            return
        import msgspec

        from core.accuracy.comparison import compare

        report, thresholds = self._view.report, self._view.comparison.thresholds
        thresholds = msgspec.structs.replace(thresholds, score=self._score)
        comparison = compare(
            report.parent, report.optimized, thresholds, candidates=self._candidates
        )
        self._view = ReportView(report, comparison)
        self.report_changed.emit(self._view)
        if self._image is not None:
            self.image_changed.emit(self._viewed())

    def _place(self) -> int | None:
        if self._image is None or self._image not in self._order:
            return None
        return list(self._order).index(self._image)

    def _path(self, image: int) -> Path:
        assert self._view is not None
        report = self._view.report
        return report.result.dataset_root / report.parent.image_names[image]

    def _viewed(self) -> ViewedImage | None:
        if self._image is None or self._view is None:
            return None
        from app.presenters.viewed import viewed_image

        return viewed_image(
            self._view.comparison,
            self._image,
            self._path(self._image),
            position=self._place() or 0,
            total=len(self._order) or 1,
            class_order=self._classes,
        )
