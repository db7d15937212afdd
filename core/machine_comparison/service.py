"""A project on several machines, by what is stored of it: for the window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from core.benchmark.result import BenchmarkResult
from core.benchmark.service import benchmark_result, models_of, owners_of
from core.documents.tables import Table
from core.errors import WorkbenchError
from core.machine_comparison.comparing import OnMachine, machine_table
from core.machines.machine import THIS
from core.reports.kinds import load_state, result_of
from core.reports.predictions.kind import Predictions, PredictionsResult
from core.reports.wording import VERDICT_WORDS
from core.workspace.projects import titles_of
from core.workspace.store import Project, Workspace


@dataclass(frozen=True, eq=False)
class ProjectOnMachines:
    """What each machine measured of a project and its parent, and sentences on what is missing."""

    table: Table
    problems: tuple[str, ...]


def project_on_machines(workspace: Workspace, project_id: int) -> ProjectOnMachines:
    """By the newest benchmark and the newest report of each machine; this one stands first.

    Raises WorkbenchError where the project was deleted.
    """
    project = workspace.project(project_id)
    members = [project]
    if project.parent_id is not None:
        members.insert(0, workspace.project(project.parent_id))
    titles = titles_of(members)
    problems: list[str] = []
    reports = dict(_reports(workspace, project, problems))
    found: dict[str, tuple[OnMachine, dict[str, str]]] = {}
    for result, called in _benchmarks(workspace, members, problems):
        name, host = result.machine.name, result.machine.host
        if name not in found:
            report = reports.pop(f"{name} ({host})" if name else "", None)
            one = OnMachine(machine=name or THIS, benchmark=result, report=report)
            found[name] = one, {model: titles[owner] for model, owner in called.items()}
    problems += [
        f"{name or 'This machine'}: there is a report, and no benchmark yet." for name in reports
    ]
    ordered = [found[name] for name in sorted(found)]  # this machine is called ""
    machines, names = [one for one, _ in ordered], [one for _, one in ordered]
    return ProjectOnMachines(machine_table(machines, titles[project.id], names), tuple(problems))


def _benchmarks(
    workspace: Workspace, members: list[Project], problems: list[str]
) -> Iterator[tuple[BenchmarkResult, dict[str, int]]]:
    """Those of the last of the members, newest first, with whose model each of theirs is."""
    models = models_of(members)
    for artifact in workspace.artifacts(members[-1].id, "benchmark"):
        try:
            result = benchmark_result(artifact)
        except WorkbenchError as error:
            problems.append(str(error))
            continue
        yield result, {name: one.id for name, one in owners_of(models, result).items()}


def _reports(
    workspace: Workspace, project: Project, problems: list[str]
) -> Iterator[tuple[str, PredictionsResult]]:
    """The newest of each machine, by what that is called in it, with the verdict as last seen."""
    seen: set[str] = set()
    for artifact in workspace.artifacts(project.id, Predictions.id):
        try:
            result = result_of(artifact.folder)[1]
        except WorkbenchError as error:
            problems.append(str(error))
            continue
        if not isinstance(result, PredictionsResult) or result.machine in seen:
            continue
        seen.add(result.machine)
        headline = load_state(artifact.folder).headline
        if headline is not None and headline.code in VERDICT_WORDS:
            verdict = replace(result.verdict, name=headline.code)
            result = replace(result, verdict=verdict)
        yield result.machine, result
