"""A page that scrolls where the window is small."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.kit.theme import GAP, MARGIN


class Page(QScrollArea):
    """A column of widgets with a margin around it."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab would stop at it, with nothing to see
        inside = QWidget()
        self.box = QVBoxLayout(inside)
        self.box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.box.setSpacing(GAP)
        self.setWidget(inside)
