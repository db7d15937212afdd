"""What scrolls where the window is small: a column of fields, a whole page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from app.kit.theme import GAP, MARGIN


class Scrolled(QScrollArea):
    """Shows a widget, and scrolls to what Tab leads to in it."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab would stop at it, with nothing to see
        self.setWidget(inside)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        """Bring into view what Tab leads to from elsewhere: Qt does so within the widget alone.

        A dialog that closes gives the focus back; what was read meanwhile stays where it is.
        """
        if before is None or before.window() is not self.window():
            return
        inside = self.widget()
        ours = now is not None and inside is not None and inside.isAncestorOf(now)
        if ours and self.isVisible() and now is not None and now.visibleRegion().isEmpty():
            self.ensureWidgetVisible(now)


class Page(Scrolled):
    """A column of widgets with a margin around it."""

    def __init__(self) -> None:
        inside = QWidget()
        super().__init__(inside)
        self.box = QVBoxLayout(inside)
        self.box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.box.setSpacing(GAP)
