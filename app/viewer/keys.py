"""The viewer's keys: one table that makes the shortcuts, the tooltips and the sheet of keys."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Action(Enum):
    """What a key does."""

    PREVIOUS = auto()
    NEXT = auto()
    NEXT_DIFFERENCE = auto()
    FIT = auto()
    ZOOM_IN = auto()
    ZOOM_OUT = auto()
    SIDE_BY_SIDE = auto()
    WIPE = auto()
    WIPE_LEFT = auto()
    WIPE_RIGHT = auto()
    BLINK = auto()
    ONLY_DIFFERENCES = auto()
    COLOURING = auto()
    TRUTH = auto()
    LIST = auto()
    STRIP = auto()
    OVERVIEW = auto()
    ALL_CLASSES = auto()
    COPY = auto()
    SAVE = auto()
    SAVE_WHOLE = auto()
    FULL_SCREEN = auto()
    KEYS = auto()
    BACK = auto()


@dataclass(frozen=True)
class Key:
    """The keys of one action.

    Attributes:
        sequences: as Qt spells them.
        shown: as the user reads them.
        words: what they do.
    """

    action: Action
    sequences: tuple[str, ...]
    shown: str
    words: str


KEYS = (
    Key(Action.PREVIOUS, ("A", "Left"), "A  ←", "previous image of the list"),
    Key(Action.NEXT, ("D", "Right"), "D  →", "next image of the list"),
    Key(Action.NEXT_DIFFERENCE, ("N",), "N", "next image where the models differ"),
    Key(Action.FIT, ("F",), "F", "the whole image"),
    Key(Action.ZOOM_IN, ("+", "="), "+", "zoom in"),
    Key(Action.ZOOM_OUT, ("-",), "−", "zoom out"),
    Key(Action.SIDE_BY_SIDE, ("S",), "S", "side by side"),
    Key(Action.WIPE, ("W",), "W", "wipe from one model to the other"),
    Key(Action.WIPE_LEFT, ("Shift+Left",), "Shift ←", "move the line of the wipe to the left"),
    Key(Action.WIPE_RIGHT, ("Shift+Right",), "Shift →", "move it to the right"),
    Key(Action.BLINK, ("Space",), "Space", "blink: the other model in the same place"),
    Key(Action.ONLY_DIFFERENCES, ("X",), "X", "only what differs, or everything"),
    Key(Action.COLOURING, ("C",), "C", "colours by status, or by class"),
    Key(Action.TRUTH, ("G",), "G", "ground truth, where there is one"),
    Key(Action.LIST, ("L",), "L", "list of detections"),
    Key(Action.STRIP, ("T",), "T", "strip of thumbnails"),
    Key(Action.OVERVIEW, ("O",), "O", "overview of all images of the list"),
    Key(Action.ALL_CLASSES, ("0",), "0", "show all classes and statuses again"),
    Key(Action.COPY, ("Ctrl+C",), "Ctrl C", "copy the view"),
    Key(Action.SAVE, ("Ctrl+S",), "Ctrl S", "save the view"),
    Key(
        Action.SAVE_WHOLE,
        ("Ctrl+Shift+S",),
        "Ctrl Shift S",
        "save it whole, at its own resolution",
    ),
    Key(Action.FULL_SCREEN, ("F11",), "F11", "the whole screen, and back"),
    Key(Action.KEYS, ("?",), "?", "these keys"),
    Key(Action.BACK, ("Esc",), "Esc", "back"),
)

CLASS_KEYS = tuple(str(number) for number in range(1, 10))

# What the sheet says besides: (keys, words).
MORE = (
    ("1 – 9", "show or leave out the class of this number"),
    ("Wheel, drag", "zoom, move; double click: the whole image"),
)

_BY_ACTION = {key.action: key for key in KEYS}


def hint(action: Action) -> str:
    """A tooltip: what a button does, and its keys."""
    key = _BY_ACTION[action]
    return f"{key.words[0].upper()}{key.words[1:]} ({key.shown.replace('  ', ' or ')})"
