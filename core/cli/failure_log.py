"""The log of a command whose user named none: kept where the command fails for no known reason."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from core.jobs.logs import log_files
from core.unfinished import remove, unfinished, user_cache

_KEPT = 5


def failure_logs() -> Path:
    """The folder of the logs that explain why commands failed."""
    return user_cache() / "failures"


def begin_log() -> Path | None:
    """A file for what a command's processes write; None where none can be made."""
    with suppress(OSError):
        path = unfinished(failure_logs() / "log")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path
    return None


def keep_log(log: Path) -> Path:
    """Give a log of `begin_log` its name, and let the oldest ones go; gives where it lies now."""
    when = datetime.fromtimestamp(log.stat().st_mtime)
    kept = log.replace(log.with_name(f"{when:%Y-%m-%d-%H%M%S}-{log.name[-8:]}.log"))
    for old in log_files(failure_logs())[_KEPT:]:
        remove(old.path)
    return kept
