"""Processes of jobs, begun; some before their jobs are known.

Until a process has imported what its job needs, half a second passes, a second with NNCF. A face
that is about to ask for jobs says so as the first thing it does: their processes begin at once, and
import until they are asked (docs/decisions/0050). One that is not asked ends quietly.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.processes import command, environment

_END_SECONDS = 10.0  # a busy machine takes its time to clear a process away


@dataclass(frozen=True, eq=False)
class _Waiting:
    """A process that waits for a job of this kind, and what it was begun with."""

    kind: str
    process: subprocess.Popen[bytes]
    variables: dict[str, str]
    folder: str

    @property
    def usable(self) -> bool:
        """Whether it is what would be begun now."""
        begun_with = self.variables, self.folder
        return self.process.poll() is None and begun_with == (environment(), _folder())

    def end(self) -> None:
        """It holds nothing that could be left half-done."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)


_WAITING: list[_Waiting] = []
_LOCK = threading.Lock()


@contextmanager
def begun_ahead(kinds: tuple[str, ...]) -> Iterator[None]:
    """Jobs of these kinds are about to be asked for, in this order, while this is open."""
    with suppress(OSError):  # whoever runs the job is told
        for kind in kinds:
            process = begin(kind)
            with _LOCK:
                _WAITING.append(_Waiting(kind, process, environment(), _folder()))
    try:
        yield
    finally:
        end_waiting()


def end_waiting() -> None:
    """End the processes that wait: nothing is asked of them, or not soon."""
    with _LOCK:
        left = _WAITING.copy()
        _WAITING.clear()
    for one in left:
        one.end()


def waiting() -> tuple[str, ...]:
    """The kinds of jobs that processes wait for."""
    with _LOCK:
        return tuple(one.kind for one in _WAITING)


def process_for(kind: str, log: IO[bytes] | None) -> tuple[subprocess.Popen[bytes], Path | None]:
    """A process for a job of this kind, and the log that it is still to open.

    Those that were begun for jobs before this one have been passed over, and end; so does one that
    could not open the log. Raises OSError.
    """
    opened = None if log is None else opened_again(log)
    suitable = log is None or opened is not None
    with _LOCK:
        places = [place for place, one in enumerate(_WAITING) if one.kind == kind]
        passed = _WAITING[: places[0] + 1] if places else []
        del _WAITING[: len(passed)]
    for one in passed:
        if one is passed[-1] and suitable and one.usable:
            return one.process, opened
        one.end()
    return begin("", log), None


def opened_again(log: IO[bytes]) -> Path | None:
    """Where another process finds this file; None for a pipe or a terminal.

    ``/dev/stderr`` is another file to every process.
    """
    with suppress(OSError):
        path, own = Path(os.path.realpath(log.name)), os.fstat(log.fileno())
        if stat.S_ISREG(own.st_mode) and os.path.samestat(path.stat(), own):
            return path
    return None


def begin(kind: str = "", log: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """A process; with a kind it imports what such a job needs. Raises OSError."""
    return subprocess.Popen(
        command("job", *filter(None, [kind])),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log or subprocess.DEVNULL,
        env=environment(),
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _folder() -> str:
    with suppress(OSError):
        return str(Path.cwd())
    return ""
