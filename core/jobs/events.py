"""What a running job says, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import ClassNamesMissing, InputError, UnexpectedError, WorkbenchError
from core.values import Value


class Progress(Value, tag="progress"):
    """Where the job is: `done` of `total` items of a stage; of the whole job, the seconds left.

    What is not `counted` is no items but a share, which a bar shows and no figure.
    """

    stage: str
    done: int = 0
    total: int | None = None
    seconds_left: float | None = None
    counted: bool = True

    @property
    def count(self) -> str:
        """``30 / 300``; empty where nothing is counted."""
        return f"{self.done:,} / {self.total:,}" if self.total and self.counted else ""


class LogLine(Value, tag="log"):
    """Something worth telling, such as an image that was left out."""

    text: str


class ArtifactWritten(Value, tag="artifact"):
    """A file is complete; it is published when the job succeeds."""

    kind: str
    file: str


class Answer(Value, tag="answer"):
    """What a job that takes questions says to one: the JSON values of that job's own answer."""

    body: Any


class Keeping(Value, tag="keeping"):
    """The job was asked to stop, and is storing what it has done so far."""


class Joined(Value, tag="joined"):
    """The process of a light job has a share of the machine by itself."""


class Succeeded(Value, tag="succeeded"):
    """The end of a job that left its result; `stopped`, if that is what it had when asked to."""

    stopped: bool = False


class Failed(Value, tag="failed"):
    """The end of a job that could not: what happened, what to do next, whose fault it was.

    `unexpected` is a fault of the program: it has no sentence of its own for what happened.
    """

    what: str
    next_step: str
    refused_input: bool = False
    class_names_missing: bool = False
    unexpected: bool = False


class Cancelled(Value, tag="cancelled"):
    """The end of a job that was asked to stop."""


Event = Progress | LogLine | ArtifactWritten | Answer
End = Succeeded | Failed | Cancelled
Message = Event | Keeping | Joined | End


@dataclass(frozen=True)
class JobOutcome:
    """The one end of a job.

    Attributes:
        state: ``succeeded``, ``failed`` or ``cancelled``.
        folder: where its files lie, if it succeeded.
        error: what to tell the user, if it failed.
        log: the file with everything its process wrote.
    """

    state: Literal["succeeded", "failed", "cancelled"]
    folder: Path | None = None
    error: WorkbenchError | None = None
    log: Path | None = None

    def require(self) -> Path:
        """The folder of a job that succeeded; raises its error otherwise."""
        if self.error is not None:
            raise self.error
        if self.folder is None:
            raise WorkbenchError("The job was cancelled.", "")
        return self.folder


def error_of(failed: Failed) -> WorkbenchError:
    """The exception that a `Failed` event tells of."""
    kind = InputError if failed.refused_input else WorkbenchError
    if failed.class_names_missing:
        kind = ClassNamesMissing
    if failed.unexpected:
        kind = UnexpectedError
    return kind(failed.what, failed.next_step)
