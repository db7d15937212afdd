"""Processes that detect on the same cores take turns, instead of sharing the caches of each core.

Several workers of one user on one host have several networks there, each of which would use all
cores: an inference takes more processor time the more of them are at work (docs/decisions/0032).
Two lock files in the user's cache folder, as in `core.jobs.quiet`: who waits for the *turn* stands
at the *door*, one at a time, and can be seen there.
"""

from __future__ import annotations

import hashlib
import os
import platform
from contextlib import suppress
from time import monotonic

from core.folders import lock_file
from core.jobs.quiet import is_taken

TURN_SECONDS = 2.0
PATIENT_SECONDS = 120.0  # some dozen others have their turns, or one never gives its away
_POLL_SECONDS = 0.02
_POLL_DOOR_SECONDS = 0.1  # each look takes processor time


class Turns:
    """For one thread of a process. Who cannot have turns, or waits too long, goes on without."""

    def __init__(self) -> None:
        import filelock

        self._refused = filelock.Timeout
        name = f"detecting-{_cores()}"
        self._turn = filelock.FileLock(lock_file(f"{name}.lock"), thread_local=False)
        self._door = filelock.FileLock(lock_file(f"{name}.door.lock"), thread_local=False)
        self._since = 0.0
        self._without = False

    def take(self) -> None:
        """Wait for a turn, or go on with the one that is held; let others in after a while."""
        if self._without or (self._turn.is_locked and monotonic() - self._since < TURN_SECONDS):
            return
        try:
            if not self._turn.is_locked:
                self._wait()
            elif is_taken(self._door):
                self.release()
                self._wait()
        except (self._refused, OSError, NotImplementedError):  # of folders that know no locks
            self._without = True
        self._since = monotonic()

    def release(self) -> None:
        """Others may go on."""
        with suppress(OSError):
            self._turn.release()

    def _wait(self) -> None:
        with self._door.acquire(timeout=PATIENT_SECONDS, poll_interval=_POLL_DOOR_SECONDS):
            self._turn.acquire(timeout=PATIENT_SECONDS, poll_interval=_POLL_SECONDS)


def _cores() -> str:
    """What this host's cores that the process may use are called: a home may be shared by hosts."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return hashlib.sha256(f"{platform.node()} {cores}".encode()).hexdigest()[:16]
