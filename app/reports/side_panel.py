"""The column at the left of a report: thresholds above, the filter below; it scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.kit.boxes import down
from app.kit.theme import GAP

_WIDTH = 282


def side_panel(*parts: QWidget) -> QScrollArea:
    """These, one below the other."""
    inside = QWidget()
    down(*parts, 1, spacing=GAP, margins=(0, 0, GAP, 0), on=inside)
    panel = QScrollArea()
    panel.setFrameShape(QFrame.Shape.NoFrame)
    panel.setWidgetResizable(True)
    panel.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    panel.setFixedWidth(_WIDTH)
    panel.setWidget(inside)
    return panel
