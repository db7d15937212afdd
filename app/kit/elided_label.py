"""A label for a name of any length."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit.text import displayable, tooltip
from app.kit.theme import heading_font

_WRAPPED = int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft) | int(
    Qt.TextFlag.TextWordWrap
)
_LOST = 12  # characters, at most
BETWEEN = " · "  # parts of a line


class ElidedLabel(QWidget):
    """Shows a name shortened in the middle, where folders and numbering say least; hover: all.

    With two `lines` it is a sentence: wrapped, and without its end where even that is too little.
    """

    def __init__(self, parent: QWidget | None = None, lines: int = 1) -> None:
        super().__init__(parent)
        self._text = ""
        self._lines = lines
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = displayable(text)
        self.setToolTip(tooltip(text) if text else "")
        self.setAccessibleName(self._text)
        self.updateGeometry()
        self.update()

    @property
    def shown_text(self) -> str:
        """The text as it fits."""
        metrics, width = self.fontMetrics(), self.width()
        if self._lines == 1:
            return without_middle(self._text, width, metrics)
        whole = metrics.boundingRect(0, 0, width, 0, _WRAPPED, self._text)
        if whole.height() <= self._height:
            return self._text
        room = width * self._lines - metrics.averageCharWidth() * _LOST  # where lines break
        return metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, room)

    @property
    def _height(self) -> int:
        metrics = self.fontMetrics()
        return metrics.height() + (self._lines - 1) * metrics.lineSpacing() + 4

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) // self._lines + 2, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 8, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        if self._lines > 1:
            flags = _WRAPPED
        painter.drawText(self.rect(), flags, self.shown_text)


def page_title(points_more: float = 7) -> ElidedLabel:
    """What a page is about, on one line: it has a project's name in it."""
    made = ElidedLabel()
    made.setFont(heading_font(points_more))
    return made


def without_middle(text: str, room: int, metrics: QFontMetrics) -> str:
    """A line shortened in its middle: Qt's own can be some pixels longer than the room."""
    for width in range(room, 0, -1):
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)
        if metrics.horizontalAdvance(shown) <= room:
            return shown
    return ""


def without_last_parts(text: str, room: int, metrics: QFontMetrics) -> str:
    """A line without the last parts that have no room, each as a whole; the first one stays."""
    parts = text.split(BETWEEN)
    while len(parts) > 1 and metrics.horizontalAdvance(BETWEEN.join(parts)) > room:
        parts.pop()
    return metrics.elidedText(BETWEEN.join(parts), Qt.TextElideMode.ElideRight, room)
