"""A figure with its precision and device below; a click leads to where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QFrame

from app.kit.boxes import across, down
from app.kit.elided_label import ElidedLabel
from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.widgets import button, heading

if TYPE_CHECKING:
    from core.scorecard.score import Source
    from core.wording.scorecard import Cell, Fill


class FigureCell(QFrame):
    """Of one size, whatever it shows: nothing beside it moves when a figure comes."""

    source_requested = Sends["Source"]()
    fill_requested = Sends["Fill"]()

    def __init__(self, name: str, points_more: float = 3, lines: int = 1) -> None:
        super().__init__()
        self.setObjectName("figure")
        self._name = name
        self._source: Source | None = None
        self._leads: bool | None = None  # whether a click leads anywhere, once that is shown
        self._fill: Fill = ""
        self.value = heading(points_more=points_more)
        self.value.setWordWrap(False)
        self.note = ElidedLabel(lines=lines)
        self.note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.fill = button("", flat=True)
        self.fill.hide()
        self.fill.clicked.connect(self._on_fill_clicked)
        texts = down(self.value, self.note, spacing=0)
        across((texts, 1), self.fill, spacing=4, margins=(8, 2, 4, 3), on=self)
        for part in (self.value, self.note):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setMinimumHeight(self.fill.sizeHint().height() + 22)

    def show_cell(self, cell: Cell, button_text: str = "") -> None:
        """Show a figure; with the button that fills it, where that has a text."""
        self._source, self._fill = cell.source, cell.fill
        self.value.setText(cell.text)
        self.note.set_text(cell.note)
        self.fill.setText(button_text)
        self.fill.setVisible(bool(button_text))
        hint = "Click to see where it comes from." if cell.source else ""
        self.setToolTip(tooltip("\n".join(filter(None, (cell.note, cell.hint, hint)))))
        self.setAccessibleName(" ".join(filter(None, (self._name, cell.text, cell.note))))
        leads = cell.source is not None
        if leads is self._leads:
            return
        self._leads = leads
        shapes = Qt.CursorShape
        self.setCursor(shapes.PointingHandCursor if leads else shapes.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if leads else Qt.FocusPolicy.NoFocus)
        self.setProperty("leads", leads)
        self.style().unpolish(self)
        self.style().polish(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._lead()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._lead()
        else:
            super().keyPressEvent(event)

    def _lead(self) -> None:
        if self._source is not None:
            self.source_requested.emit(self._source)

    def _on_fill_clicked(self) -> None:
        self.fill_requested.emit(self._fill)
