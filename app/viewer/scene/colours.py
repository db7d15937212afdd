"""The data colours of the viewer: the same on light and dark chrome, and for every eye.

They are of the Okabe-Ito palette, told apart under protanopia, deuteranopia and tritanopia. Its
darker blue (#0072B2) is left out: against a night photo it reaches a contrast of 3.2 only, where
sky blue reaches 9. The line pattern says the same once more (solid: found alike by both models;
dashed: not), and a dark casing under each line keeps it apart from photos of its own colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtGui import QColor

from app.viewer.scene.scene import BoxStatus
from core.documents.status_colours import (
    CLASS_CHANGED,
    DRIFTED,
    EXTRA,
    MATCHED,
    MISSED,
    SHIFTED,
)


class Colouring(Enum):
    """What the colour of a box tells."""

    STATUS = "status"
    CLASS = "class"


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
_BLACK, _WHITE, _GREY = QColor(0, 0, 0), QColor(255, 255, 255), QColor("#BBBBBB")
_ORANGE, _SKY_BLUE, _GREEN = QColor(MISSED), QColor(EXTRA), QColor(MATCHED)
_YELLOW, _VERMILION, _PURPLE = QColor(DRIFTED), QColor(SHIFTED), QColor(CLASS_CHANGED)

_LONG, _SHORT, _DOTS = (9.0, 5.0), (4.0, 3.0), (2.0, 4.0)
_NEARLY_SOLID, _BROKEN = (22.0, 3.0), (14.0, 4.0)


def _style(colour: QColor, dashes: tuple[float, ...]) -> LineStyle:
    return LineStyle(colour, dashes, colour, _BLACK)


# Differences are what a user looks for: their labels stand out, those of matches stay quiet.
STYLES = {
    BoxStatus.MATCHED: LineStyle(_GREEN, (), _DARK, _WHITE),
    BoxStatus.DRIFTED: _style(_YELLOW, _NEARLY_SOLID),
    BoxStatus.SHIFTED: _style(_VERMILION, _BROKEN),
    BoxStatus.CLASS_CHANGED: _style(_PURPLE, _DOTS),
    BoxStatus.EXTRA: _style(_SKY_BLUE, _SHORT),
    BoxStatus.MISSED: _style(_ORANGE, _LONG),
    BoxStatus.IGNORED: LineStyle(_GREY, _DOTS, _DARK, _WHITE),
    BoxStatus.FOUND_BY_BOTH: LineStyle(_GREEN, (), _DARK, _WHITE),
    BoxStatus.FOUND_BY_NEITHER: _style(_GREY, _BROKEN),
    BoxStatus.GAINED: _style(_SKY_BLUE, _SHORT),
    BoxStatus.LOST: _style(_ORANGE, _LONG),
}

CLASS_COLOURS = (_ORANGE, _SKY_BLUE, _GREEN, _YELLOW, _PURPLE, _VERMILION, _GREY)
_LIGHTER = (135, 165)  # per cent: where an image has more classes than there are colours
_ALL_COLOURS = (
    *CLASS_COLOURS,
    *(one.lighter(share) for share in _LIGHTER for one in CLASS_COLOURS),
)

CASING = _DARK

LINE_WIDTH = 2.0
HOVERED_WIDTH = 4.0
CASING_WIDTH = 1.0  # on either side of the line


def class_colour(class_id: int) -> QColor:
    """The colour of a class, the same in every report; classes that the model lacks are grey."""
    return CLASS_COLOURS[class_id % len(CLASS_COLOURS)] if class_id >= 0 else _GREY


def class_colours(class_ids: Iterable[int]) -> dict[int, QColor]:
    """A colour for each class of an image, no two alike while there are enough of them.

    Each has its own, that of every report, unless a class with a lower number has it here.
    """
    found: dict[int, QColor] = {}
    taken: set[int] = set()
    for class_id in sorted(set(class_ids)):
        usual = class_id % len(CLASS_COLOURS) if class_id >= 0 else len(CLASS_COLOURS) - 1
        free = (one for one in (usual, *range(len(_ALL_COLOURS))) if one not in taken)
        place = next(free, usual)
        taken.add(place)
        found[class_id] = _ALL_COLOURS[place]
    return found


def style_of(
    status: BoxStatus,
    class_id: int,
    colouring: Colouring,
    colours: Mapping[int, QColor] | None = None,
) -> LineStyle:
    """How a box is drawn: dashes always tell its status; `colours` are the image's classes'."""
    style = STYLES[status]
    if colouring is Colouring.STATUS:
        return style
    colour = (colours or {}).get(class_id) or class_colour(class_id)
    return replace(style, colour=colour, tag=colour, tag_text=_BLACK)
