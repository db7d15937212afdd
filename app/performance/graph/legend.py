"""What the colours mean: a scale of time, or the precisions that occur."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.performance.graph.colours import precision_colour, time_colour

_SCALE, _SWATCH, _GAP = 110, 14, 6


class ColourLegend(QWidget):
    """One line of colours with their names."""

    def __init__(self) -> None:
        super().__init__()
        self._slowest_ms: float | None = None
        self._precisions: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_time(self, slowest_ms: float) -> None:
        """A scale from nothing to the slowest layer."""
        self._slowest_ms, self._precisions = slowest_ms, ()
        self._changed()

    def show_precisions(self, precisions: Sequence[str]) -> None:
        """One swatch a precision."""
        self._slowest_ms, self._precisions = None, tuple(precisions)
        self._changed()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        if self._slowest_ms is not None:
            width = _SCALE + 2 * _GAP + metrics.horizontalAdvance("0" + self._end())
        else:
            width = sum(
                _SWATCH + 3 * _GAP + metrics.horizontalAdvance(name) for name in self._precisions
            )
        return QSize(width, metrics.height() + 6)

    def _end(self) -> str:
        return f"{self._slowest_ms or 0:.2f} ms"

    def _changed(self) -> None:
        self.setAccessibleName(", ".join(self._precisions) or f"0 to {self._end()}")
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        x, height = 0.0, self.height()
        middle = Qt.AlignmentFlag.AlignVCenter
        if self._slowest_ms is not None:
            zero = self.fontMetrics().horizontalAdvance("0")
            painter.setPen(ink)
            painter.drawText(QRectF(0, 0, zero, height), middle, "0")
            x = zero + _GAP
            gradient = QLinearGradient(x, 0, x + _SCALE, 0)
            for step in range(11):
                gradient.setColorAt(step / 10, time_colour(step / 10))
            painter.fillRect(QRectF(x, 4, _SCALE, height - 8), gradient)
            painter.drawText(QRectF(x + _SCALE + _GAP, 0, 200, height), middle, self._end())
            return
        for name in self._precisions:
            painter.fillRect(
                QRectF(x, (height - _SWATCH) / 2, _SWATCH, _SWATCH), precision_colour(name)
            )
            x += _SWATCH + _GAP
            painter.setPen(ink)
            width = self.fontMetrics().horizontalAdvance(name)
            painter.drawText(QRectF(x, 0, width + 2, height), middle, name)
            x += width + 2 * _GAP
