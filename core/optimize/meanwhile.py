"""The parent is tried on calibration images while NNCF looks at its graph.

NNCF's preparations are Python in one thread, the trial is inference: one after the other, a core
would idle. What the trial tells is told before the first statistic.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from core.errors import JobCancelled
from core.models.calibration_warnings import CalibrationWarning
from core.optimize.checks import TRYING, Calibration, try_parent
from core.progress import Step

_LOOK_SECONDS = 0.1  # between two looks whether it is still wanted

Said = tuple[CalibrationWarning, ...]


@contextmanager
def parent_tried(
    about: Calibration, step: Step, preparing: str, tell: Callable[[Said], None]
) -> Iterator[Step]:
    """Try the parent in a thread; gives the `step` of who works meanwhile.

    That waits for the trial's end where a stage other than `preparing` begins, and passes what it
    found to `tell`. Raises then what the trial, or `step`, raises. Libraries must be loaded by now:
    to load some beside OpenVINO that compiles has crashed a process.
    """
    unwanted = threading.Event()

    def tick() -> None:
        if unwanted.is_set():
            raise JobCancelled

    def joined(stage: str, done: int, total: int | None) -> None:
        if stage != preparing:
            trial.join()
        step(stage, done, total)

    step(TRYING, 0, None)
    with ThreadPoolExecutor(1, thread_name_prefix="trial") as pool:
        trial = _Trial(pool.submit(try_parent, about, tick), step, tell)
        try:
            yield joined
            trial.join()
        finally:
            unwanted.set()


class _Trial:
    """What the thread is at, until it was told of."""

    def __init__(self, future: Future[Said], step: Step, tell: Callable[[Said], None]) -> None:
        self._future: Future[Said] | None = future
        self._step = step
        self._tell = tell

    def join(self) -> None:
        """Wait for its end, and tell what it found; once."""
        future, self._future = self._future, None
        if future is None:
            return
        while wait((future,), _LOOK_SECONDS).not_done:
            self._step(TRYING, 0, None)
        self._tell(future.result())
