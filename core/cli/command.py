"""What a command of the terminal is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from core.cli.rendering import Rendered
from core.jobs.job import Job
from core.values import to_plain

R = TypeVar("R")

RunJob = Callable[[Job, Path], Path]
"""Runs a job into a folder and gives the folder; raises what went wrong."""


@dataclass(frozen=True)
class Command(Generic[R]):
    """A command: its result stays typed until it is rendered.

    Attributes:
        name: as it is typed.
        help: what it does, in a sentence.
        add_arguments: declares its arguments.
        run: does it, with something that runs jobs.
        render: the result as it is shown.
        plain: the result as JSON has it.
    """

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[RunJob, argparse.Namespace], R]
    render: Callable[[R], Rendered]
    plain: Callable[[R], Any] = to_plain
