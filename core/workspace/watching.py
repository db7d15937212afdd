"""Whether somebody else changed a workspace: asked often, and cheap."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path


class Watch:
    """Asks SQLite for the number that every commit of another connection changes.

    The connection stays open, without a transaction. Of a workspace that is open for looking, which
    SQLite reads as if nobody wrote it, the time of the file is asked instead.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        if not read_only:
            with suppress(sqlite3.Error):
                self._connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._seen = self._state()

    def changed(self) -> bool:
        """Whether there is anything new since this was asked last, by whomever."""
        before, self._seen = self._seen, self._state()
        return before != self._seen

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _state(self) -> int:
        """What changes with every change; of what cannot be asked, what was seen before."""
        try:
            if self._connection is not None:
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            return self._path.stat().st_mtime_ns
        except (OSError, sqlite3.Error):
            return getattr(self, "_seen", 0)
