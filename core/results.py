"""Every kind of result that a workspace keeps as an artifact, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.benchmark.result import BenchmarkResult
from core.errors import WorkbenchError
from core.jobs.job import read_result
from core.profiling.result import ProfileResult
from core.reports.kinds import IDS, result_of

_OTHERS: dict[str, Callable[[Path], object]] = {
    "benchmark": lambda folder: read_result(folder, BenchmarkResult),
    "profile": lambda folder: read_result(folder, ProfileResult),
}


def require_readable(kind: str, folder: Path) -> None:
    """Raises WorkbenchError, which names the file, where the result in `folder` is damaged.

    `kind` is the artifact's; a search is read by what runs it.
    """
    if kind in _OTHERS:
        _OTHERS[kind](folder)
    elif kind in IDS:
        found, _ = result_of(folder)
        if found.id != kind:
            raise WorkbenchError(
                f"{folder} is damaged: it holds a report of the kind {found.id}, not {kind}.",
                "Make the report again.",
            )
    elif kind != "search":
        raise WorkbenchError(
            f"{folder} is damaged: nothing is known of the kind {kind}.",
            "Update the program, or make it again.",
        )
