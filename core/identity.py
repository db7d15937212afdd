"""Which process something belongs to, so that another one with its number is not taken for it."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

_SAME_SECONDS = 2.0  # clocks are set, and systems round


def ours() -> str:
    """This process: its number and when it started."""
    return _identity(os.getpid())


def is_alive(identity: str) -> bool:
    """Whether the process with this identity still runs; a zombie, or what is none, does not."""
    number, _, started = identity.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        return False
    if not (started.isascii() and started.isdigit() and len(started) <= 12):
        return False
    if sys.platform == "linux":
        found = _started(int(number))
        return found is not None and abs(found - int(started)) <= _SAME_SECONDS
    import psutil

    try:
        process = psutil.Process(int(number))
        same = abs(process.create_time() - int(started)) <= _SAME_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, OverflowError, ValueError):
        return False
    except psutil.AccessDenied:
        return True  # it is somebody's


@cache
def _identity(number: int) -> str:
    if sys.platform == "linux":
        started = _started(number)
        assert started is not None  # it is this process that asks
        return f"{number}.{round(started)}"
    import psutil

    return f"{number}.{round(psutil.Process(number).create_time())}"


def _started(number: int) -> float | None:
    """When a process of Linux began, in seconds since 1970; None where there is none, or a zombie.

    As psutil finds it, whose import takes as long as the start of Python itself.
    """
    try:
        content = Path(f"/proc/{number}/stat").read_bytes()
    except OSError:
        return None
    state, *fields = content.rpartition(b")")[2].split()  # the name before may have any character
    if state == b"Z":
        return None
    return _booted() + int(fields[18]) / os.sysconf("SC_CLK_TCK")


@cache
def _booted() -> int:
    lines = Path("/proc/stat").read_bytes().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(b"btime"))
