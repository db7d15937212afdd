"""Bars of sums over layers, each divided by precision; a click on one chooses it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.performance.graph.colours import precision_colour
from core.profiling.sums import LayerSum
from core.text import counted
from core.wording.profiling import sum_sentence

_ROWS = 9  # the rest is one bar
_SIDE = 4
_NAME_SHARE = 0.34


class SumBars(QWidget):
    """One bar a sum, the largest first."""

    bar_clicked = Sends[str]()  # name of the sum

    def __init__(self) -> None:
        super().__init__()
        self._sums: tuple[LayerSum, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_sums(self, sums: Sequence[LayerSum]) -> None:
        """Draw these; what is small goes together."""
        self._sums = tuple(sums[:_ROWS]) if len(sums) > _ROWS + 1 else tuple(sums)
        rest = sums[len(self._sums) :]
        if rest:
            time = sum(one.time_ms for one in rest)
            precisions: dict[str, float] = {}
            for one in rest:
                for name, value in one.precisions.items():
                    precisions[name] = precisions.get(name, 0.0) + value
            self._sums += (
                LayerSum(
                    name=f"{len(rest)} other types",
                    layers=sum(one.layers for one in rest),
                    time_ms=time,
                    share=sum(one.share for one in rest),
                    precisions=precisions,
                    counts={},
                ),
            )
        self.setAccessibleDescription("; ".join(sum_sentence(one) for one in self._sums))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, self._row_height() * max(1, len(self._sums)))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 10

    def room_for_bars(self) -> float:
        """Pixels of the longest bar: what names and the longest figures leave."""
        measured = self.fontMetrics().horizontalAdvance
        widest = max((measured(_figures(one)) for one in self._sums), default=0)
        return max(0.0, self.width() * (1 - _NAME_SHARE) - widest - 3 * _SIDE)

    def _at(self, y: float) -> LayerSum | None:
        row = int(y // self._row_height())
        return self._sums[row] if 0 <= row < len(self._sums) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        largest = max((one.time_ms for one in self._sums), default=0.0) or 1.0
        height = self._row_height()
        names, bars = self.width() * _NAME_SHARE, self.room_for_bars()
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, one in enumerate(self._sums):
            top = row * height
            painter.setPen(ink)
            text = self.fontMetrics().elidedText(
                displayable(one.name), Qt.TextElideMode.ElideRight, int(names - 2 * _SIDE)
            )
            painter.drawText(QRectF(0, top, names - _SIDE, height), middle, text)
            x = names
            painter.setPen(Qt.PenStyle.NoPen)
            for name, value in one.precisions.items():
                width = bars * value / largest
                painter.setBrush(precision_colour(name))
                painter.drawRect(QRectF(x, top + 5, width, height - 10))
                x += width
            painter.setPen(ink)
            rest = QRectF(x + 2 * _SIDE, top, self.width() - x - 2 * _SIDE, height)
            painter.drawText(rest, middle, _figures(one))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        one = self._at(event.position().y())
        if one is not None:
            self.bar_clicked.emit(one.name)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            one = self._at(event.pos().y())
            if one is not None:
                QToolTip.showText(event.globalPos(), tooltip(sum_sentence(one)), self)
            return True
        return super().event(event)


def _figures(one: LayerSum) -> str:
    layers = counted(one.layers, "layer", "layers")
    return f"{one.time_ms:.2f} ms · {one.share:.0%} · {layers}"
