"""The database of a workspace, as version 0.2.0 of the program makes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.errors import InputError
from core.files import NotRegularError, open_regular

VERSION = 2  # 1 was before 0.2.0, and is not read
SCHEMA = """
    CREATE TABLE projects (
        id INTEGER PRIMARY KEY,
        parent_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        state TEXT NOT NULL,      -- in_progress, ready, failed
        message TEXT NOT NULL,    -- why it failed
        owner TEXT NOT NULL,      -- process that is working on it (core.identity), or empty
        model TEXT NOT NULL,      -- the IR, relative to the workspace; empty while in progress
        dataset TEXT NOT NULL,    -- dataset.json, relative to the workspace
        device TEXT NOT NULL,
        target TEXT NOT NULL,     -- where it is to run (core.models.plan.Target)
        created TEXT NOT NULL,
        notes TEXT NOT NULL       -- what the user wrote about it
    );
    CREATE TABLE artifacts (
        id INTEGER PRIMARY KEY,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,       -- benchmark, profile, search, or a kind of report
        folder TEXT NOT NULL,     -- relative to the workspace
        created TEXT NOT NULL,
        name TEXT NOT NULL        -- what the user calls it; empty where that is nothing
    );
    CREATE TABLE trash (          -- one of the two each; numbers are never used again
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        project_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,  -- with what is below it
        artifact_id INTEGER REFERENCES artifacts (id) ON DELETE CASCADE,
        deleted TEXT NOT NULL
    );
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY,
        project_id INTEGER REFERENCES projects (id) ON DELETE SET NULL,
        title TEXT NOT NULL,
        request TEXT NOT NULL,    -- JSON, to see how something was made
        folder TEXT NOT NULL,     -- what a row is to refer to when it ends; empty where none does
        state TEXT NOT NULL,      -- running, succeeded, failed, cancelled, interrupted; removing
        message TEXT NOT NULL,
        owner TEXT NOT NULL,      -- process that runs it (core.identity)
        started TEXT NOT NULL,
        ended TEXT NOT NULL
    );
    CREATE INDEX artifacts_by_project ON artifacts (project_id, kind);
"""
_PARTS = {
    *(("table", name) for name in ("projects", "artifacts", "trash", "jobs")),
    ("table", "sqlite_sequence"),  # SQLite's own, for AUTOINCREMENT
    ("index", "artifacts_by_project"),
}
_HEADER = b"SQLite format 3\0"
_VERSION_AT = 60


def require_ours(path: Path) -> None:
    """Raises InputError where another version wrote the database; nothing is changed."""
    try:
        with open_regular(path) as file:
            start = file.read(100)
    except FileNotFoundError:
        return
    except NotRegularError as error:
        raise InputError(
            f"{path} is {error.clause}.",
            "Put a copy of it back, or choose another workspace with --workspace.",
        ) from None
    if not start:  # made by nobody yet, or by somebody just now
        _require_new(path)
        return
    if not start.startswith(_HEADER) or len(start) < 100:
        raise InputError(
            f"{path} is damaged: it is not a database.",
            "Put a copy of it back, or choose another workspace with --workspace.",
        )
    found = int.from_bytes(start[_VERSION_AT : _VERSION_AT + 4], "big")
    if found not in (0, VERSION):  # 0: it still stands in the write-ahead log
        raise _other_version(path, found)


def _require_new(path: Path) -> None:
    """Raises InputError where models lie beside an empty database: what it held was lost."""
    models = any(any(path.parent.glob(f"{room}/*")) for room in ("imports", "models"))
    if models and not path.with_name(f"{path.name}-wal").exists():
        raise InputError(
            f"{path} is empty, though models lie beside it: what it held was lost.",
            "Put a copy of it back, or choose another workspace with --workspace.",
        )


def strange_part(connection: sqlite3.Connection) -> str:
    """What is in the database that no version of the program makes there; "" for nothing.

    A view or trigger in a stranger's would be followed wherever its tables are asked or changed.
    """
    for kind, name in connection.execute("SELECT type, name FROM sqlite_master"):
        if (kind, name) not in _PARTS:
            return f"it has a {kind} called {name}"
    return ""


def make_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in a new database; another process may be at it too."""
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection)  # of those who waited for the lock, one is first
        if found == 0:
            for statement in _statements(SCHEMA):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        elif found != VERSION:
            raise _other_version(path, found)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _other_version(path: Path, found: int) -> InputError:
    if found > VERSION:
        return InputError(
            f"The workspace {path.parent} was written by a newer version of the program.",
            "Update the program, or choose another workspace with --workspace.",
        )
    return InputError(
        f"The workspace {path.parent} was written by a version before 0.2.0, which is not "
        "supported.",
        "It was left as it is; choose another workspace with --workspace.",
    )


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one at a time: ``executescript`` would commit in between."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
