"""Bars of one figure, each with its spread as a whisker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit.text import displayable

_NAME_SHARE, _BAR_SHARE = 0.24, 0.52
_SIDE = 8


@dataclass(frozen=True)
class ValueBar:
    """A bar from 0 to `value`; `low` and `high` are its quartiles, `text` what is written there."""

    name: str
    value: float
    low: float
    high: float
    text: str


class ValueBars(QWidget):
    """One bar a value, in the order given."""

    def __init__(self, name: str, colour: QColor) -> None:
        super().__init__()
        self._colour = colour
        self._bars: Sequence[ValueBar] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[ValueBar]) -> None:
        """Draw these."""
        self._bars = bars
        self.setAccessibleDescription("; ".join(f"{one.name} {one.text}" for one in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, self._row_height() * max(1, len(self._bars)))

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self.sizeHint().height())

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 12

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        largest = max((one.high for one in self._bars), default=0.0) or 1.0
        names, height = self.width() * _NAME_SHARE, self._row_height()
        scale = self.width() * _BAR_SHARE / largest
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, one in enumerate(self._bars):
            top = row * height
            painter.setPen(ink)
            name = self.fontMetrics().elidedText(
                displayable(one.name), Qt.TextElideMode.ElideMiddle, int(names - _SIDE)
            )
            painter.drawText(QRectF(0, top, names, height), middle, name)
            bar = QRectF(names, top + 6, one.value * scale, height - 12)
            painter.fillRect(bar, self._colour)
            y = bar.center().y()
            low, high = names + one.low * scale, names + one.high * scale
            painter.setPen(QPen(ink, 1.5))
            painter.drawLine(QLineF(low, y, high, y))
            for x in (low, high):
                painter.drawLine(QLineF(x, y - 4, x, y + 4))
            end = max(high, bar.right()) + _SIDE
            painter.drawText(QRectF(end, top, self.width() - end, height), middle, one.text)
