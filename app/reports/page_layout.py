"""How the pages of reports are laid out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.kit.boxes import Part, down
from app.kit.page import Scrolled
from app.kit.theme import GAP, MARGIN

_WIDTH = 282


def fill_page(page: QWidget, *parts: Part) -> None:
    """Put these one below the other into the page of a kind of report."""
    down(*parts, spacing=GAP - 4, margins=(MARGIN, 0, MARGIN, MARGIN), on=page)


def side_panel(*parts: QWidget) -> Scrolled:
    """The column at the left, which scrolls: thresholds above, the filter below."""
    inside = QWidget()
    down(*parts, 1, spacing=GAP, margins=(0, 0, GAP, 0), on=inside)
    panel = Scrolled(inside)
    panel.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    panel.setFixedWidth(_WIDTH)
    return panel
