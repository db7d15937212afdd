"""One heavy job at a time on a machine for one user: two are no faster, and disturb each other."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING

from core.folders import machine_lock
from core.jobs.quiet import Listen

if TYPE_CHECKING:
    import filelock

_LOOK_SECONDS = 0.1


class Turn:
    """The turn among heavy jobs, of all windows and the terminal.

    `waiting` is the stage while it waits.
    """

    waiting = "Waiting for another job on this machine"

    def __init__(self) -> None:
        self._lock: filelock.BaseFileLock | None = None

    @property
    def held(self) -> bool:
        """Whether the job may run."""
        return self._lock is not None

    def take(self, listen: Listen) -> None:
        """Wait for it; `listen` is called meanwhile, and may raise to stop."""
        import filelock

        lock = filelock.FileLock(machine_lock(), thread_local=False)
        while True:
            try:
                self._lock = lock.acquire(timeout=0).lock
            except filelock.Timeout:
                listen()
                sleep(_LOOK_SECONDS)
            else:
                return

    def release(self) -> None:
        """Let the next one run."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def close(self) -> None:
        """The same."""
        self.release()
