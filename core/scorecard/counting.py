"""Which results of a project count as done: those about the machine that it is to run on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.benchmark.service import benchmark_result
from core.errors import WorkbenchError
from core.reports.kinds import result_of
from core.scorecard.reading import JUDGING
from core.scorecard.score import counts_for
from core.workspace.store import Artifact, Project, Workspace


def counting_benchmark(workspace: Workspace, project: Project) -> Artifact | None:
    """The newest benchmark of a project that is about where it is to run; None without any."""
    found = workspace.artifacts(project.id, "benchmark")
    return _first(found, project, lambda one: benchmark_result(one).machine.name)


def counting_report(workspace: Workspace, project: Project) -> Artifact | None:
    """The newest report on its predictions, likewise."""
    found = workspace.artifacts(project.id, JUDGING)
    return _first(found, project, lambda one: result_of(one.folder)[1].machine)


def _first(
    artifacts: Iterable[Artifact], project: Project, machine: Callable[[Artifact], str]
) -> Artifact | None:
    for one in artifacts:  # newest first
        try:
            if counts_for(project.target, machine(one)):
                return one
        except WorkbenchError:
            return one  # damaged: whoever shows it says so
    return None
