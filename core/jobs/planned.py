"""A job of a workspace: planned by a capability's service, run by either face, and recorded."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import JobCancelled, WorkbenchError
from core.jobs.events import Event, JobOutcome
from core.jobs.job import Job
from core.jobs.runner import run_job
from core.values import to_json
from core.workspace.store import Workspace

Made = Literal["", "model", "optimized model", "projects", "benchmark", "report"]


@dataclass(frozen=True)
class Part:
    """A job's place in a chain of several, each planned when the one before has succeeded.

    Attributes:
        titles: what the jobs of the chain are for, in their order.
        number: which of them this one is, from 0.
        then: plans the next one, of the project that this one shows; None where it was stopped
            early, which ends the chain. Raises WorkbenchError where it cannot be.
        seconds_after: gives what the jobs after this one take, about; None where that is not
            known. Asked when this one begins: a job that it waited for may have measured it.
    """

    titles: tuple[str, ...]
    number: int
    then: Callable[[int], PlannedJob | None] = lambda project_id: None
    seconds_after: Callable[[], float | None] = lambda: None

    @property
    def place(self) -> str:
        """Which of how many it is."""
        return f"{self.number + 1} of {len(self.titles)}"

    @property
    def last(self) -> bool:
        """Whether nothing comes after it."""
        return self.number == len(self.titles) - 1


@dataclass(frozen=True)
class PlannedJob:
    """A job that can be run.

    Attributes:
        title: for the user, such as ``Optimize yolox_nano to INT8``.
        job: what the child process is asked.
        destination: where its files appear.
        project_id: the project that it belongs to, None for an import.
        finish: records the published files; gives the id of the project to be shown, if any.
        abandon: records that it failed or was cancelled.
        referred_to: whether `finish` makes a row refer to the files; without it they are removed
            where this process is lost in between.
        makes: what there is at its end that a user goes on with; empty for all else. Whoever
            waits for it asks this, and needs not import every kind of job.
        part: its place in a chain of jobs.
        shown: whether a report is gone to at its end; one that is for a table is not.
    """

    title: str
    job: Job
    destination: Path
    project_id: int | None
    finish: Callable[[Path], int | None]
    abandon: Callable[[JobOutcome], None] = lambda outcome: None
    referred_to: bool = True
    makes: Made = ""
    part: Part | None = None
    shown: bool = True


@dataclass(frozen=True)
class JobEnd:
    """How a planned job ended, and the project to show if it succeeded."""

    outcome: JobOutcome
    project_id: int | None


def plan_artifact(
    workspace: Workspace,
    title: str,
    job: Job,
    project_id: int,
    kind: str,
    folder: str = "",
    makes: Made = "",
) -> PlannedJob:
    """A job whose folder becomes an artifact of the project; it lies in that of its kind."""

    def finish(folder: Path) -> int:
        workspace.add_artifact(project_id, kind, folder)
        return project_id

    destination = workspace.new_folder(folder or kind)
    return PlannedJob(title, job, destination, project_id, finish, makes=makes)


def run_planned(
    workspace: Workspace,
    planned: PlannedJob,
    on_event: Callable[[Event], None] = lambda event: None,
    cancel: threading.Event | None = None,
) -> JobEnd:
    """Run a planned job to its end and record it; blocks. Never raises for a job's failure."""
    try:
        log = log_of(workspace, planned)
        number = _begin(workspace, planned)
    except WorkbenchError as error:  # the disk is full, say
        return _record(workspace, planned, None, JobOutcome("failed", error=error))
    if log is not None:
        from core.jobs.logs import entitle

        entitle(log, planned.title)
    outcome = run_job(planned.job, planned.destination, on_event=on_event, cancel=cancel, log=log)
    return _record(workspace, planned, number, outcome)


def recorded(
    workspace: Workspace, planned: PlannedJob, run: Callable[[Job, Path], Path]
) -> int | None:
    """The same with something that runs jobs and raises; gives the project that was made."""
    number = _begin(workspace, planned)
    try:
        shown = planned.finish(run(planned.job, planned.destination))
    except (JobCancelled, WorkbenchError) as error:
        shutil.rmtree(planned.destination, ignore_errors=True)
        explained = error if isinstance(error, WorkbenchError) else None
        outcome = JobOutcome("cancelled" if explained is None else "failed", error=explained)
        planned.abandon(outcome)
        if number is not None:
            workspace.end_job(number, outcome.state, str(error))
        raise
    if number is not None:
        workspace.end_job(number, "succeeded")
    return shown


def log_of(workspace: Workspace, planned: PlannedJob) -> Path | None:
    """The file with what the job's process writes; None where nothing can be written."""
    if workspace.read_only:
        return None
    return workspace.logs / f"{planned.destination.name.lstrip('.')}.log"


def _begin(workspace: Workspace, planned: PlannedJob) -> int | None:
    """The row of the job; None for what leaves a workspace that is open for looking alone."""
    if workspace.read_only and not planned.referred_to:
        return None
    folder = planned.destination if planned.referred_to else None
    with workspace.together():
        if planned.project_id is not None:
            workspace.project(planned.project_id)  # nobody deleted it while the job waited
        return workspace.begin_job(planned.title, to_json(planned.job), planned.project_id, folder)


def _record(
    workspace: Workspace, planned: PlannedJob, number: int | None, outcome: JobOutcome
) -> JobEnd:
    """Write down how a job ended. Where that fails, too, the next start tidies up."""
    shown = None
    if outcome.folder is not None:
        try:
            shown = planned.finish(outcome.folder)
        except WorkbenchError as error:
            shutil.rmtree(outcome.folder, ignore_errors=True)
            outcome = JobOutcome("failed", error=error, log=outcome.log)
    with suppress(WorkbenchError):
        if outcome.state != "succeeded":
            planned.abandon(outcome)
        if number is not None:
            message = str(outcome.error) if outcome.error else ""
            workspace.end_job(number, outcome.state, message)
    return JobEnd(outcome, shown)
