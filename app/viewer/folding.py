"""What can be folded beside and below the images, by the user or because room ran out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QToolButton, QWidget

from app.kit.signals import Sends

NARROW = 1366  # pixels of a window whose images need the list's room


class Folding(QObject):
    """The ``list`` beside the images and the ``strip`` below; `folded` follows the user's doing."""

    folded = Sends[str, bool]()

    def __init__(self, parts: dict[str, tuple[QWidget, QToolButton]], body: QWidget) -> None:
        """`parts` are those of `body` with their buttons, by name."""
        super().__init__(body)
        self._parts = parts
        self._body = body
        self._by_width = False  # whether the list folds by itself

    def fold(self, name: str, folded: bool) -> None:
        """Hide a part, or show it."""
        part, button = self._parts[name]
        part.setVisible(not folded)
        button.setChecked(not folded)

    def toggle(self, name: str) -> None:
        """As the user wants it: the list folds by itself no more."""
        self._by_width = self._by_width and name != "list"
        folded = not self._is_folded(name)
        self.fold(name, folded)
        self.folded.emit(name, folded)

    def fold_list_by_width(self) -> None:
        """Fold the list while the window is narrow, until the user folds or unfolds it."""
        self._by_width = True
        self._body.installEventFilter(self)
        self._fit_list()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window, which is another one while the body has the whole screen."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._fit_list()
        return super().eventFilter(watched, event)

    def _is_folded(self, name: str) -> bool:
        return self._parts[name][0].isHidden()

    def _fit_list(self) -> None:
        narrow = self._body.window().width() <= NARROW
        if self._by_width and narrow != self._is_folded("list"):
            self.fold("list", narrow)
