"""A thread for one small job that belongs to a widget, and not to the queue."""

from __future__ import annotations

import logging
import shutil
import threading
from pathlib import Path

from PySide6.QtCore import QObject, QThread

from app.kit.signals import Sends
from core.errors import JobCancelled, WorkbenchError
from core.folders import make_work_folder
from core.jobs.job import RESULT_FILE, Job
from core.jobs.runner import run_job
from core.values import Value, read_json

log = logging.getLogger(__name__)


class JobRunner(QThread):
    """Runs a request in a child process and gives its result; its files go away."""

    succeeded = Sends[Value]()  # the result
    failed = Sends[WorkbenchError]()

    def __init__(
        self, request: Job, result: type[Value], beside: Path, log_file: Path, parent: QObject
    ) -> None:
        """The job works in a folder in `beside`."""
        super().__init__(parent)
        self._request, self._result = request, result
        self._beside, self._log_file = beside, log_file
        self._cancel = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop; nothing is told any more."""
        self._cancel.set()

    def run(self) -> None:
        """In the thread: blocks until the job's end."""
        try:
            result = self._work()
        except JobCancelled:
            return
        except WorkbenchError as error:
            self.failed.emit(error)
        except Exception as error:  # the thread's boundary
            log.exception("a small job failed")
            self.failed.emit(WorkbenchError(f"Something went wrong that should not: {error}."))
        else:
            self.succeeded.emit(result)

    def _work(self) -> Value:
        folder = make_work_folder(self._beside / "checked")
        try:
            outcome = run_job(self._request, folder, cancel=self._cancel, log=self._log_file)
            if outcome.state == "cancelled":
                raise JobCancelled
            return read_json(outcome.require() / RESULT_FILE, self._result)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
