"""The thread of one import dialog: it examines a model, answers previews, and ends in one way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.workers.job_thread import JobThread
from core.errors import WorkbenchError
from core.importing.examining import Examined
from core.importing.live_preview import LivePreview
from core.importing.preview_job import Previewed
from core.jobs.events import Event, Progress
from core.models.adjusting import Overrides
from core.models.detector import Detector

Prepare = Callable[[Callable[[Event], None], threading.Event], Examined]
Agree = Callable[[Examined, Overrides], int]
Leave = Callable[[Examined], None]


class ExamineWorker(JobThread):
    """Prepares what is examined, then answers questions until the user agrees or leaves.

    The work itself is in child processes. Of `failed` and `examined` one comes first, unless the
    user leaves; of `agreed` and `not_agreed` one follows `agree`.
    """

    progressed = Sends[Progress]()
    examined = Sends[Examined]()
    previewed = Sends[Previewed]()
    preview_failed = Sends[WorkbenchError]()
    agreed = Sends[int]()  # project id
    not_agreed = Sends[WorkbenchError]()  # the user may fix it and agree again

    def __init__(
        self,
        prepare: Prepare,
        agree: Agree,
        leave: Leave,
        beside: Path,
        log_file: Path | None,
        parent: QObject,
    ) -> None:
        """`beside` is the folder for what the preview's process needs; `log_file` its log."""
        super().__init__(prepare, parent)
        self._agree, self._leave = agree, leave
        self._beside, self._log_file = beside, log_file
        self._done = threading.Event()
        self._overrides: Overrides | None = None
        self._preview: LivePreview | None = None

    # From the window's thread

    def ask(self, number: int, detector: Detector, image: Path) -> None:
        """What is found in `image`; `previewed` follows, unless something newer is asked."""
        if self._preview is not None:
            self._preview.ask(number, detector, image)

    def agree(self, overrides: Overrides) -> None:
        """Make use of what was examined, with these overrides."""
        self._overrides = overrides
        self._close()

    def leave(self) -> None:
        """Forget it; nothing is told any more."""
        self.cancel()
        self._close()

    def _close(self) -> None:
        self._done.set()
        if self._preview is not None:
            self._preview.close()

    # In the thread

    def work(self, on_event: Callable[[Event], None], cancel: threading.Event) -> None:
        """Blocks until the user agrees or leaves."""
        examined = self.task(self._publish_progress, cancel)
        try:
            self._preview = LivePreview(examined.stored.xml, self._beside, self._log_file)
            if not cancel.is_set():
                self.examined.emit(examined)
            while not cancel.is_set():
                self._answer(self._preview)
                if self._overrides is None or cancel.is_set() or self._agreed_to(examined):
                    return
                self._preview = LivePreview(examined.stored.xml, self._beside, self._log_file)
                self._done.clear()  # of a user who left meanwhile, the loop hears
        finally:
            self._leave(examined)

    def _agreed_to(self, examined: Examined) -> bool:
        assert self._overrides is not None
        try:
            self.agreed.emit(self._agree(examined, self._overrides))
        except WorkbenchError as error:
            self._overrides = None
            self.not_agreed.emit(error)
            return False
        return True

    def _answer(self, preview: LivePreview) -> None:
        try:
            if not self._done.is_set():
                preview.run(self._publish_answer)
        except WorkbenchError as error:
            self.preview_failed.emit(error)
        self._done.wait()

    def _publish_progress(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event)

    def _publish_answer(self, event: Previewed | Progress) -> None:
        if isinstance(event, Previewed):
            self.previewed.emit(event)
        else:
            self.progressed.emit(event)
