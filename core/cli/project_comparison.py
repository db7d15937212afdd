"""What the terminal's ``compare-projects`` does: projects that the window, or a job, has stored."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.cli.rendering import Rendered, Table
from core.errors import InputError
from core.folders import default_workspace
from core.project_comparison.page import comparison_rows, letters, write_comparison
from core.project_comparison.service import Experiment, compare_experiments, experiments
from core.values import Plain
from core.workspace.store import Workspace

SUFFIXES = (".html", ".csv", ".json")


def add_comparison_arguments(sub: argparse.ArgumentParser) -> None:
    """Which projects, of which workspace, into which file."""
    sub.add_argument(
        "projects",
        nargs="*",
        metavar="PROJECT[:RUN]",
        help="number of a project and of its run, as listed without any",
    )
    sub.add_argument("--workspace", type=Path, help="another one than the window's usual")
    sub.add_argument("--output", type=Path, metavar="FILE", help="an .html, .csv or .json file")


def compare_stored(projects: Sequence[str], workspace: Path | None, output: Path | None) -> Plain:
    """The list of what there is, or the comparison of what is named."""
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{output} is none of {', '.join(SUFFIXES)}.", "Give the file one of these endings."
        )
    opened = existing_workspace(workspace)
    found = experiments(opened)
    if not projects:
        return {"workspace": str(opened.root), "projects": _listed(found)}
    chosen = [_named(found, name) for name in projects]
    comparison = compare_experiments(opened, chosen)
    rows = comparison_rows(comparison)
    if output is not None:
        write_comparison(comparison, output)
        rows["output"] = str(output)
    return rows


def existing_workspace(workspace: Path | None) -> Workspace:
    """A workspace that must be there; the window's usual one if none is named."""
    root = workspace or default_workspace()
    if not (root / "workspace.sqlite3").is_file():
        raise InputError(
            f"There is no workspace in {root}.", "Name the folder of one with --workspace."
        )
    return Workspace(root)


def _runs_of(found: Sequence[Experiment], project_id: int) -> list[Experiment]:
    return [one for one in found if one.project.id == project_id]


def _listed(found: Sequence[Experiment]) -> list[Plain]:
    ids = dict.fromkeys(one.project.id for one in found)
    return [
        {
            "project": number,
            "title": _runs_of(found, number)[0].title,
            "runs": [
                {"run": place, "label": one.label, "measured": one.speed is not None}
                for place, one in enumerate(_runs_of(found, number), start=1)
            ],
        }
        for number in ids
    ]


def _named(found: Sequence[Experiment], name: str) -> Experiment:
    """``3``, the newest run of project 3 by default; ``3:2``, its second run."""
    project, _, run = name.partition(":")
    runs = _runs_of(found, int(project)) if project.isdecimal() else []
    if not runs:
        raise InputError(
            f"There is no project {project}.", "Type compare-projects alone to list them."
        )
    if not run:
        return next((one for one in runs if one.precision_hint == "default"), runs[0])
    if not run.isdecimal() or not 1 <= int(run) <= len(runs):
        raise InputError(
            f"{runs[0].title} has no run {run}.", "Type compare-projects alone to list them."
        )
    return runs[int(run) - 1]


def render_comparison(result: Plain) -> Rendered:
    """The list, or what the comparison comes to."""
    if "workspace" in result:
        return _project_list(result["projects"])
    names = letters(len(result["projects"]))
    parts: list[str | Table] = [
        f"{letter}  {project['title']}, {project['run']}"
        for letter, project in zip(names, result["projects"], strict=True)
    ]
    parts += result["sentences"]
    for pair in result["pairs"]:
        name = names[pair["place"]]
        slower = sorted(pair["groups"], key=lambda group: -abs(group["difference_ms"]))[:5]
        times = ("A, ms", f"{name}, ms")
        parts += [
            f"Layers that differ most, A against {name}:",
            Table(
                ("layer", "type", times[0], "A runs in", times[1], f"{name} runs in"),
                [_group_row(one) for one in slower],
                numbers=times,
                indent=2,
            ),
        ]
    return parts


def _project_list(projects: Sequence[Plain]) -> Rendered:
    if not projects:
        return "There is no project yet."
    rows = []
    for project in projects:
        rows.append((str(project["project"]), project["title"]))
        rows += [(f"{project['project']}:{run['run']}", run["label"]) for run in project["runs"]]
    return [Table(("", ""), rows)]


def _group_row(one: Plain) -> tuple[str, ...]:
    return (
        one["name"],
        one["what"],
        f"{one['first_ms']:.3f}",
        one["first_precision"] or "–",
        f"{one['second_ms']:.3f}",
        one["second_precision"] or "–",
    )
