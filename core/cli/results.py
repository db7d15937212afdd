"""The commands for what was found out: reports and benchmarks are listed, named and deleted."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from core.cli.command import Command, RunJob
from core.cli.projects import InTrash, plain_in_trash, render_deleted, sized
from core.cli.rendering import Rendered, Table
from core.cli.workspaces import add_workspace, existing_project, existing_workspace
from core.errors import InputError, WorkbenchError
from core.reports.kinds import IDS, head_of, load_state
from core.reports.wording import headline_text
from core.text import when
from core.values import Plain
from core.wording.trash import artifact_title
from core.workspace.projects import title_of
from core.workspace.store import Artifact, Workspace

_BENCHMARK = "benchmark"
_LIST = "Type results alone to list them."


@dataclass(frozen=True)
class Found:
    """A report or a benchmark; `headline` is what came out of a report, as last looked at."""

    artifact: Artifact
    project: str
    headline: str = ""


def _found(workspace: Workspace, artifact: Artifact) -> Found:
    headline = ""
    if artifact.kind in IDS:
        try:
            made = head_of(artifact.folder).headline
            headline = headline_text(load_state(artifact.folder).headline or made)
        except WorkbenchError as error:
            headline = str(error)
    project = title_of(workspace, workspace.project(artifact.project_id))
    return Found(artifact, project, headline)


def _artifacts(workspace: Workspace, project_id: int | None = None) -> list[Artifact]:
    wanted = [one.id for one in workspace.projects() if project_id in (None, one.id)]
    return [
        one
        for number in wanted
        for one in workspace.artifacts(number)
        if one.kind == _BENCHMARK or one.kind in IDS
    ]


def _add_number(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("result", type=int, help="number of the result; results lists them")
    add_workspace(sub)


def _chosen(options: argparse.Namespace) -> tuple[Workspace, Artifact]:
    workspace = existing_workspace(options.workspace)
    for one in _artifacts(workspace):
        if one.id == options.result:
            return workspace, one
    raise InputError(f"There is no result {options.result}.", _LIST)


# results


def _add_list_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "project", type=int, nargs="?", help="only of this project; compare-projects lists them"
    )
    add_workspace(sub)


def _list(run: RunJob, options: argparse.Namespace) -> tuple[Found, ...]:
    workspace = existing_workspace(options.workspace)
    if options.project is not None:
        existing_project(workspace, options.project)
    return tuple(_found(workspace, one) for one in _artifacts(workspace, options.project))


def _render_list(found: tuple[Found, ...]) -> Rendered:
    if not found:
        return "There is no report and no benchmark yet."
    rows = [
        (
            str(one.artifact.id),
            artifact_title(one.artifact.kind, one.artifact.name),
            one.project,
            when(one.artifact.created),
            one.headline,
        )
        for one in found
    ]
    return [Table(("number", "what", "project", "created", "headline"), rows, numbers=("number",))]


def _plain(one: Found) -> Plain:
    artifact = one.artifact
    return {
        "result": artifact.id,
        "kind": artifact.kind,
        "name": artifact.name,
        "project": artifact.project_id,
        "title": one.project,
        "created": artifact.created,
        "headline": one.headline,
        "folder": str(artifact.folder),
    }


# edit-report, delete-result


def _add_edit_arguments(sub: argparse.ArgumentParser) -> None:
    _add_number(sub)
    sub.add_argument("--name", metavar="NAME", help="set its name; empty for none")


def _edit(run: RunJob, options: argparse.Namespace) -> Found:
    workspace, artifact = _chosen(options)
    if artifact.kind not in IDS:
        raise InputError(f"{options.result} is a benchmark; only reports have names.", _LIST)
    if options.name is not None:
        workspace.rename_artifact(artifact.id, options.name.strip())
    return _found(*_chosen(options))


def _render(one: Found) -> str:
    title = artifact_title(one.artifact.kind, one.artifact.name)
    return f"{title} of {one.project} ({one.artifact.id})\n{one.headline}"


def _delete(run: RunJob, options: argparse.Namespace) -> InTrash:
    workspace, artifact = _chosen(options)
    number = workspace.trash.add_artifact(artifact)
    return sized(workspace, workspace.trash.entry(number))


RESULTS = Command(
    _add_list_arguments,
    _list,
    _render_list,
    "results 3",
    lambda found: {"results": [_plain(one) for one in found]},
)
EDIT_REPORT = Command(
    _add_edit_arguments, _edit, _render, 'edit-report 7 --name "dusk, new camera"', _plain
)
DELETE_RESULT = Command(_add_number, _delete, render_deleted, "delete-result 7", plain_in_trash)
