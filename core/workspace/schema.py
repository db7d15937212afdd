"""The database of a workspace, and how an older one becomes a newer one.

Each migration brings ``user_version`` up by one. Never change one that has been released.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.errors import WorkbenchError

MIGRATIONS = (
    """
    CREATE TABLE projects (
        id INTEGER PRIMARY KEY,
        parent_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        state TEXT NOT NULL,      -- in_progress, ready, failed
        message TEXT NOT NULL,    -- why it failed
        owner INTEGER NOT NULL,   -- process that is working on it, 0 for none
        model TEXT NOT NULL,      -- the IR, relative to the workspace; empty while in progress
        dataset TEXT NOT NULL,    -- dataset.json, relative to the workspace
        device TEXT NOT NULL,
        created TEXT NOT NULL
    );
    CREATE TABLE artifacts (
        id INTEGER PRIMARY KEY,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,       -- benchmark, report
        folder TEXT NOT NULL,     -- relative to the workspace
        created TEXT NOT NULL
    );
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY,
        project_id INTEGER REFERENCES projects (id) ON DELETE SET NULL,
        title TEXT NOT NULL,
        request TEXT NOT NULL,    -- JSON, to see how something was made
        state TEXT NOT NULL,      -- running, succeeded, failed, cancelled, interrupted
        message TEXT NOT NULL,
        owner INTEGER NOT NULL,   -- process that runs it
        started TEXT NOT NULL,
        ended TEXT NOT NULL
    );
    CREATE INDEX artifacts_by_project ON artifacts (project_id, kind);
    """,
)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the database up to this program's version; another process may be at it too."""
    if _version(connection) > len(MIGRATIONS):
        raise WorkbenchError(
            f"The workspace {path.parent} was written by a newer version of the program.",
            "Update the program, or choose another workspace with --workspace.",
        )
    while _version(connection) < len(MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _version(connection)  # of those who waited for the lock, one is first
            if version < len(MIGRATIONS):
                for statement in _statements(MIGRATIONS[version]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one at a time: ``executescript`` would commit in between."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():  # without its semicolon
        yield statement


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
