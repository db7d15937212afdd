"""What all presenters of the workspace share: where they read, how they start jobs and refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject

from app.project.navigation import Navigation
from app.project.own_datasets import offered_datasets
from app.project.preferred import Preferred
from app.workers.job_queue import JobQueue
from app.workers.machinery import MachineAsker
from core.errors import WorkbenchError
from core.files import why
from core.workspace.store import Workspace


@dataclass(frozen=True)
class Surroundings:
    """What every presenter works with: store, jobs, where pages lead, machine, preferences."""

    workspace: Workspace
    queue: JobQueue
    navigation: Navigation = field(default_factory=Navigation)
    machine: MachineAsker = field(default_factory=MachineAsker)
    preferred: Preferred = field(default_factory=Preferred)


class Presenter(QObject):
    """Base of them: what cannot be done, the user is told."""

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace, self.queue = around.workspace, around.queue
        self.notices = around.queue.notices
        self.go = around.navigation
        self.machine = around.machine
        self.preferred = around.preferred

    def own_datasets(self) -> tuple[tuple[str, Path], ...]:
        """Datasets that were made here: a title and a file each."""
        return offered_datasets(self.workspace)

    @contextmanager
    def _refusals_shown(self) -> Iterator[None]:
        """What the engine refuses within is told, and ends there."""
        try:
            yield
        except WorkbenchError as error:
            self.notices.refuse(error)

    @contextmanager
    def _writing(self, path: Path) -> Iterator[None]:
        """The same, of a file that cannot be written."""
        try:
            yield
        except OSError as error:
            sentence = f"{path} cannot be written: {why(error)}."
            self.notices.refuse(WorkbenchError(sentence, "Choose another folder."))
