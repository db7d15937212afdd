"""A part of the window that can have the whole screen for a while."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kit.signals import Sends


class FullScreen(QWidget):
    """The place of `body`; `set_full` moves that to a window of its own, and back.

    Whatever `body` shows goes with it; the place stays where it is.
    """

    full_changed = Sends[bool]()

    def __init__(self, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = body
        self._screen: _Screen | None = None
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(body)

    @property
    def full(self) -> bool:
        """Whether the body has the whole screen."""
        return self._screen is not None

    def set_full(self, full: bool) -> None:
        """Give the body the whole screen that the window is on, or take it back."""
        if full == self.full:
            return
        if full:
            made = _Screen(self._body, self.window().windowTitle())
            made.left.connect(self._on_left)
            made.setScreen(self.screen())
            made.showFullScreen()
            self._screen = made
        elif self._screen is not None:
            self._box.addWidget(self._body)
            self._screen.hide()
            self._screen.deleteLater()
            self._screen = None
            self.window().activateWindow()
        self._body.show()
        self._body.setFocus(Qt.FocusReason.OtherFocusReason)
        self.full_changed.emit(self.full)

    def _on_left(self) -> None:
        self.set_full(False)


class _Screen(QWidget):
    """The window that has the whole screen."""

    left = Signal()

    def __init__(self, body: QWidget, title: str) -> None:
        super().__init__()
        self.setWindowTitle(title)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(body)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()  # it is left, not closed: the body is another one's
        self.left.emit()
