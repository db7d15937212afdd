"""Queues whose jobs do nothing: they stay where they are, or until they are let go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from app.workers.job_queue import JobQueue
from core.benchmark.job import BenchmarkJob
from core.benchmark.settings import BenchmarkSettings
from core.importing.job import ImportJob
from core.jobs.events import Event, JobOutcome, Progress
from core.jobs.planned import JobEnd, PlannedJob
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


HEAVY = BenchmarkJob(models=(), settings=BenchmarkSettings())
LIGHT = ImportJob()


class Stage:
    """Stands in for the processes: jobs run until they are let go, or cancelled."""

    def __init__(self) -> None:
        self.doors: dict[str, threading.Event] = {}
        self.abandoned: list[str] = []

    def job(self, title: str, job: BenchmarkJob | ImportJob = HEAVY) -> PlannedJob:
        self.doors[title] = threading.Event()

        def abandon(outcome: JobOutcome) -> None:
            self.abandoned.append(title)

        return PlannedJob(title, job, Path("nowhere"), None, lambda folder: None, abandon)

    def run(
        self,
        workspace: Workspace,
        planned: PlannedJob,
        on_event: Callable[[Event], None],
        cancel: threading.Event,
    ) -> JobEnd:
        stage = f"{planned.title} works"
        on_event(Progress(stage=stage, done=1, total=2, seconds_left=5.0))
        while not self.doors[planned.title].wait(0.01):
            if cancel.is_set():
                return JobEnd(JobOutcome("cancelled"), None)
        return JobEnd(JobOutcome("succeeded", folder=Path()), 7)

    def let_go(self, title: str) -> None:
        self.doors[title].set()
