"""The jobs of a window: heavy ones one after the other, light ones beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any, ParamSpec

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from app.kit.notice import Notice, Notices
from app.kit.signals import Sends
from app.workers.job_thread import JobThread
from app.workers.queued import QueuedJob, QueueState
from core.errors import WorkbenchError
from core.jobs.events import Event, JobOutcome, Progress
from core.jobs.planned import JobEnd, PlannedJob, log_of, run_planned
from core.workspace.store import Workspace

LIGHT_AT_ONCE = 3
KEPT = 200  # finished jobs

P = ParamSpec("P")


class JobQueue(QObject):
    """Runs the jobs that are submitted, first come, first served, of either weight."""

    state_changed = Sends[QueueState]()
    job_changed = Sends[QueuedJob]()  # a new one, too
    order_changed = Sends[()]()  # of those that wait
    event_received = Sends[Event]()
    job_added = Sends[PlannedJob]()
    job_ended = Sends[PlannedJob, JobEnd]()

    def __init__(
        self, workspace: Workspace, notices: Notices | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.notices = notices or Notices(self)
        self._workspace = workspace
        self._jobs: dict[int, QueuedJob] = {}
        self._waiting: list[int] = []
        self._threads: dict[int, JobThread] = {}  # of those that run
        self._wishes: dict[int, tuple[object, ...]] = {}  # of those that wait or run
        self._wish: tuple[object, ...] = ()  # that is just being submitted
        self._last_wish: tuple[tuple[object, ...], float] = ((), 0.0)
        self._numbers = 0
        self._closed = False
        self._state = QueueState()

    # What there is

    @property
    def state(self) -> QueueState:
        """What is going on now."""
        return self._state

    @property
    def current(self) -> PlannedJob | None:
        """The heavy job that runs, or the oldest light one."""
        number = self._current
        return None if number is None else self._jobs[number].planned

    @property
    def jobs(self) -> tuple[PlannedJob, ...]:
        """The jobs that run, the current one first, and those that wait."""
        return tuple(job.planned for job in self._unfinished())

    @property
    def all_jobs(self) -> tuple[QueuedJob, ...]:
        """Those that run, those that wait, in their order, and those that ended, newest first."""
        finished = [job for job in self._jobs.values() if job.finished]
        return (*self._unfinished(), *reversed(finished))

    # What is wanted

    def start(self, plan: Callable[P, PlannedJob], *given: P.args, **named: P.kwargs) -> bool:
        """Plan a job and run it when its turn comes; False where it is refused, which is told.

        The same plan of the same things is not planned again while it waits or runs: whoever
        clicks twice wants one.
        """
        if self._closed:  # what worked in the background has just come to its end
            return False
        wish = (plan, given, named)
        if self._wished_already(wish):
            return True
        try:
            job = plan(*given, **named)
        except WorkbenchError as error:
            self.notices.refuse(error)
            return False
        self._wish = wish
        self.submit(job)
        self._wish, self._last_wish = (), (wish, monotonic())
        return True

    def submit(self, job: PlannedJob) -> None:
        """Run the job when its turn comes."""
        self._numbers += 1
        self._jobs[self._numbers] = QueuedJob(self._numbers, job)
        if self._wish:
            self._wishes[self._numbers] = self._wish
        self._waiting.append(self._numbers)
        self.job_changed.emit(self._jobs[self._numbers])
        self._start_next()
        self.job_added.emit(job)

    def cancel_current(self) -> None:
        """Cancel the job that the bar shows; the others go on."""
        if self._current is not None:
            self.cancel(self._current)

    def cancel(self, number: int) -> None:
        """Cancel a job that runs or waits."""
        self._last_wish = ((), 0.0)  # whoever wants it again now does mean that
        if number in self._threads:
            self._threads[number].cancel()
            self._change(number, state="cancelling")
        elif number in self._waiting:
            self._waiting.remove(number)
            job = self._jobs[number].planned
            with suppress(WorkbenchError):
                job.abandon(JobOutcome("cancelled"))
            self._end(number, JobEnd(JobOutcome("cancelled"), None))

    def move(self, number: int, by: int) -> None:
        """Let a job that waits change places with the one before it (-1), or after (1)."""
        place = self._waiting.index(number) if number in self._waiting else -1
        other = place + by
        if place >= 0 and 0 <= other < len(self._waiting):
            waiting = self._waiting
            waiting[place], waiting[other] = waiting[other], waiting[place]
            self.order_changed.emit()

    def close(self) -> None:
        """Cancel everything and wait for it: a thread that outlives the program aborts it.

        Nothing is started afterwards.
        """
        self._closed = True
        waiting, self._waiting = self._waiting, []
        for number in waiting:
            with suppress(WorkbenchError):
                self._jobs[number].planned.abandon(JobOutcome("cancelled"))
        threads, self._threads = self._threads, {}
        for thread in threads.values():
            thread.cancel()
        for thread in threads.values():
            thread.wait()
        self._publish_state()

    # Inside

    @property
    def _current(self) -> int | None:
        running = sorted(self._threads, key=lambda number: (self._light(number), number))
        return running[0] if running else None

    def _light(self, number: int) -> bool:
        return self._jobs[number].planned.job.weight == "light"

    def _unfinished(self) -> Iterator[QueuedJob]:
        running = sorted(self._threads, key=lambda number: (self._light(number), number))
        yield from (self._jobs[number] for number in (*running, *self._waiting))

    def _wished_already(self, wish: tuple[object, ...]) -> bool:
        """Whether that waits or runs, which is told, or was wished for by the same double click."""
        last, when = self._last_wish
        twice = QGuiApplication.styleHints().mouseDoubleClickInterval() / 1000
        if last == wish and monotonic() - when < twice:
            return True
        for number, known in self._wishes.items():
            job = self._jobs[number]
            if known == wish and job.state != "cancelling":
                self.notices.post(Notice(f"'{job.planned.title}' is {job.state} already."))
                return True
        return False

    def _start_next(self) -> None:
        """Start what may run beside what runs already, in the order of waiting."""
        for number in tuple(self._waiting):
            light = self._light(number)
            beside = sum(self._light(other) == light for other in self._threads)
            if number in self._waiting and beside < (LIGHT_AT_ONCE if light else 1):
                self._waiting.remove(number)
                self._start(number)
        self._publish_state()

    def _start(self, number: int) -> None:
        job = self._jobs[number].planned
        thread = JobThread(partial(run_planned, self._workspace, job), self)
        thread.event_received.connect(self._on_event_received)
        thread.succeeded.connect(self._on_job_ended)
        thread.failed.connect(self._on_job_failed)
        self._threads[number] = thread
        log = None
        with suppress(WorkbenchError):  # which the job will fail with
            log = log_of(self._workspace, job)
        after = None if job.part is None else job.part.seconds_after()
        self._change(number, state="running", began=monotonic(), seconds_after=after, log=log)
        thread.start()

    def _sender(self) -> int | None:
        """Whose thread it is that just said something; None once the queue is closed."""
        sender = self.sender()
        return next((n for n, thread in self._threads.items() if thread is sender), None)

    def _on_event_received(self, event: Event) -> None:
        number = self._sender()
        if number is None:
            return
        if isinstance(event, Progress):
            event = self._jobs[number].of_its_chain(event)
            self._change(number, progress=event)
        self.event_received.emit(event)

    def _on_job_ended(self, end: JobEnd) -> None:
        number = self._sender()
        if number is None:
            return
        thread = self._threads.pop(number)
        thread.wait()
        thread.deleteLater()
        self._end(number, end)

    def _on_job_failed(self, error: WorkbenchError) -> None:
        """What nobody reckoned with: a job that fails ends, too."""
        self._on_job_ended(JobEnd(JobOutcome("failed", error=error), None))

    def _end(self, number: int, end: JobEnd) -> None:
        self._wishes.pop(number, None)
        job, outcome = self._jobs[number], end.outcome
        self._change(
            number,
            state=outcome.state,
            progress=None,
            seconds=monotonic() - job.began if job.began else 0.0,
            log=outcome.log or job.log,
            message=str(outcome.error or ""),
            shown=end.project_id,
        )
        self._forget_old()
        self.job_ended.emit(job.planned, end)  # may submit, and so start, the next one
        self._start_next()

    def _forget_old(self) -> None:
        finished = [number for number, job in self._jobs.items() if job.finished]
        for number in finished[:-KEPT]:
            del self._jobs[number]

    def _change(self, number: int, **changes: Any) -> None:
        self._jobs[number] = replace(self._jobs[number], **changes)
        self.job_changed.emit(self._jobs[number])
        if number == self._current:
            self._publish_state()

    def _publish_state(self) -> None:
        state, number = QueueState(), self._current
        if number is not None:
            job = self._jobs[number]
            state = QueueState(
                title=job.title,
                progress=job.progress,
                waiting=len(self._waiting),
                cancelling=job.state == "cancelling",
                beside=len(self._threads) - 1,
            )
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
