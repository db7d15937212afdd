"""Measuring processes that stay for the next measurement: they have loaded OpenVINO already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

from core.benchmark.worker_process import WorkerProcess

PROCESS_BYTES = 400 * 2**20  # room that a measuring process should have
MEMORY_SHARE = 0.6  # of what is free, for all of them


def room_for_processes() -> int:
    """How many measuring processes memory has room for."""
    return int(MEMORY_SHARE * psutil.virtual_memory().available // PROCESS_BYTES)


class WorkerPool:
    """Lends processes, and keeps as many of them, idle, as it is to. Close it in the end.

    Attributes:
        together: so many read and compile their models side by side; where the times of that are
            wanted, one.
    """

    def __init__(self, most: int = 0, together: int = 1) -> None:
        """`most` are kept, and fewer where memory is short."""
        self._most = most
        self.together = together
        self._idle: list[WorkerProcess] = []

    @contextmanager
    def lent(self, count: int) -> Iterator[list[WorkerProcess]]:
        """So many processes, each of which has yet to be asked for a model.

        Where the context ends with an error, all of them are killed.
        """
        processes = [one for one in self._idle if one.alive][:count]
        _end([one for one in self._idle if one not in processes])
        self._idle = []
        try:
            while len(processes) < count:  # at once: they load OpenVINO while the first compile
                processes.append(WorkerProcess())
            yield processes
        except BaseException:
            _end(processes)
            raise
        kept = [one for one in processes if one.alive][: min(self._most, room_for_processes())]
        _end([one for one in processes if one not in kept])
        self._idle = kept

    def close(self) -> None:
        """End those that are idle."""
        _end(self._idle)
        self._idle = []


def _end(processes: Sequence[WorkerProcess]) -> None:
    for one in processes:
        one.kill()
    for one in processes:
        one.close()
