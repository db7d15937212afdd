"""The commands that keep projects in order: named, noted, duplicated, deleted and restored."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.command import Command, RunJob
from core.cli.rendering import Rendered, Table
from core.cli.workspaces import add_workspace, existing_project, existing_workspace
from core.errors import InputError
from core.jobs.planned import recorded
from core.sizes import megabytes
from core.text import when
from core.transfer.model_export import plan_export_model
from core.values import Plain
from core.wording.trash import trashed_text
from core.workspace.store import Project, Workspace
from core.workspace.trash import Trashed


def _add_project(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("project", type=int, help="number of the project; compare-projects lists them")
    add_workspace(sub)


def _chosen(options: argparse.Namespace) -> tuple[Workspace, Project]:
    workspace = existing_workspace(options.workspace)
    return workspace, existing_project(workspace, options.project)


# edit-project, duplicate-project


def _add_edit_arguments(sub: argparse.ArgumentParser) -> None:
    _add_project(sub)
    sub.add_argument("--name", metavar="NAME", help="set its name")
    sub.add_argument("--notes", metavar="TEXT", help="set its notes")


def _edit(run: RunJob, options: argparse.Namespace) -> Project:
    workspace, project = _chosen(options)
    name = None if options.name is None else options.name.strip()
    if name == "":
        raise InputError("A project needs a name.", "Specify one with --name.")
    with workspace.together():
        if name is not None:
            workspace.rename_project(project.id, name)
        if options.notes is not None:
            workspace.set_notes(project.id, options.notes)
    return workspace.project(project.id)


def _add_duplicate_arguments(sub: argparse.ArgumentParser) -> None:
    _add_project(sub)
    sub.add_argument("--name", default="", metavar="NAME", help="name of the new project")


def _duplicate(run: RunJob, options: argparse.Namespace) -> Project:
    from core.transfer.duplicating import plan_duplicate

    workspace, project = _chosen(options)
    made = recorded(workspace, plan_duplicate(workspace, project.id, options.name.strip()), run)
    assert made is not None
    return workspace.project(made)


def _render_project(project: Project) -> str:
    return f"{project.name} ({project.id})" + (f"\n{project.notes}" if project.notes else "")


def _plain_project(project: Project) -> Plain:
    return {"project": project.id, "name": project.name, "notes": project.notes}


# export-model


def _add_export_arguments(sub: argparse.ArgumentParser) -> None:
    _add_project(sub)
    sub.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="output folder, new or empty"
    )


def _export(run: RunJob, options: argparse.Namespace) -> Path:
    workspace, project = _chosen(options)
    planned = plan_export_model(workspace, project.id, options.output.absolute())
    recorded(workspace, planned, run)
    return planned.output


def _plain_exported(output: Path) -> Plain:
    return {"folder": str(output), "files": sorted(path.name for path in output.iterdir())}


# delete-project, restore, trash


@dataclass(frozen=True)
class InTrash:
    """An entry of the trash, and what removing it for good frees, in bytes."""

    entry: Trashed
    size_bytes: int


@dataclass(frozen=True)
class Listed:
    """What is in the trash, or what was there before it was emptied."""

    entries: tuple[InTrash, ...]
    emptied: bool


def sized(workspace: Workspace, entry: Trashed) -> InTrash:
    """An entry with its size."""
    return InTrash(entry, workspace.trash.size_bytes(entry))


def _delete(run: RunJob, options: argparse.Namespace) -> InTrash:
    workspace, project = _chosen(options)
    number = workspace.trash.add_project(project.id)
    return sized(workspace, workspace.trash.entry(number))


def render_deleted(done: InTrash) -> str:
    """What was deleted, and how it is had back."""
    number = done.entry.number
    return f"Deleted {trashed_text(done.entry)}.\nRestore it with: restore {number}"


def _add_restore_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("number", type=int, help="number in the trash; trash lists them")
    add_workspace(sub)


def _restore(run: RunJob, options: argparse.Namespace) -> Trashed:
    return existing_workspace(options.workspace).trash.restore(options.number)


def _add_trash_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--empty", action="store_true", help="remove what is in it, for good")
    add_workspace(sub)


def _trash(run: RunJob, options: argparse.Namespace) -> Listed:
    workspace = existing_workspace(options.workspace)
    entries = tuple(sized(workspace, entry) for entry in workspace.trash.entries())
    if options.empty:
        workspace.trash.empty()
    return Listed(entries, options.empty)


def _render_trash(done: Listed) -> Rendered:
    if not done.entries:
        return "The trash is empty."
    if done.emptied:
        freed = megabytes(sum(one.size_bytes for one in done.entries), 1)
        return f"The trash was emptied: {freed} freed."
    rows = [
        (
            str(one.entry.number),
            trashed_text(one.entry),
            when(one.entry.deleted),
            megabytes(one.size_bytes, 1),
        )
        for one in done.entries
    ]
    return [Table(("number", "what", "deleted", "size"), rows, numbers=("size",))]


def _plain_entry(entry: Trashed) -> Plain:
    return {
        "number": entry.number,
        "project": entry.project_id,
        "name": entry.project,
        "result": None if entry.artifact is None else entry.artifact.kind,
        "models": entry.contents.models,
        "results": dict(entry.contents.results),
        "deleted": entry.deleted,
    }


def plain_in_trash(one: InTrash) -> Plain:
    """An entry as JSON has it."""
    return {**_plain_entry(one.entry), "size_bytes": one.size_bytes}


def _plain_trash(done: Listed) -> Plain:
    return {"emptied": done.emptied, "entries": [plain_in_trash(one) for one in done.entries]}


EDIT_PROJECT = Command(
    _add_edit_arguments,
    _edit,
    _render_project,
    'edit-project 3 --name "YOLOX, street" --notes "for the cameras at the gate"',
    _plain_project,
)
DUPLICATE_PROJECT = Command(
    _add_duplicate_arguments, _duplicate, _render_project, "duplicate-project 3", _plain_project
)
EXPORT_MODEL = Command(
    _add_export_arguments,
    _export,
    "Saved to {}.".format,
    "export-model 3 --output model",
    _plain_exported,
)
DELETE_PROJECT = Command(_add_project, _delete, render_deleted, "delete-project 3", plain_in_trash)
RESTORE = Command(
    _add_restore_arguments,
    _restore,
    lambda entry: f"Restored {trashed_text(entry)}.",
    "restore 1",
    _plain_entry,
)
TRASH = Command(_add_trash_arguments, _trash, _render_trash, "trash --empty", _plain_trash)
