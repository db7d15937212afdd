"""Files that the desktop gives to the running program: macOS sends them as events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFileOpenEvent, QGuiApplication


class OpenedFiles(QObject):
    """Hands each file that was double-clicked, or dropped on the program's icon, to `open_file`.

    It sees every event of the application: to be used where the system sends such ones alone.
    """

    def __init__(self, application: QGuiApplication, open_file: Callable[[Path], object]) -> None:
        super().__init__(application)
        self._open_file = open_file
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FileOpen:
            assert isinstance(event, QFileOpenEvent)
            if event.file():
                self._open_file(Path(event.file()))
            return True
        return super().eventFilter(watched, event)
