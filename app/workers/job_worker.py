"""The thread that runs one job; the work itself is in the job's own process."""

from __future__ import annotations

import logging
import threading

from PySide6.QtCore import QObject, QThread

from app.kit.signals import Sends
from core.errors import WorkbenchError
from core.jobs.events import Event, JobOutcome
from core.jobs.planned import JobEnd, PlannedJob, run_planned
from core.workspace.store import Workspace

log = logging.getLogger(__name__)


class JobWorker(QThread):
    """Runs a planned job and reports exactly one end."""

    event_received = Sends[Event]()
    job_ended = Sends[JobEnd]()

    def __init__(self, workspace: Workspace, job: PlannedJob, parent: QObject) -> None:
        super().__init__(parent)
        self.job = job
        self._workspace = workspace
        self._cancel = threading.Event()

    def run(self) -> None:
        """In the thread: blocks until the job's end."""
        try:
            end = run_planned(self._workspace, self.job, self.event_received.emit, self._cancel)
        except Exception as error:  # the thread's boundary: the window must hear of an end
            log.exception("the job %s", self.job.title)
            sentence = WorkbenchError(
                f"{self.job.title} failed: {error}.", "The log has the details."
            )
            end = JobEnd(JobOutcome("failed", error=sentence), None)
        self.job_ended.emit(end)

    def cancel(self) -> None:
        """Ask the job to stop; its end comes within a second."""
        self._cancel.set()
