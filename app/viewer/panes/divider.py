"""The line of the wipe, which the mouse can drag."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from app.kit.signals import Sends

GRIP = 11  # pixels: half the width of the handle


class Divider(QWidget):
    """The line of the wipe, with a handle in its middle; `dragged` tells the area's x."""

    dragged = Sends[int]()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.SplitHCursor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        line = QRegion(QRect(GRIP - 3, 0, 6, self.height()))
        square = QRect(0, self.height() // 2 - GRIP, 2 * GRIP, 2 * GRIP)
        handle = QRegion(square, QRegion.RegionType.Ellipse)
        self.setMask(line.united(handle))  # beside the line the mouse belongs to the panes
        super().resizeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(round(self.mapToParent(event.position()).x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRect(GRIP - 2, 0, 4, self.height()), QColor(0, 0, 0, 150))
        painter.fillRect(QRect(GRIP - 1, 0, 2, self.height()), QColor(255, 255, 255))
        middle = QPointF(self.width() / 2, self.height() / 2)
        painter.setPen(QPen(QColor(0, 0, 0, 170), 1))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawEllipse(middle, GRIP - 1.0, GRIP - 1.0)
        painter.setBrush(QColor(40, 40, 40))
        painter.setPen(Qt.PenStyle.NoPen)
        for way in (-1, 1):
            tip = middle + QPointF(way * 7.0, 0)
            back = way * 4.0
            painter.drawPolygon(QPolygonF([tip, tip - QPointF(back, -4), tip - QPointF(back, 4)]))
