"""The data colours of the viewer: the same on light and dark chrome, and for every eye.

Three of the Okabe-Ito palette, told apart under protanopia, deuteranopia and tritanopia. Its
darker blue (#0072B2) is left out: against a night photo it reaches a contrast of 3.2 only, where
sky blue reaches 9. The line pattern says the same once more, and a dark casing under each line
keeps it apart from photos of its own colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

from app.viewer.scene import BoxStatus


@dataclass(frozen=True)
class LineStyle:
    """How the boxes of one status are drawn.

    Attributes:
        colour: of the line and of the label's background.
        dashes: dash and gap in pixels, empty for a solid line.
    """

    colour: QColor
    dashes: tuple[float, ...] = ()


STYLES = {
    BoxStatus.MATCHED: LineStyle(QColor("#009E73")),
    BoxStatus.ONLY_PARENT: LineStyle(QColor("#E69F00"), (9, 5)),
    BoxStatus.ONLY_OPTIMIZED: LineStyle(QColor("#56B4E9"), (4, 3)),
}

CASING = QColor(0, 0, 0, 190)
TAG_TEXT = QColor(0, 0, 0)  # at least 6:1 on each of the three colours

LINE_WIDTH = 2.0
HOVERED_WIDTH = 4.0
CASING_WIDTH = 1.0  # on either side of the line
