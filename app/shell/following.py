"""What another window, or the terminal, changes in the workspace is shown here, too."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from app.project_views import ProjectRow, ProjectView, project_rows, project_view
from app.shell.session import Session
from app.workers.computer import Computer
from core.errors import WorkbenchError
from core.workspace.database import DATABASE_FILE
from core.workspace.store import Workspace
from core.workspace.watching import Watch

_LOOK_MS = 1000


@dataclass(frozen=True)
class Found:
    """What the workspace holds: its projects, all results, and the one that is selected."""

    rows: tuple[ProjectRow, ...]
    results: tuple[tuple[int, str], ...]
    view: ProjectView | None


class Following(QObject):
    """Looks every second whether there is anything new, and reads it in a thread of its own.

    Only what differs from what is shown is shown anew: selection, focus and scrolling stay.
    """

    def __init__(
        self, workspace: Workspace, session: Session, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = session
        self._watch = Watch(workspace.root / DATABASE_FILE, read_only=workspace.read_only)
        self._computer = Computer(self, reads=True)
        self._computer.failed.connect(session.notices.refuse)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self._ask()  # it may have been changed since the session read it

    def look(self) -> None:
        """Read the workspace if it was changed."""
        if self._watch.changed():
            self._ask()

    def read(self) -> None:
        """Read the workspace, changed or not: files beside it may have been."""
        self._watch.changed()
        self._ask()

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._computer.close()
        self._watch.close()

    def _ask(self) -> None:
        selected = self._session.selected
        self._computer.ask("workspace", lambda: _read(self._workspace, selected), self._show)

    def _show(self, found: Found) -> None:
        if self._watch.changed():  # while it was read, perhaps by this window: it may be old
            self._ask()
            return
        self._session.take(found)


def _read(workspace: Workspace, selected: int | None) -> Found:
    rows = project_rows(workspace)
    view = None
    if selected is not None:
        with suppress(WorkbenchError):  # deleted or damaged: the session finds out, and tells
            view = project_view(workspace, selected)
    return Found(rows, workspace.results(), view)
