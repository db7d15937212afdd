"""The column at the left of a report: thresholds above, the filter below; it scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.kit.theme import GAP

_WIDTH = 282


def side_panel(*parts: QWidget) -> QScrollArea:
    """These, one below the other."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, GAP, 0)
    column.setSpacing(GAP)
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    panel = QScrollArea()
    panel.setFrameShape(QFrame.Shape.NoFrame)
    panel.setWidgetResizable(True)
    panel.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    panel.setFixedWidth(_WIDTH)
    panel.setWidget(inside)
    return panel
