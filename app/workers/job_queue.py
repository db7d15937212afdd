"""Jobs one after the other: nothing may run beside a measurement."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from app.kit.notice import Notices
from app.kit.signals import Sends
from app.workers.job_thread import JobThread
from core.errors import WorkbenchError
from core.jobs.events import Event, JobOutcome, Progress
from core.jobs.planned import JobEnd, PlannedJob, run_planned
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
        self._running: tuple[PlannedJob, JobThread] | None = None
        self._state = QueueState()

    @property
    def state(self) -> QueueState:
        """What is going on now."""
        return self._state

    @property
    def current(self) -> PlannedJob | None:
        """The job that is running."""
        return self._running[0] if self._running is not None else None

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
        if self._running is None:
            self._start_next()
        else:
            self._tell(waiting=len(self._waiting))
        self.job_added.emit(job)

    def cancel_current(self) -> None:
        """Cancel the running job; those that wait go on."""
        if self._running is not None:
            self._running[1].cancel()
            self._tell(cancelling=True)

    def close(self) -> None:
        """Cancel everything and wait for it: a thread that outlives the program aborts it."""
        while self._waiting:
            self._waiting.popleft().abandon(JobOutcome("cancelled"))
        if self._running is not None:
            (_, thread), self._running = self._running, None
            thread.cancel()
            thread.wait()
            self._tell_state(QueueState())

    def _start_next(self) -> None:
        if not self._waiting:
            self._tell_state(QueueState())
            return
        job = self._waiting.popleft()
        thread = JobThread(partial(run_planned, self._workspace, job), self)
        thread.event_received.connect(self._on_event_received)
        thread.succeeded.connect(self._on_job_ended)
        thread.failed.connect(self._on_job_failed)
        self._running = job, thread
        self._tell_state(QueueState(title=job.title, waiting=len(self._waiting)))
        thread.start()

    def _on_event_received(self, event: Event) -> None:
        if self._running is None:
            return
        if isinstance(event, Progress):
            self._tell(progress=event)
        self.event_received.emit(event)

    def _on_job_ended(self, end: JobEnd) -> None:
        if self._running is None:
            return
        (job, thread), self._running = self._running, None
        thread.wait()
        thread.deleteLater()
        self.job_ended.emit(job, end)  # may submit, and so start, the next one
        if self._running is None:
            self._start_next()

    def _on_job_failed(self, error: WorkbenchError) -> None:
        """What nobody reckoned with: a job that fails ends, too."""
        self._on_job_ended(JobEnd(JobOutcome("failed", error=error), None))

    def _tell(self, **changes: Any) -> None:
        self._tell_state(replace(self._state, **changes))

    def _tell_state(self, state: QueueState) -> None:
        self._state = state
        self.state_changed.emit(state)
