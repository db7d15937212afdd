"""What to know about a dataset that is about to be used, looked up in the background."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends
from app.kit.text import counted
from app.workers.job_thread import JobThread
from core.dataset_making.job import CheckDatasetJob, CheckDatasetResult
from core.dataset_making.service import DatasetRole, check_dataset_job
from core.datasets.source import may_be_dataset
from core.errors import WorkbenchError
from core.jobs.runner import run_for_result
from core.remarks.sentences import sentences
from core.workspace.store import Workspace

_SETTLE_MS = 400  # after a path is typed


@dataclass(frozen=True)
class DatasetNote:
    """Sentences about a dataset; `refused` where it cannot be used."""

    sentences: tuple[str, ...] = ()
    refused: bool = False


class DatasetCheckPresenter(QObject):
    """Checks the dataset that was asked for last, against the one it should not overlap with."""

    noted = Sends[DatasetNote]()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._wanted: CheckDatasetJob | None = None
        self._runner: JobThread | None = None
        self._leaving: list[JobThread] = []
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._start)

    def check(self, dataset: Path | None, role: DatasetRole, against: Path | None = None) -> None:
        """Look at `dataset`, which is for `role`; `noted` follows, in a moment or later."""
        wanted = None
        if dataset is not None and may_be_dataset(dataset):
            wanted = check_dataset_job(dataset, role, against)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._leave()
        self.noted.emit(DatasetNote())
        if wanted is not None:
            self._settle.start()

    def close(self) -> None:
        """End what is running, and wait for it."""
        self._settle.stop()
        self._leave()
        for runner in self._leaving:
            runner.wait()

    def _start(self) -> None:
        if self._wanted is None:
            return
        workspace = self._workspace
        beside, log = workspace.new_folder("dataset").parent, workspace.logs / "checks.log"
        task = partial(run_for_result, self._wanted, CheckDatasetResult, beside, log)
        self._runner = JobThread(task, self)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.failed.connect(self._on_failed)
        self._runner.finished.connect(self._on_finished)
        self.noted.emit(DatasetNote(("Looking at the images…",)))
        self._runner.start()

    def _leave(self) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            self._leaving.append(runner)
            runner.cancel()

    def _on_succeeded(self, result: CheckDatasetResult) -> None:
        if self.sender() is self._runner:
            compared = self._wanted is not None and self._wanted.against is not None
            self.noted.emit(DatasetNote(_sentences(result, compared)))

    def _on_failed(self, error: WorkbenchError) -> None:
        if self.sender() is self._runner:
            self.noted.emit(DatasetNote((str(error),), refused=True))

    def _on_finished(self) -> None:
        runner = self.sender()
        assert isinstance(runner, JobThread)
        if runner in self._leaving:
            self._leaving.remove(runner)
        if runner is self._runner:
            self._runner = None
        runner.deleteLater()


def _sentences(result: CheckDatasetResult, compared: bool) -> tuple[str, ...]:
    facts = result.facts
    size = f"{counted(facts.images, 'image', 'images')} in {facts.name}."
    apart = compared and not result.shared
    known = f"{size} No overlap with the comparison images." if apart else size
    first = sorted(facts.warnings, key=lambda one: one.code != "shared_images")
    return known, *sentences(first)  # an overlap first: a note has room for few
