"""What a user may choose about a detector: data that a dialog or a terminal can be made from."""

from __future__ import annotations

import msgspec

from core.values import Value


class Choice(Value):
    """One option of an output layout.

    Attributes:
        key: its name among the detector's options.
        title: for the user.
        values: what it can be; empty for a number or a truth value that is typed in.
        default: what it is where the detector's options do not have it.
        smallest, largest: of a number.
    """

    key: str
    title: str
    values: tuple[str, ...] = ()
    default: float | int | str | bool = ""
    smallest: float = 0.0
    largest: float = 1.0


def nms_iou(default: float) -> Choice:
    """The overlap from which on NMS takes two boxes for one, as the layout's own project has it."""
    return Choice(key="nms_iou", title="NMS overlap", default=default)


COORDINATES = Choice(
    key="coordinates", title="Boxes are in", values=("input", "unit"), default="input"
)
UNIT_COORDINATES = msgspec.structs.replace(COORDINATES, default="unit")
SIGMOID = Choice(key="sigmoid", title="Scores are logits", default=False)
FIRST_LABEL = Choice(key="first_label", title="First label", default=0, smallest=-1, largest=1000)


def fits(choice: Choice, value: float | int | str | bool) -> bool:
    """Whether the option can have this value: an int stands for a float, a bool for no number."""
    if choice.values:
        return value in choice.values
    kind = type(choice.default)
    if type(value) not in ((int, float) if kind is float else (kind,)):
        return False
    return isinstance(value, (bool, str)) or choice.smallest <= value <= choice.largest
