"""Windows of the tests are drawn off screen, and leave no thread behind."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from app.workers.job_worker import JobWorker


@pytest.fixture(autouse=True)
def no_leaked_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A QThread that outlives its window aborts the program: every one started must be finished."""
    started: list[JobWorker] = []
    run = JobWorker.run

    def remembered(worker: JobWorker) -> None:
        started.append(worker)
        run(worker)

    monkeypatch.setattr(JobWorker, "run", remembered)
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    leaked = [worker.job.title for worker in started if _running(worker)]
    assert not leaked, f"threads still running: {leaked}"


def _running(worker: JobWorker) -> bool:
    try:
        return worker.isRunning()
    except RuntimeError:  # already deleted, so it has ended
        return False
