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
        colour: of the line.
        dashes: dash and gap in pixels, empty for a solid line.
        tag: background of the label.
        tag_text: the label's colour.
    """

    colour: QColor
    dashes: tuple[float, ...]
    tag: QColor
    tag_text: QColor


_DARK = QColor(0, 0, 0, 190)
_BLACK, _WHITE = QColor(0, 0, 0), QColor(255, 255, 255)
_ORANGE, _SKY_BLUE = QColor("#E69F00"), QColor("#56B4E9")

# Differences are what a user looks for: their labels stand out, those of matches stay quiet.
STYLES = {
    BoxStatus.MATCHED: LineStyle(QColor("#009E73"), (), _DARK, _WHITE),
    BoxStatus.ONLY_PARENT: LineStyle(_ORANGE, (9, 5), _ORANGE, _BLACK),
    BoxStatus.ONLY_OPTIMIZED: LineStyle(_SKY_BLUE, (4, 3), _SKY_BLUE, _BLACK),
}

CASING = _DARK

LINE_WIDTH = 2.0
HOVERED_WIDTH = 4.0
CASING_WIDTH = 1.0  # on either side of the line
