"""Which process something belongs to, so that another one with its number is not taken for it."""

from __future__ import annotations

import os
from functools import cache

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
    import psutil

    return f"{number}.{round(psutil.Process(number).create_time())}"
