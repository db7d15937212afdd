"""A sentence that appears over the image, and goes by itself."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.kit.widgets import PlainLabel

_SHOWN_MS = 5000
_EDGE = 16  # pixels between it and the parent's lower edge


class Toast(PlainLabel):
    """Says one thing at a time; a click closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self.setObjectName("card")
        self.setWordWrap(True)
        self.setMargin(10)
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence for some seconds."""
        parent = self.parentWidget()
        self.setText(sentence)
        if parent is None or not sentence:
            return
        width = min(self.fontMetrics().horizontalAdvance(sentence) + 40, parent.width() - 40)
        self.resize(width, self.heightForWidth(width))
        self.move((parent.width() - width) // 2, parent.height() - self.height() - _EDGE)
        self.raise_()
        self.show()
        self._timer.start()
