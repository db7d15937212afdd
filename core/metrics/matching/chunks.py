"""Work on millions of boxes in chunks, on all cores: few in memory at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")
Found = TypeVar("Found")
ROWS = 100_000  # of a stretch: little beside all of them, much beside a call
_MOST_THREADS = 8


def chunks(bounds: NDArray[np.int64]) -> list[range]:
    """Things one after the other in chunks of about `ROWS` rows; at least one.

    Thing i owns the rows ``bounds[i]:bounds[i + 1]``.
    """
    things, rows = len(bounds) - 1, int(bounds[-1])
    inner = np.linspace(0, rows, max(1, -(-rows // ROWS)) + 1)[1:-1]
    cuts = np.unique([0, *np.searchsorted(bounds, inner).tolist(), things]).tolist()
    return [range(*pair) for pair in pairwise(cuts)] or [range(0)]


def on_all_cores(work: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
    """What `work` makes of each item; in threads, as NumPy lets others go on while it computes."""
    if len(items) < 2:
        return [work(one) for one in items]
    return list(_threads().map(work, items))


def in_order(work: Callable[[Item], Found], items: Iterable[Item]) -> Iterator[Found]:
    """What `work` makes of each item, one after the other; few are under way at a time.

    In threads of its own: `work` may call `on_all_cores`, and would wait for itself in those.
    """
    waiting: deque[Future[Found]] = deque()
    try:
        for item in items:
            waiting.append(_walkers().submit(work, item))
            if len(waiting) > 2 * _cores():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


@cache
def _walkers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_cores(), thread_name_prefix="part")


@cache
def _threads() -> ThreadPoolExecutor:
    """Always the same ones: the memory that a thread has freed is used again by itself alone."""
    return ThreadPoolExecutor(_cores(), thread_name_prefix="compare")


def _cores() -> int:
    return min(os.cpu_count() or 1, _MOST_THREADS)
