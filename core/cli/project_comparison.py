"""The command ``compare-projects``: projects that the window, or a job, has stored."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from core.cli.command import Command, RunJob
from core.cli.rendering import Rendered, Table
from core.cli.workspaces import add_workspace, existing_workspace
from core.errors import InputError
from core.profiling.layer_groups import LayerGroup
from core.project_comparison.comparing import ProjectComparison
from core.project_comparison.service import (
    ProjectRun,
    compare_runs,
    damaged,
    project_runs,
)
from core.text import when_utc, whole_number
from core.values import Plain
from core.wording.comparison_files import comparison_rows, write_comparison
from core.wording.project_comparison import comparison_sentences, run_label
from core.wording.words import letter
from core.workspace.store import Workspace

SUFFIXES = (".html", ".csv", ".json")
_LAYERS_SHOWN = 5
_MOST = 2**63 - 1  # as the database numbers projects
_LIST = "Type compare-projects alone to list them."


@dataclass(frozen=True)
class Compared:
    """All runs of the workspace, or the comparison of those that were named, and its file."""

    workspace: Workspace
    runs: tuple[ProjectRun, ...]
    problems: tuple[str, ...]
    comparison: ProjectComparison | None = None
    output: Path | None = None

    def runs_by_project(self) -> dict[int, list[ProjectRun]]:
        """The runs of each project, by its number."""
        found: dict[int, list[ProjectRun]] = {}
        for one in self.runs:
            found.setdefault(one.project.id, []).append(one)
        return found


def add_arguments(sub: argparse.ArgumentParser) -> None:
    """Which projects, of which workspace, into which file."""
    sub.add_argument(
        "projects",
        nargs="*",
        metavar="PROJECT[:RUN]",
        help="number of a project, and of its run; without any, projects are listed",
    )
    add_workspace(sub)
    sub.add_argument(
        "--output", type=Path, metavar="FILE", help="output file: .html, .csv or .json"
    )


def compare_projects(run: RunJob, options: argparse.Namespace) -> Compared:
    """The list of what there is, or the comparison of what is named."""
    output: Path | None = options.output
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{output} must end in one of {', '.join(SUFFIXES)}.", "Give the file another name."
        )
    workspace = existing_workspace(options.workspace)
    found = Compared(workspace, project_runs(workspace), damaged(workspace))
    if not options.projects:
        return found
    runs = found.runs_by_project()
    chosen = [_named(runs, name) for name in options.projects]
    comparison = compare_runs(workspace, chosen)
    if output is not None:
        write_comparison(comparison, output)
    return replace(found, comparison=comparison, output=output)


def render(done: Compared) -> Rendered:
    """The list, or what the comparison comes to."""
    shown = _listed(done) if done.comparison is None else _rendered(done.comparison)
    return [*shown, *done.problems]


def plain(done: Compared) -> Plain:
    """The same as JSON has it."""
    if done.comparison is not None:
        rows = comparison_rows(done.comparison)
        rows = {**rows, "problems": list(done.problems)}
        return rows if done.output is None else {**rows, "output": str(done.output)}
    return {
        "problems": list(done.problems),
        "workspace": str(done.workspace.root),
        "projects": [
            {
                "project": number,
                "title": runs[0].title,
                "runs": [
                    {
                        "run": place,
                        "label": run_label(one.speed, when_utc),
                        "benchmarked": one.speed is not None,
                    }
                    for place, one in enumerate(runs, start=1)
                ],
            }
            for number, runs in done.runs_by_project().items()
        ],
    }


def _named(found: dict[int, list[ProjectRun]], name: str) -> ProjectRun:
    """``3``, the newest run of project 3 by default; ``3:2``, its second run."""
    project, _, run = name.partition(":")
    runs = found.get(whole_number(project, _MOST) or 0, [])
    if not runs:
        raise InputError(f"There is no project {project}.", _LIST)
    if not run:
        return next((one for one in runs if one.precision_hint == "default"), runs[0])
    place = whole_number(run, len(runs))
    if not place:
        raise InputError(f"{runs[0].title} has no run {run}.", _LIST)
    return runs[place - 1]


def _listed(done: Compared) -> list[str | Table]:
    rows = []
    for number, runs in done.runs_by_project().items():
        rows.append((str(number), runs[0].title))
        rows += [(f"{number}:{place}", run_label(one.speed)) for place, one in enumerate(runs, 1)]
    waiting = [one for one in done.workspace.projects() if one.state != "ready"]
    parts: list[str | Table] = [Table(("", ""), rows)] if rows else []
    parts += [
        f"{one.id}  {one.name} is not compared: {one.message or one.state}" for one in waiting
    ]
    return parts or ["There is no project yet."]


def _rendered(comparison: ProjectComparison) -> list[str | Table]:
    parts: list[str | Table] = [
        f"{letter(place)}  {one.title}, {run_label(one.speed)}"
        for place, one in enumerate(comparison.projects)
    ]
    parts += comparison_sentences(comparison)
    for pair in comparison.pairs:
        name = letter(pair.place)
        by_difference = sorted(pair.groups, key=lambda group: -abs(group.difference_ms))
        times = ("A, ms", f"{name}, ms")
        parts += [
            f"Layers that differ most, A against {name}:",
            Table(
                ("layer", "type", times[0], "A runs in", times[1], f"{name} runs in"),
                [_group_row(one) for one in by_difference[:_LAYERS_SHOWN]],
                numbers=times,
                indent=2,
            ),
        ]
    return parts


def _group_row(one: LayerGroup) -> tuple[str, ...]:
    return (
        one.name,
        one.what,
        f"{one.first_ms:.3f}",
        one.first_precision or "–",
        f"{one.second_ms:.3f}",
        one.second_precision or "–",
    )


COMPARE_PROJECTS = Command(
    add_arguments,
    compare_projects,
    render,
    "compare-projects 1 2 --output comparison.html",
    plain,
)
