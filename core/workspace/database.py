"""The SQLite file of a workspace: opening it, asking it, changing it, and what went wrong."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from core.errors import InputError, WorkbenchError
from core.giving_way import give_way
from core.workspace.schema import make_tables, require_ours, strange_part

DATABASE_FILE = "workspace.sqlite3"
_BUSY_SECONDS = 10.0
_ROOM_BYTES = 2**20  # enough for the database's own files


class Database:
    """Safe to use from several processes and threads: each operation has its own connection."""

    def __init__(self, root: Path) -> None:
        """Open the database in the folder `root`, making both if need be.

        Where nothing can be written there, it is opened for reading. Raises WorkbenchError.
        """
        self._root = root
        self._path = root / DATABASE_FILE
        self._shared = threading.local()  # the connection of a thread that changes several rows
        self.read_only = False
        try:
            root.mkdir(parents=True, exist_ok=True)
            require_ours(self._path)
            self.read_only = not _writable(root, self._path)
            with self._connect() as connection:
                if not self.read_only:
                    _use_wal(connection)
                    make_tables(connection, self._path)
                if strange := strange_part(connection):
                    raise self.damaged(strange)
        except (OSError, sqlite3.Error) as error:
            raise self._trouble(error) from error

    def rows(self, query: str, *values: Any) -> Sequence[sqlite3.Row]:
        """What the query finds."""
        give_way()
        try:
            with self._connect() as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def change(self, statement: str, *values: Any) -> int:
        """Run a statement; the id of the row that it made."""
        self._require_writable()
        try:
            with self._connect() as connection:
                storable = [_storable(value) for value in values]
                return int(connection.execute(statement, storable).lastrowid or 0)
        except (sqlite3.Error, OverflowError) as error:
            raise self._trouble(error) from error

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that this thread changes meanwhile is there in the end, or none of it."""
        self._require_writable()
        try:
            with self._connect() as connection:
                connection.execute("BEGIN IMMEDIATE")
                self._shared.connection = connection
                try:
                    yield
                    connection.execute("COMMIT")
                finally:
                    self._shared.connection = None
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def damaged(self, what: str) -> WorkbenchError:
        """The error for a row that no version of the program wrote."""
        return InputError(
            f"{self._path} is damaged: {what}.",
            "Put a copy of it back, or choose another workspace with --workspace.",
        )

    def refusal(self) -> WorkbenchError:
        """The error of whatever would be changed where that is `read_only`."""
        return WorkbenchError(
            f"The workspace {self._root} cannot be written to: it is open for looking.",
            "Choose another one with --workspace, or change its permissions.",
        )

    def _require_writable(self) -> None:
        if self.read_only:
            raise self.refusal()

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """A connection for one operation: cheap, and right for every thread."""
        shared: sqlite3.Connection | None = getattr(self._shared, "connection", None)
        if shared is not None:
            yield shared
            return
        if self.read_only:
            # Immutable: the write-ahead log's own files could not be made either.
            name = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(name, uri=True, isolation_level=None)
        else:
            connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection
        finally:
            connection.close()

    def _trouble(self, error: Exception) -> WorkbenchError:
        """What happened, to which file, and what helps against just that."""
        full = self._full_disk()
        if full is not None:
            return full
        code = getattr(error, "sqlite_errorcode", None)
        primary = None if code is None else code & 0xFF
        if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            return self.damaged(str(error))  # ERROR: no such table or column, not one of ours
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return WorkbenchError(
                f"The workspace {self._root} is being changed by another program.",
                "Wait until that is done, and try again.",
            )
        if primary == sqlite3.SQLITE_CONSTRAINT:
            return WorkbenchError("What this belongs to was deleted.", "Choose another project.")
        if isinstance(error, NotADirectoryError | FileExistsError):
            return InputError(
                f"The workspace {self._root} cannot be opened: it is a file.",
                "Specify a folder with --workspace.",
            )
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        return InputError(
            f"The workspace {self._root} cannot be opened: {reason}.",
            "Check its permissions, or choose another one with --workspace.",
        )

    def _full_disk(self) -> WorkbenchError | None:
        """The error where that is what is wrong: SQLite speaks of "disk I/O error" then."""
        with suppress(OSError):
            if shutil.disk_usage(self._root).free < _ROOM_BYTES:
                return WorkbenchError(
                    f"The disk with the workspace {self._root} is full.",
                    "Free some space; what was stored before is still there.",
                )
        return None


def _writable(root: Path, path: Path) -> bool:
    return os.access(root, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. SQLite waits for nobody here, whatever the timeout is."""
    deadline = monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
        sleep(0.02)


def _storable(value: Any) -> Any:
    """Text as SQLite takes it: names of files need not be UTF-8."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
