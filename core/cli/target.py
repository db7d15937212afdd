"""The command ``target``."""

from __future__ import annotations

import argparse

from core.cli.command import Command, RunJob
from core.cli.workspaces import add_workspace, existing_project, existing_workspace
from core.values import Plain
from core.wording.plan_choices import CHOICES
from core.workspace.store import Project

_CHOICES = {choice.value: choice for choice in CHOICES["target"]}


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("project", type=int, help="number of the project; compare-projects lists them")
    sub.add_argument(
        "target", nargs="?", choices=list(_CHOICES), help="set it to this (default: show it)"
    )
    add_workspace(sub)


def _run(run: RunJob, options: argparse.Namespace) -> Project:
    workspace = existing_workspace(options.workspace)
    project = existing_project(workspace, options.project)
    if options.target is None:
        return project
    workspace.set_target(project.id, options.target)
    return workspace.project(project.id)


def _render(project: Project) -> str:
    chosen = _CHOICES[project.target]
    return f"{project.name}: {chosen.title} ({chosen.value}). {chosen.text}"


def _plain(project: Project) -> Plain:
    return {"project": project.id, "name": project.name, "target": project.target}


TARGET = Command(_add_arguments, _run, _render, "target 3 cpu", _plain)
