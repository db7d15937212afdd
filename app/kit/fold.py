"""A part of a form that is folded away until it is wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QToolButton, QWidget

from app.kit.boxes import across, down
from app.kit.elided_label import ElidedLabel
from app.kit.theme import GAP


class Fold(QWidget):
    """A title with an arrow that shows and hides what is below; beside it, what is chosen there."""

    unfolded = Signal()

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self.content = content
        self.header = QToolButton()
        self.header.setText(title)
        self.header.setObjectName("fold")
        self.header.setCheckable(True)
        self.header.setArrowType(Qt.ArrowType.RightArrow)
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.toggled.connect(self._on_toggled)
        self.summary = ElidedLabel()
        self.summary.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        row = across(self.header, (self.summary, 1), spacing=GAP)
        down(row, content, spacing=GAP, margins=0, on=self)
        content.hide()

    @property
    def open(self) -> bool:
        """Whether what is below is shown."""
        return self.header.isChecked()

    def unfold(self) -> None:
        """Show what is folded away."""
        self.header.setChecked(True)

    def _on_toggled(self, open_: bool) -> None:
        self.header.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self.content.setVisible(open_)
        if open_:
            self.unfolded.emit()
