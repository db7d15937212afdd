"""Jobs one after the other: nothing may run beside a measurement."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject

from app.kit.notice import Notices
from app.kit.signals import Sends
from app.workers.job_worker import JobWorker
from core.errors import WorkbenchError
from core.jobs.events import Event, JobOutcome, Progress
from core.jobs.planned import JobEnd, PlannedJob
from core.workspace.store import Workspace


@dataclass(frozen=True)
class QueueState:
    """What the job bar shows; `title` is empty while nothing runs."""

    title: str = ""
    progress: Progress | None = None
    waiting: int = 0
    cancelling: bool = False


class JobQueue(QObject):
    """Runs the jobs that are submitted, first come, first served."""

    state_changed = Sends[QueueState]()
    event_received = Sends[Event]()
    job_added = Sends[PlannedJob]()
    job_ended = Sends[PlannedJob, JobEnd]()

    def __init__(
        self, workspace: Workspace, notices: Notices | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.notices = notices or Notices(self)
        self._workspace = workspace
        self._waiting: deque[PlannedJob] = deque()
        self._worker: JobWorker | None = None
        self._state = QueueState()

    @property
    def state(self) -> QueueState:
        """What is going on now."""
        return self._state

    @property
    def current(self) -> PlannedJob | None:
        """The job that is running."""
        return self._worker.job if self._worker is not None else None

    @property
    def jobs(self) -> tuple[PlannedJob, ...]:
        """The job that is running, and those that wait."""
        running = () if self.current is None else (self.current,)
        return (*running, *self._waiting)

    def start(self, plan: Callable[[], PlannedJob]) -> bool:
        """Plan a job and run it when its turn comes; False where it is refused, which is told."""
        try:
            self.submit(plan())
        except WorkbenchError as error:
            self.notices.refuse(error)
            return False
        return True

    def submit(self, job: PlannedJob) -> None:
        """Run the job when its turn comes."""
        self._waiting.append(job)
        if self._worker is None:
            self._start_next()
        else:
            self._tell(waiting=len(self._waiting))
        self.job_added.emit(job)

    def cancel_current(self) -> None:
        """Cancel the running job; those that wait go on."""
        if self._worker is not None:
            self._worker.cancel()
            self._tell(cancelling=True)

    def close(self) -> None:
        """Cancel everything and wait for it: a thread that outlives the program aborts it."""
        while self._waiting:
            self._waiting.popleft().abandon(JobOutcome("cancelled"))
        if self._worker is not None:
            worker, self._worker = self._worker, None
            worker.cancel()
            worker.wait()
            self._tell_state(QueueState())

    def _start_next(self) -> None:
        if not self._waiting:
            self._tell_state(QueueState())
            return
        job = self._waiting.popleft()
        worker = JobWorker(self._workspace, job, self)
        worker.event_received.connect(self._on_event_received)
        worker.job_ended.connect(self._on_job_ended)
        self._worker = worker
        self._tell_state(QueueState(title=job.title, waiting=len(self._waiting)))
        worker.start()

    def _on_event_received(self, event: Event) -> None:
        if self._worker is None:
            return
        if isinstance(event, Progress):
            self._tell(progress=event)
        self.event_received.emit(event)

    def _on_job_ended(self, end: JobEnd) -> None:
        worker = self._worker
        if worker is None:
            return
        self._worker = None
        worker.wait()
        worker.deleteLater()
        self.job_ended.emit(worker.job, end)  # may submit, and so start, the next one
        if self._worker is None:
            self._start_next()

    def _tell(self, **changes: Any) -> None:
        self._tell_state(replace(self._state, **changes))

    def _tell_state(self, state: QueueState) -> None:
        self._state = state
        self.state_changed.emit(state)
