"""What the colours mean, with counts."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.viewer.colours import LINE_WIDTH, STYLES
from app.viewer.frame_lines import FrameLines
from app.viewer.scene import BoxStatus, Overlay

_NAMES = {
    BoxStatus.MATCHED: ("Matched", "Found by both models: same class, boxes overlap enough."),
    BoxStatus.ONLY_PARENT: (
        "Missed (only in parent)",
        "Found by the parent only: the optimized model lost it.",
    ),
    BoxStatus.ONLY_OPTIMIZED: (
        "Extra (only in optimized)",
        "Found by the optimized model only: the parent has none.",
    ),
}
_SWATCH = 34
_GAP = 7


class LegendItem(QWidget):
    """A line as it is drawn around boxes, its meaning, and how many there are."""

    def __init__(self, status: BoxStatus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = STYLES[status]
        self._name, explanation = _NAMES[status]
        self._count: int | None = None
        self.setToolTip(explanation)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """Meaning and count."""
        return self._name if self._count is None else f"{self._name} {self._count}"

    def set_count(self, count: int | None) -> None:
        """Show a count, or none."""
        self._count = count
        self.setAccessibleName(self.text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(
            _SWATCH + _GAP + metrics.horizontalAdvance(self.text) + 2, metrics.height() + 4
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # A frame of no height: the line as it is drawn around boxes.
        ratio = self.devicePixelRatioF()
        middle = round(self.height() / 2 * ratio)
        edge = np.array([[3, middle, round(_SWATCH * ratio) - 3, middle]], np.float64)
        size = (float(self.width()), float(self.height()))
        with FrameLines(painter, size, ratio, (3, middle)) as lines:
            lines.paint(edge, self._style, LINE_WIDTH)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.rect().adjusted(_SWATCH + _GAP, 0, 0, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(text, int(flags), self.text)


class Legend(QWidget):
    """One item for each status."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(18)
        self.items = {status: LegendItem(status, self) for status in BoxStatus}
        for item in self.items.values():
            layout.addWidget(item)

    def set_counts(self, parent: Overlay, optimized: Overlay) -> None:
        """Count the boxes of both panes; a matched pair counts once."""
        self.items[BoxStatus.MATCHED].set_count(parent.count(BoxStatus.MATCHED))
        self.items[BoxStatus.ONLY_PARENT].set_count(parent.count(BoxStatus.ONLY_PARENT))
        self.items[BoxStatus.ONLY_OPTIMIZED].set_count(optimized.count(BoxStatus.ONLY_OPTIMIZED))

    def clear_counts(self) -> None:
        """No image, no counts."""
        for item in self.items.values():
            item.set_count(None)
