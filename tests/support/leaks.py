"""Windows of the tests are drawn off screen, and leave no thread behind."""

from __future__ import annotations

import gc
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Container, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from shiboken6 import isValid

from app.workers.job_thread import JobThread
from app.workers.waiting_thread import WaitingThread


@pytest.fixture(autouse=True)
def no_leaked_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A QThread that outlives its window aborts the program: every one started must be finished."""
    started: list[JobThread] = []
    run = JobThread.run

    def remembered(worker: JobThread) -> None:
        started.append(worker)
        run(worker)

    monkeypatch.setattr(JobThread, "run", remembered)
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    leaked = [worker.task for worker in started if _running(worker)]
    assert not leaked, f"threads still running: {leaked}"


def _running(worker: JobThread) -> bool:
    try:
        return worker.isRunning()
    except RuntimeError:  # already deleted, so it has ended
        return False


def running_threads(name: str, but: Container[WaitingThread] = ()) -> list[WaitingThread]:
    """The threads that are called so and have not ended, whoever has them; not those of `but`."""
    threads = [one for one in gc.get_objects() if isinstance(one, WaitingThread)]
    running = [one for one in threads if isValid(one) and one.isRunning()]
    return [one for one in running if one.objectName() == name and one not in but]
