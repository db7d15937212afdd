"""What the process of a window holds: memory, threads, handles, children."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from time import sleep

import psutil
from PySide6.QtCore import QCoreApplication, QEvent

from app.workers.computer import Computer
from app.workers.image_loader import ImageLoader
from core.metrics.matching.chunks import on_all_cores
from core.values import Value
from core.workspace.database import DATABASE_FILE

_QT_S_OWN = "Thread (pooled)"  # it paints with them; they end when they had nothing to do for 30 s
_BUSY_SECONDS = 0.2  # long enough that no thread of a pool is free for a second task


class Held(Value):
    """What a process holds.

    Attributes:
        threads: of the system's, where it tells their names; else those that Python knows.
        names: of these threads, and how many there are of each.
    """

    rss_bytes: int
    threads: int
    python_threads: int
    handles: int
    children: int
    objects: int
    names: tuple[str, ...]

    def is_like(self, other: Held) -> bool:
        """Whether nothing was added that stays, and nothing is gone."""
        mine, others = (
            (one.threads, one.python_threads, one.handles, one.children) for one in (self, other)
        )
        return mine == others


class Entry(Value):
    """What the window holds after so many jobs; `round` is one that just ended."""

    jobs: int
    title: str
    failed: str
    round: int
    held: Held


def held() -> Held:
    """What this process holds now; what is to be deleted later is deleted before."""
    _clear()
    process, names = psutil.Process(), _names()
    return Held(
        rss_bytes=process.memory_info().rss,
        threads=sum(names.values()),
        python_threads=len(_of_python()),
        handles=_handles(process),
        children=len(process.children(recursive=True)),
        objects=len(gc.get_objects()),
        names=tuple(f"{count} {name}" for name, count in sorted(names.items())),
    )


def start_all_threads(image: Path) -> None:
    """Start every thread that the window starts when it first needs it, if it does not run yet.

    Whether a round needs one is a matter of time: who walks on before a page is computed never
    asks for its images. Each owner has one, so that an owner that was left is one thread more.
    """
    _clear()
    for one in gc.get_objects():
        kind = type(one)  # what stands in for another object need not say what that is
        if issubclass(kind, Computer):
            one.ask("start", lambda: None, lambda nothing: None)
        elif issubclass(kind, ImageLoader):
            one.prefetch([image])
    on_all_cores(lambda number: sleep(_BUSY_SECONDS), range(os.cpu_count() or 1))


def _clear() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


def _handles(process: psutil.Process) -> int:
    """Open files, sockets and the like.

    A database counts once: SQLite keeps the file of a connection that was closed while another one
    was at work, for the next. A connection that was left has a log of its own open besides.
    """
    if sys.platform == "win32":
        return process.num_handles()
    names = _open_files()
    return process.num_fds() - sum(
        count - 1 for name, count in names.items() if name.endswith(DATABASE_FILE)
    )


def _open_files() -> Counter[str]:
    found: Counter[str] = Counter()
    for one in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):  # closed meanwhile
            found[str(one.readlink())] += 1
    return found


def _of_python() -> list[str]:
    """Names; those that it makes up for threads of Qt stay after their ends."""
    return [one.name for one in threading.enumerate() if not one.name.startswith("Dummy-")]


def _names() -> Counter[str]:
    """Of all threads but those that come and go by themselves."""
    tasks = Path("/proc/self/task")
    if tasks.is_dir():
        found = Counter((one / "comm").read_text().strip() for one in tasks.iterdir())
    else:
        found = Counter(_of_python())
    del found[_QT_S_OWN]
    return found
