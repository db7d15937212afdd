"""The thread that waits for a job; the work itself is in the job's own process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread

from app.kit.signals import Sends
from core.errors import IN_THE_LOG, JobCancelled, WorkbenchError
from core.jobs.events import Event

log = logging.getLogger(__name__)

Task = Callable[[Callable[[Event], None], threading.Event], Any]
"""Blocks; is given where its events go, and what is set as soon as it is to stop."""


class JobThread(QThread):
    """Runs a task; one of `succeeded` and `failed` follows, or neither if it was cancelled."""

    event_received = Sends[Event]()
    succeeded = Sends[Any]()  # what the task gave
    failed = Sends[WorkbenchError]()

    def __init__(self, task: Task, parent: QObject) -> None:
        super().__init__(parent)
        self.task = task
        self._cancel = threading.Event()

    def cancel(self) -> None:
        """Ask the task to stop; its end comes within a second."""
        self._cancel.set()

    def work(self, on_event: Callable[[Event], None], cancel: threading.Event) -> Any:
        """In the thread: does the task, and whatever a subclass does with it."""
        return self.task(on_event, cancel)

    def run(self) -> None:
        """In the thread: blocks until the task's end."""
        try:
            result = self.work(self.event_received.emit, self._cancel)
        except JobCancelled:
            return
        except WorkbenchError as error:
            self.failed.emit(error)
        except OSError as error:
            from core.refusals import explained

            log.exception("%s", self.task)
            self.failed.emit(explained(error))
        except Exception as error:  # the thread's boundary: the window must hear of an end
            log.exception("%s", self.task)
            sentence = f"Unexpected error: {error}."
            self.failed.emit(WorkbenchError(sentence, IN_THE_LOG))
        else:
            self.succeeded.emit(result)
