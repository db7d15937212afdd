"""One job at a time on a machine for one user: a second one would falsify a measurement."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.folders import machine_lock
from core.jobs.events import Event, Progress

if TYPE_CHECKING:
    import filelock

WAITING = "Waiting for another job on this machine"
_POLL_SECONDS = 0.05


def wait_for_turn(
    on_event: Callable[[Event], None], cancel: threading.Event
) -> filelock.BaseFileLock | None:
    """The lock that lets one job run at a time, to be released; None if `cancel` came first."""
    import filelock

    lock = filelock.FileLock(machine_lock(), thread_local=False)
    announced = False
    while not cancel.is_set():
        try:
            return lock.acquire(timeout=_POLL_SECONDS, poll_interval=_POLL_SECONDS).lock
        except filelock.Timeout:
            if not announced:
                on_event(Progress(stage=WAITING))
                announced = True
    return None
