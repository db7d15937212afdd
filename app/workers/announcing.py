"""Tells other windows and the terminal of a queue's jobs, and hears when they ask for an end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.workers.job_queue import JobQueue
from app.workers.queued import JobState, QueuedJob
from core.jobs.registry import Announcement, End, Ended

_LOOK_MS = 1000


class Announcer(QObject):
    """Announces the jobs of a queue for as long as they wait or run."""

    def __init__(self, queue: JobQueue, workspace: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._workspace = workspace
        self._announced: dict[int, Announcement] = {}
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def close(self) -> None:
        """Nothing runs any more."""
        self._timer.stop()
        for announcement in self._announced.values():
            announcement.end(Ended(state="cancelled"))
        self._announced.clear()

    def announce(self, job: QueuedJob) -> None:
        """What became of a job, or of a new one."""
        if job.finished:
            ended = self._announced.pop(job.number, None)
            if ended is not None:
                ended.end(_ended(job))
        else:
            if job.number not in self._announced:
                planned = job.planned
                made = Announcement(job.title, "window", self._workspace, planned.project_id)
                self._announced[job.number] = made
            self._announced[job.number].say(job.doing, job.progress)
        if bool(self._announced) != self._timer.isActive():
            if self._announced:
                self._timer.start()
            else:
                self._timer.stop()

    def _look(self) -> None:
        for number, announcement in tuple(self._announced.items()):
            if announcement.cancel_wanted:
                self._queue.cancel(number)


def _ended(job: QueuedJob) -> Ended:
    states: dict[JobState, End] = {"succeeded": "succeeded", "failed": "failed"}
    return Ended(
        state=states.get(job.state, "cancelled"),
        seconds=job.seconds,
        message=job.message,
        log=job.log,
        project_id=job.shown,
        makes=job.makes,
        file=job.file,
    )
