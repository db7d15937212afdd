"""Rows of a workspace, written without a job, and its database looked into."""

import sqlite3
from pathlib import Path

from core.workspace.store import Project, Workspace

DATABASE = "workspace.sqlite3"


def add_project(workspace: Workspace, name: str = "ssd") -> Project:
    """A project whose model and dataset lie in one folder, as an import leaves them."""
    folder = workspace.new_folder("import")
    folder.mkdir(parents=True)
    for file in ("model.xml", "model.bin", "dataset-0.json"):
        (folder / file).write_text("x")
    number = workspace.add_project(name, folder / "model.xml", folder / "dataset-0.json", "CPU")
    return workspace.project(number)


def add_optimized(workspace: Workspace, parent: Project) -> Project:
    folder = workspace.new_folder("model")
    folder.mkdir(parents=True)
    (folder / "int8.xml").write_text("x")
    number = workspace.begin_optimized(parent, f"{parent.name} INT8")
    workspace.finish_optimized(number, folder / "int8.xml")
    return workspace.project(number)


def execute(root: Path, statement: str) -> None:
    connection = sqlite3.connect(root / DATABASE)
    with connection:
        connection.execute(statement)
    connection.close()


def version(root: Path) -> int:
    connection = sqlite3.connect(root / DATABASE)
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return int(found)
