"""A queue whose jobs stay where they are, so that what was asked for can be looked at."""

from __future__ import annotations

from app.workers.job_queue import JobQueue
from core.jobs.planned import PlannedJob
from core.workspace.store import Workspace


class StandingQueue(JobQueue):
    """Takes jobs and runs none."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._standing: list[PlannedJob] = []

    @property
    def jobs(self) -> tuple[PlannedJob, ...]:
        """All that were submitted."""
        return tuple(self._standing)

    def submit(self, job: PlannedJob) -> None:
        """Keep it."""
        self._standing.append(job)
        self.job_added.emit(job)
