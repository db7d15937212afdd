"""Where the user was: project, tab, and where the window stood; found again at the next start."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QSize
from PySide6.QtWidgets import QMainWindow, QSplitter

from app.kit.memory import MEMORY
from app.shell.parts import Parts
from app.shell.tabs import Tabs

_USUAL = QSize(1280, 800)
_FRAME = 40  # pixels that the system's title bar may take
_PROJECT, _TAB, _LIST = "place/project", "place/tab", "place/list"


class Place(QObject):
    """Remembers from `restore` on: the first project that is shown then is the last one's."""

    def __init__(self, window: QMainWindow, parts: Parts, tabs: Tabs, splitter: QSplitter) -> None:
        super().__init__(window)
        self._window = window
        self._parts = parts
        self._tabs = tabs
        self._splitter = splitter
        window.resize(_USUAL.boundedTo(self._room().size()))
        if parts.settings.geometry is not None:
            window.restoreGeometry(parts.settings.geometry)
        self._fit()

    def restore(self) -> None:
        """Show the last project and tab, if they are still there."""
        width = _number(MEMORY.text(_LIST))
        if width:
            width = min(width, self._window.width() // 2)
            self._splitter.setSizes([width, self._window.width() - width])
        session = self._parts.session
        project, tab = _number(MEMORY.text(_PROJECT)), _number(MEMORY.text(_TAB))
        if project in [row.id for row in session.rows]:
            if tab is not None and tab < self._tabs.count():
                self._tabs.setCurrentIndex(tab)
            session.select_project(project)
        session.project_shown.connect(self._on_shown)
        self._tabs.currentChanged.connect(self._on_shown)
        self._splitter.splitterMoved.connect(self._on_splitter_moved)

    def keep_geometry(self) -> None:
        """Find the window where it is now."""
        self._parts.settings.geometry = self._window.saveGeometry()

    def _room(self) -> QRect:
        """What the screen has for a window's content."""
        return self._window.screen().availableGeometry().adjusted(0, 0, 0, -_FRAME)

    def _fit(self) -> None:
        """Have all of the window on its screen, which may be another one than the last time."""
        if self._window.isMaximized() or self._window.isFullScreen():
            return
        screen, place = self._window.screen().availableGeometry(), self._window.geometry()
        size = place.size().boundedTo(self._room().size())
        left = max(screen.left(), min(place.left(), screen.right() - size.width()))
        top = max(screen.top(), min(place.top(), screen.bottom() - size.height()))
        fitted = QRect(QPoint(left, top), size)
        if self._parts.settings.geometry is None:  # the system chooses where it lies
            self._window.resize(size)
        elif fitted != place:  # not `move`: it places the frame, and each start came lower by it
            self._window.setGeometry(fitted)

    def _on_shown(self) -> None:
        MEMORY.remember(_PROJECT, str(self._parts.session.selected or ""))
        MEMORY.remember(_TAB, str(self._tabs.currentIndex()))

    def _on_splitter_moved(self) -> None:
        MEMORY.remember(_LIST, str(self._splitter.sizes()[0]))


def _number(text: str) -> int | None:
    """A number as it was remembered; None for what is damaged."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
