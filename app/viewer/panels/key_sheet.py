"""The keys of the viewer, in a card over the image."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from app.kit.theme import heading_font
from app.kit.widgets import label
from app.viewer.keys import KEYS, MORE


class KeySheet(QFrame):
    """Closed by a click, or by the keys that the viewer knows for it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName("Keys of the viewer")
        self.setAutoFillBackground(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 14, 20, 14)
        title = label("Keys", wrap=False)
        title.setFont(heading_font(1.5))
        box.addWidget(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        rows = [(key.shown, key.words) for key in KEYS] + list(MORE)
        half = -(-len(rows) // 2)
        for place, (keys, words) in enumerate(rows):
            row, column = place % half, 3 * (place // half)
            shown, said = label(keys, wrap=False), label(words, wrap=False)
            font = shown.font()
            font.setBold(True)
            shown.setFont(font)
            grid.addWidget(shown, row, column, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(said, row, column + 1)
        grid.setColumnMinimumWidth(2, 16)
        box.addLayout(grid)
        self.hide()

    def set_open(self, is_open: bool) -> None:
        """Show it in the middle of its parent, or close it."""
        parent = self.parentWidget()
        if is_open and parent is not None:
            self.resize(self.sizeHint().boundedTo(parent.size()))
            middle = parent.rect().center() - self.rect().center()
            self.move(middle)
            self.raise_()
        self.setVisible(is_open)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.set_open(False)
