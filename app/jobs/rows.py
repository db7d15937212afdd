"""What the jobs panel shows of a job, of this window or of another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.kit.text import time_text
from app.project.navigation import Tab
from app.workers.queued import JobState, QueuedJob
from core.jobs.events import Progress
from core.jobs.registry import OtherJob

Where = Literal["this window", "another window", "closed window", "terminal"]

_TABS: dict[str, Tab] = {  # by what a job makes: where that is shown
    "report": "report",
    "benchmark": "performance",
    "profile": "performance",
    "search": "optimize",
}


@dataclass(frozen=True)
class Result:
    """What a job made: a project with the tab that shows it, or a file outside."""

    project_id: int | None = None
    tab: Tab = "project"
    file: Path | None = None


@dataclass(frozen=True)
class JobRow:
    """A job as the panel shows it.

    Attributes:
        key: the same for one job, as long as it is shown.
        number: in the queue of this window; None of another process's job.
        project: the name of its project, empty where it has none or is of another workspace.
        stage: what it does, with what is done of it; how long it took, once it has ended.
        seconds_left: of the whole job, None where that is not known.
        message: why it failed.
    """

    key: str
    number: int | None
    title: str
    project: str
    state: JobState
    where: Where
    stage: str = ""
    seconds_left: float | None = None
    message: str = ""
    log: Path | None = None
    result: Result | None = None

    @property
    def finished(self) -> bool:
        """Whether it has ended."""
        return self.state in ("succeeded", "failed", "cancelled")

    @property
    def waits_here(self) -> bool:
        """Whether it can change places with others."""
        return self.number is not None and self.state == "waiting" and self.log is None

    @property
    def can_cancel(self) -> bool:
        """Whether it can be asked to stop."""
        return self.state in ("waiting", "running")


def own_row(job: QueuedJob, projects: Mapping[int | None, str]) -> JobRow:
    """Of a job of this window."""
    progress = job.progress
    state = job.state if job.finished else job.doing
    return JobRow(
        key=str(job.number),
        number=job.number,
        title=job.title,
        project=projects.get(job.planned.project_id, ""),
        state=state,
        where="this window",
        stage=_took(job.seconds) if job.finished else stage_text(progress),
        seconds_left=progress.seconds_left if progress is not None else None,
        message=job.message,
        log=job.log,
        result=_result(job.state, job.shown, job.makes, job.file),
    )


def other_row(job: OtherJob, workspace: Path, projects: Mapping[int | None, str]) -> JobRow:
    """Of a job of another process; a workspace that is not this one is named."""
    announced, ended = job.announced, job.announced.ended
    window = announced.face == "window"
    elsewhere = window and announced.workspace != workspace
    shown = ended.project_id if ended is not None and not elsewhere else None
    return JobRow(
        key=job.identity,
        number=None,
        title=announced.title,
        project=f"workspace {announced.workspace.name}"
        if elsewhere
        else projects.get(announced.project_id, ""),
        state=announced.doing if ended is None else ended.state,
        where="terminal" if not window else "another window" if job.there else "closed window",
        stage=stage_text(announced.progress) if ended is None else _took(ended.seconds),
        seconds_left=announced.progress.seconds_left if announced.progress is not None else None,
        message="" if ended is None else ended.message,
        log=None if ended is None else ended.log,
        result=None if ended is None else _result(ended.state, shown, ended.makes, ended.file),
    )


def _took(seconds: float) -> str:
    return f"took {time_text(seconds)}" if seconds else ""


def stage_text(progress: Progress | None) -> str:
    """The stage, and what is done of it."""
    if progress is None:
        return ""
    return f"{progress.stage}   {progress.count}".rstrip()


def _result(state: JobState, shown: int | None, makes: str, file: Path | None) -> Result | None:
    if state != "succeeded":
        return None
    if file is not None:
        return Result(file=file)
    return None if shown is None else Result(shown, _TABS.get(makes, "project"))
