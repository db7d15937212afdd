"""What is deleted, restored, duplicated and handed out of the selected project."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.notice import Notice
from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from core.errors import InputError
from core.workspace.trash import Contents, Trashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.workers.computer import Computer


@dataclass(frozen=True)
class InTrash:
    """An entry of the trash, what it is in words, and what removing it for good frees."""

    entry: Trashed
    text: str
    size_bytes: int


class Keeping(Presenter):
    """Nothing is lost: what is deleted lies in the trash, and can be had back."""

    trash_counted = Sends[int]()  # how many entries there are
    trash_read = Sends[tuple[InTrash, ...]]()
    changed = Sends[int, int | None]()  # which project; the one to be shown now, None for none

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._undoable: list[int] = []  # numbers in the trash, the newest last
        self.go.undo_delete.connect(self.undo)
        self.notices.posted.connect(self._on_posted)

    def contents(self, project_id: int) -> Contents | None:
        """What goes with a project; None where it cannot be deleted now, which is told."""
        with self._refusals_shown():
            self._require_idle(project_id)
            return self.workspace.trash.contents(project_id)
        return None

    def delete(self, project_id: int) -> None:
        """Move a project with all that was made from it to the trash."""
        with self._refusals_shown():
            self._require_idle(project_id)
            project = self.workspace.project(project_id)
            number = self.workspace.trash.add_project(project_id)
            self.notices.post(Notice(f"Deleted {project.name}.", undo=number))
            self.changed.emit(project_id, project.parent_id)

    def undo(self) -> None:
        """Have back what was deleted last, here or on the page of reports."""
        there = {entry.number for entry in self.workspace.trash.entries()}
        self._undoable = [number for number in self._undoable if number in there]
        if self._undoable:
            self.restore(self._undoable[-1])
        else:
            self.notices.post(Notice("Nothing was deleted here that could be restored."))

    def restore(self, number: int) -> None:
        """Take something out of the trash."""
        with self._refusals_shown():
            entry = self.workspace.trash.restore(number)
            self.changed.emit(entry.project_id, entry.project_id)

    def count_trash(self) -> None:
        """Say how much lies in the trash; what does is read by the thread."""
        with self._refusals_shown():
            if self.workspace.trash.empty_now:
                self.trash_counted.emit(0)
            else:
                self._computer.ask("count", self.workspace.trash.entries, self._on_counted)

    def read_trash(self) -> None:
        """Say what lies in the trash, with sizes, which may take a moment."""
        self._computer.ask("trash", self._read, self._on_read)

    def remove(self, number: int) -> None:
        """Remove something in the trash for good."""
        self._remove(lambda: self.workspace.trash.remove(number))

    def empty_trash(self) -> None:
        """Remove everything in the trash for good."""
        self._remove(self.workspace.trash.empty)

    def duplicate(self, project_id: int) -> None:
        """A project once more, without its results."""
        from core.transfer.duplicating import plan_duplicate

        self.queue.start(lambda: plan_duplicate(self.workspace, project_id))

    def close(self) -> None:
        """Wait for what is being removed."""
        if "_computer" in vars(self):
            self._computer.close()

    @cached_property
    def _computer(self) -> Computer:
        """Looks at files, and removes them: both may take a moment."""
        from app.workers.computer import Computer

        made = Computer(self, reads=True)
        made.failed.connect(self.notices.refuse)
        return made

    def _read(self) -> tuple[InTrash, ...]:
        from core.wording.trash import trashed_text

        trash = self.workspace.trash
        return tuple(
            InTrash(entry, trashed_text(entry), trash.size_bytes(entry))
            for entry in trash.entries()
        )

    def _on_counted(self, found: tuple[Trashed, ...]) -> None:
        self.trash_counted.emit(len(found))

    def _on_read(self, found: tuple[InTrash, ...]) -> None:
        self.trash_counted.emit(len(found))
        self.trash_read.emit(found)

    def _remove(self, remove: Callable[[], None]) -> None:
        def removed() -> tuple[InTrash, ...]:
            remove()
            return self._read()

        self._computer.ask("trash", removed, self._on_read)

    def _on_posted(self, notice: Notice) -> None:
        if notice.undo is not None:
            self._undoable.append(notice.undo)

    def _require_idle(self, project_id: int) -> None:
        """Raises InputError while a job of this window waits or runs for the project or below."""
        doomed = self.workspace.family(project_id)
        for job in self.queue.jobs:
            if job.project_id in doomed:
                raise InputError(
                    f"'{job.title}' is still queued or running.", "Cancel that job first."
                )
