"""A trace where the window itself crashes, and what the next start makes of it."""

from __future__ import annotations

import faulthandler
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from core.unfinished import user_cache

_RUNNING = "running-"  # and the process's number: nothing is in it unless that crashes
_CRASHED = "crash-"
_KEPT = 5


class CrashTrace:
    """From its making on, a fatal error leaves a trace of all threads in a file."""

    def __init__(self) -> None:
        self._file: TextIO | None = None
        path = crash_folder() / f"{_RUNNING}{os.getpid()}.log"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8")
        except OSError:
            return  # a start without a trace is better than none
        faulthandler.enable(self._file)

    def end(self) -> None:
        """The program ends in order."""
        if self._file is not None:
            faulthandler.disable()
            file, self._file = self._file, None
            file.close()
            with suppress(OSError):
                Path(file.name).unlink()


def crash_folder() -> Path:
    """Where traces of crashes lie, of whatever workspace."""
    return user_cache() / "crashes"


def new_crash() -> Path | None:
    """The trace of a window that crashed and of which nobody was told yet."""
    import psutil

    newest = None
    for path in sorted(crash_folder().glob(f"{_RUNNING}*.log")):
        number = path.stem.removeprefix(_RUNNING)
        if not number.isascii() or not number.isdigit() or psutil.pid_exists(int(number)):
            continue
        with suppress(OSError):
            stat = path.stat()
            if stat.st_size == 0:  # it was killed
                path.unlink()
                continue
            when = datetime.fromtimestamp(stat.st_mtime)
            newest = path.replace(path.with_name(f"{_CRASHED}{when:%Y-%m-%d-%H%M%S}-{number}.log"))
    for old in crashes()[_KEPT:]:
        with suppress(OSError):
            old.unlink()
    return newest


def crashes() -> list[Path]:
    """Traces that were told of, the newest first."""
    return sorted(crash_folder().glob(f"{_CRASHED}*.log"), reverse=True)
