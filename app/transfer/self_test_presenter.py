"""Runs the self-test of a deployment package, here or on a host."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.workers.job_thread import JobThread
from core.deployment.self_testing import SelfTestResult, self_test_job
from core.errors import InputError, WorkbenchError
from core.jobs.events import Event, Progress
from core.jobs.runner import run_for_result
from core.workspace.store import Workspace


class SelfTestPresenter(QObject):
    """One test at a time, in a process of its own."""

    working = Sends[str]()  # what is being done; "" for nothing
    tested = Sends[SelfTestResult]()
    failed = Sends[WorkbenchError]()
    cancelled = Sends[()]()

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._runner: JobThread | None = None
        self._cancelling = False

    @property
    def busy(self) -> bool:
        """Whether a test runs."""
        return self._runner is not None

    def test(self, package: Path, device: str, run_on: str | None) -> None:
        """Test a package on a device, on this host or here; `tested` or `failed` follows."""
        try:
            job = self_test_job(package, device, "", run_on)
        except InputError as error:
            self.failed.emit(error)
            return
        beside, logs = self._workspace.new_folder("self-test").parent, self._workspace.logs
        task = partial(run_for_result, job, SelfTestResult, beside, logs / "self-tests.log")
        self._cancelling = False
        self._runner = JobThread(task, self)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.failed.connect(self.failed)
        self._runner.finished.connect(self._on_finished)
        self._runner.event_received.connect(self._on_event)
        self.working.emit("Starting…")
        self._runner.start()

    def cancel(self) -> None:
        """End what runs; `cancelled` follows, unless it was just done."""
        if self._runner is not None:
            self._cancelling = True
            self._runner.cancel()

    def close(self) -> None:
        """End what runs, and wait for it."""
        if self._runner is not None:
            self._runner.cancel()
            self._runner.wait()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Progress) and self._runner is not None:
            count = f" ({event.count})" if event.count else ""
            self.working.emit(f"{event.stage}{count}…")

    def _on_succeeded(self, tested: SelfTestResult) -> None:
        self._cancelling = False
        self.tested.emit(tested)

    def _on_finished(self) -> None:
        self._runner = None
        self.working.emit("")
        if self._cancelling:
            self.cancelled.emit()
