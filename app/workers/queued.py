"""What a queue of jobs is made of, as values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from core.jobs.events import Progress
from core.jobs.handover import PlannedHandover
from core.jobs.job import tag_of
from core.jobs.planned import PlannedJob
from core.jobs.turn import Turn

if TYPE_CHECKING:
    from core.jobs.registry import Doing

JobState = Literal["waiting", "running", "cancelling", "succeeded", "failed", "cancelled"]
FINISHED: tuple[JobState, ...] = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True)
class QueueState:
    """What the job bar shows; `title` is empty while nothing runs.

    It is of the heavy job, if one runs; `beside` it run so many others.
    """

    title: str = ""
    progress: Progress | None = None
    waiting: int = 0
    cancelling: bool = False
    beside: int = 0


@dataclass(frozen=True, eq=False)
class QueuedJob:
    """A job of this window, as it stands.

    Attributes:
        number: of this window, in the order of being submitted.
        progress: what it said last; the time left is that of its whole chain.
        seconds_after: what the jobs after it in its chain take, about; None: not known.
        seconds: that it has run, once it has ended.
        log: what its process writes; None before it runs.
        message: why it failed.
        shown: the project to be shown, once it has succeeded.
    """

    number: int
    planned: PlannedJob
    state: JobState = "waiting"
    progress: Progress | None = None
    began: float = 0.0
    seconds_after: float | None = None
    seconds: float = 0.0
    log: Path | None = None
    message: str = ""
    shown: int | None = None

    @property
    def title(self) -> str:
        """Which one of its chain it is, and what the job is called."""
        part = self.planned.part
        return self.planned.title if part is None else f"{part.place}: {self.planned.title}"

    def of_its_chain(self, progress: Progress) -> Progress:
        """The same with the time that is left of all its chain."""
        if self.planned.part is None:
            return progress
        own, after = progress.seconds_left, self.seconds_after
        left = None if own is None or after is None else own + after
        return msgspec.structs.replace(progress, seconds_left=left)

    @property
    def doing(self) -> Doing:
        """What it does, unless it has ended; one that waits for another window's does so, too."""
        waits = self.progress is not None and self.progress.stage == Turn.waiting
        if self.state == "cancelling":
            return "cancelling"
        return "waiting" if waits or self.state == "waiting" else "running"

    @property
    def makes(self) -> str:
        """What its result is: ``report``, or the tag of the job."""
        report = self.planned.makes == "report"
        return "report" if report else tag_of(type(self.planned.job))

    @property
    def file(self) -> Path | None:
        """The file that it makes outside of the workspace, if it does."""
        return self.planned.output if isinstance(self.planned, PlannedHandover) else None

    @property
    def finished(self) -> bool:
        """Whether it has ended."""
        return self.state in FINISHED
