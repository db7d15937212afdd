"""The image of an import dialog: which one is looked at, and what the model finds in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.importing.views import ImageView, overlay_of
from app.kit.signals import Sends
from app.workers.examining import ExamineWorker
from core.importing.preview_job import Previewed
from core.models.detector import Detector

_ASK_MS = 25  # after a choice, so that what is dragged asks no more often
DRAWN_FROM = 0.3
LOOKED_AT = 8  # images at most, of which that with most detections is shown first


class ImagePresenter(QObject):
    """Asks a worker for the detections on the image that is shown, as often as choices change.

    It begins with that of the first images in which most is detected: one without anything says
    nothing. Whoever chooses an image, or another way to use the model, ends that search.
    """

    changed = Sends[ImageView | None]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view: ImageView | None = None
        self._paths: tuple[Path, ...] = ()
        self._worker: ExamineWorker | None = None
        self._detector: Detector | None = None
        self._score = DRAWN_FROM
        self._asked = 0
        self._found: dict[Path, int] | None = None  # detections, while it looks for most
        self._ask = QTimer(self, singleShot=True, interval=_ASK_MS)
        self._ask.timeout.connect(self._ask_now)

    @property
    def view(self) -> ImageView | None:
        """The image that is shown."""
        return self._view

    def begin(self, worker: ExamineWorker, paths: tuple[Path, ...], detector: Detector) -> None:
        """Show the first images; `worker` answers what `detector` finds in them."""
        self._worker, self._paths, self._detector = worker, paths, detector
        self._found = {}
        self._go_to(0)

    def end(self) -> None:
        """Show no image any more."""
        self._ask.stop()
        self._worker = self._detector = None
        self._show(None)

    def set_detector(self, detector: Detector) -> None:
        """The model is used in this way from now on."""
        self._detector, self._found = detector, None
        if self._view is not None:
            self._view = replace(self._view, current=False)
        self._ask.start()

    def show_image(self, step: int) -> None:
        """Go on by `step` images; stays at the ends."""
        self._found = None
        if self._view is not None:
            self._go_to(self._view.position + step)

    def set_score(self, score: float) -> None:
        """Show detections from this score on."""
        self._score = score
        self._show_detections()

    def show_answer(self, answer: Previewed) -> None:
        """What was found, unless another image is shown by now."""
        view, found = self._view, self._found
        newest = answer.number == self._asked
        if view is not None and answer.image.path == view.path:
            current = newest and not self._ask.isActive()
            self._view = replace(
                view, seen=answer.image, seconds=answer.seconds, current=current, waiting=""
            )
            self._show_detections()
        if found is not None and newest and self._worker is not None:
            self._found = {**found, answer.image.path: self._count(answer)}
            self._look_on(self._found, self._worker)

    def show_problem(self, problem: str) -> None:
        """Why nothing can be found."""
        self._found = None
        if self._view is not None:
            self._show(replace(self._view, note=problem, overlay=None, waiting=""))

    def show_waiting(self, stage: str) -> None:
        """What the answer is waiting for."""
        if self._view is not None:
            self._show(replace(self._view, waiting=stage))

    def _look_on(self, found: Mapping[Path, int], worker: ExamineWorker) -> None:
        """Ask for another image, while the first is shown; at last show that with most."""
        paths = self._paths[:LOOKED_AT]
        left = [path for path in paths if path not in found]
        if left and self._detector is not None:
            self._asked += 1
            worker.ask(self._asked, self._detector, left[0])
            return
        self._found = None
        best = max(paths, key=lambda path: found.get(path, 0))  # of equals the first
        if self._view is not None and found.get(best, 0) > found.get(self._view.path, 0):
            self._go_to(paths.index(best))

    def _count(self, answer: Previewed) -> int:
        return sum(score >= self._score for score in answer.image.scores)

    def _go_to(self, position: int) -> None:
        if 0 <= position < len(self._paths):
            self._show(ImageView(self._paths[position], position, len(self._paths)))
            self._ask_now()

    def _ask_now(self) -> None:
        if self._worker is None or self._view is None or self._detector is None:
            return
        self._asked += 1
        self._worker.ask(self._asked, self._detector, self._view.path)

    def _show_detections(self) -> None:
        view, detector = self._view, self._detector
        if view is None or view.seen is None or detector is None:
            return
        overlay = overlay_of(view.seen, detector.class_names, self._score)
        note = view.seen.problem
        if view.seen.unnamed:
            note = f"{view.seen.unnamed} detections are left out: their classes have no name."
        self._show(replace(view, overlay=overlay, note=note))

    def _show(self, view: ImageView | None) -> None:
        self._view = view
        self.changed.emit(view)
