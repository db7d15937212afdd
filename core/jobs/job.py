"""What a job is: a frozen value that is sent to a process of its own and does its work there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeVar

from core.values import Value, read_json

if TYPE_CHECKING:
    from core.jobs.context import JobContext

RESULT_FILE = "result.json"

Weight = Literal["heavy", "light"]
"""How a job shares the machine: see docs/decisions/0024.

A heavy one runs a model over a dataset, or measures: one of them at a time. A light one looks,
copies or loads, in one thread that stops at `JobContext.step`: it runs beside everything but what
is timed.
"""

V = TypeVar("V")


class Place(Value):
    """What a job's process is told before the job: bytes of paths, which need not be text.

    Attributes:
        folder: that the job works in.
        log: a file for what libraries print; None where standard error is that already.
    """

    folder: bytes
    log: bytes | None = None

    @classmethod
    def of(cls, folder: Path, log: Path | None) -> Place:
        """The place with these paths."""
        return cls(folder=os.fsencode(folder), log=None if log is None else os.fsencode(log))


class Job(Protocol):
    """What every job can do; each is a `Value` with a tag, and a line in `core.capabilities`."""

    weight: ClassVar[Weight]

    def run(self, context: JobContext) -> Value:
        """Do the work, in the child process; what it gives becomes ``result.json``.

        Files go to the context's folder, which appears at its destination if the job succeeds.
        Raises WorkbenchError, InputError, JobCancelled.
        """


def tag_of(kind: type[Job]) -> str:
    """What a request of this kind is called."""
    return str(kind.__struct_config__.tag)  # type: ignore[attr-defined]  # all are Values


def read_result(folder: Path, wanted: type[V]) -> V:
    """What the job that was finished into `folder` gave."""
    return read_json(folder / RESULT_FILE, wanted)


def take_result(folder: Path, wanted: type[V]) -> V:
    """The same; the file goes, for whatever else lies in the folder says as much."""
    result = read_result(folder, wanted)
    (folder / RESULT_FILE).unlink()
    return result
