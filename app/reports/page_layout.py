"""How the pages of reports are laid out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.kit.boxes import Part, down
from app.kit.theme import GAP, MARGIN

_WIDTH = 282


def fill_page(page: QWidget, *parts: Part) -> None:
    """Put these one below the other into the page of a kind of report."""
    down(*parts, spacing=GAP - 4, margins=(MARGIN, 0, MARGIN, MARGIN), on=page)


def side_panel(*parts: QWidget) -> QScrollArea:
    """The column at the left, which scrolls: thresholds above, the filter below."""
    inside = QWidget()
    down(*parts, 1, spacing=GAP, margins=(0, 0, GAP, 0), on=inside)
    panel = QScrollArea()
    panel.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # its fields are the stops of Tab
    panel.setFrameShape(QFrame.Shape.NoFrame)
    panel.setWidgetResizable(True)
    panel.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    panel.setFixedWidth(_WIDTH)
    panel.setWidget(inside)
    return panel
