"""Long reading gives way: a thread that reads behind a window lets that go first, ever so often.

Python computes in one thread at a time. What reads a whole workspace calls `give_way` between two
rows or files; that does nothing, unless its thread said with `giving_way` how to wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_waits = threading.local()


def give_way() -> None:
    """Let go first whom this thread works for; here is a good place to wait."""
    wait: Callable[[], object] | None = getattr(_waits, "wait", None)
    if wait is not None:
        wait()


@contextmanager
def giving_way(wait: Callable[[], object]) -> Iterator[None]:
    """What this thread does within calls `wait` at its good places."""
    before = getattr(_waits, "wait", None)
    _waits.wait = wait
    try:
        yield
    finally:
        _waits.wait = before
