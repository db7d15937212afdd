"""What a command of the terminal is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from core.cli.rendering import Rendered
    from core.jobs.job import Job

R = TypeVar("R")

DONE, LIMIT_MISSED, UNDECIDED = 0, 3, 4
"""Exit statuses of a command that did its work: those of failures are in `core.cli.main`."""

SHOWN_BY = ("rich.console", "rich.table")  # a table

RunJob = Callable[["Job", Path], Path]
"""Runs a job into a folder and gives the folder; raises what went wrong."""


def _to_plain(result: Any) -> Any:
    from core.values import to_plain

    return to_plain(result)


@dataclass(frozen=True)
class Command(Generic[R]):
    """A command: its result stays typed until it is rendered. `core.cli.table` names it.

    Attributes:
        add_arguments: declares its arguments.
        run: does it, with something that runs jobs.
        render: the result as it is shown.
        plain: the result as JSON has it.
        example: a line that works, without the program's name.
        status: the exit status that the result stands for.
        shown_by: modules that `render` takes, which are imported while its job runs.
    """

    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[RunJob, argparse.Namespace], R]
    render: Callable[[R], Rendered]
    example: str
    plain: Callable[[R], Any] = _to_plain
    status: Callable[[R], int] = lambda result: DONE
    shown_by: tuple[str, ...] = SHOWN_BY
