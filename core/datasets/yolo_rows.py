"""What stands in a row of a YOLO label file: a box, and often more.

=========================  ======================================================
``class x y w h``          a box: its centre and size
``class x y w h score``    the same as a model found it
``class x1 y1 x2 y2``      two corners, which is no YOLO but is often written
``class x1 y1 x2 y2 ...``  an outline (segments, turned boxes), three points or more
``class x y w h px py..``  a box and key points, each of two or three numbers
=========================  ======================================================

Outlines and key points can have equally many numbers, so several rows are looked at together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.datasets.units import AS_CORNERS

MAX_CLASSES = 100_000
KEY_POINTS = "rows_with_key_points"
MORE = "rows_with_more"
_LEAST = 5  # numbers of a label
_SAMPLED = 500  # rows of one length
_MOST = 0.9
_TIGHT = 0.12  # of its box, that key points cover
_FEW = 3  # rows that say nothing by being equally long
_BOX = (5, 6)  # numbers of a row with nothing but a box, and perhaps its score
_SEVERAL = 5  # rows
_OUTSIDE = 0.3  # of rows that reach out of their images, as no program writes them
_BEYOND = 0.01  # of the largest number: more than what is rounded

Rows = NDArray[np.float64]
Flags = NDArray[np.bool_]


def numbers_of(line: bytes) -> list[float] | None:
    """The numbers of a row, the class first; None where it is no label.

    A comma stands between numbers, or, as some countries write it, in them.
    """
    fields = line.split()
    decimal = b"." not in line and not any(field.endswith(b",") for field in fields)
    if b"," in line:
        within = b"." if len(fields) >= _LEAST and decimal else b" "
        fields = line.replace(b",", within).split()
    try:
        numbers = [float(field) for field in fields]
    except ValueError:
        return None
    if len(numbers) < _LEAST or not 0 <= numbers[0] < MAX_CLASSES or numbers[0] != int(numbers[0]):
        return None
    return numbers


@dataclass
class RowForms:
    """How rows of each length are read: ``box``, ``corners``, ``outline`` or ``key points``."""

    forms: Mapping[int, str] = field(default_factory=dict)

    def form(self, numbers: Sequence[float]) -> str:
        """How this row is read."""
        length = len(numbers)
        return self.forms.get(length, "outline" if length >= 7 and length % 2 else "box")

    def noticed(self, numbers: Sequence[float]) -> str:
        """What the user is to know of how this row is read; "" where it is as usual."""
        form = self.form(numbers)
        if form == "box" and len(numbers) > _BOX[-1]:
            return MORE
        return {"key points": KEY_POINTS, "corners": AS_CORNERS}.get(form, "")

    def box(self, numbers: Sequence[float]) -> tuple[float, float, float, float]:
        """x1 y1 x2 y2 of the box, or of the bounds of the outline."""
        if self.form(numbers) == "outline":
            last = len(numbers) - (len(numbers) + 1) % 2  # an even number ends in a score
            xs, ys = numbers[1:last:2], numbers[2:last:2]
            return min(xs), min(ys), max(xs), max(ys)
        x, y, width, height = numbers[1:5]
        if self.form(numbers) == "corners":
            return x, y, width, height
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def forms_of(
    rows: Iterable[Sequence[float]], key_points: tuple[int, int] | None = None
) -> RowForms:
    """How rows are read, by some of them and what the ``data.yaml`` says of key points.

    `key_points` is its ``kpt_shape``: how many there are, and of how many numbers each.
    """
    by_length: dict[int, list[Sequence[float]]] = defaultdict(list)
    for row in rows:
        if len(by_length[len(row)]) < _SAMPLED:
            by_length[len(row)].append(row)
    lengths = {length: np.array(some, np.float64) for length, some in by_length.items()}
    forms = {n: "corners" for n in _BOX if n in lengths and _are_corners(lengths[n][:, 1:5])}
    lengths = {length: some for length, some in lengths.items() if length not in _BOX}
    count = sum(map(len, lengths.values()))
    for length, some in lengths.items():
        if key_points is not None:
            declared = length - 5 - key_points[0] * key_points[1] in (0, 1)
            forms[length] = "key points" if declared else _outline_or_box(some)
        elif _are_key_points(some, alone=len(some) > _MOST * count):
            forms[length] = "key points"
        else:
            forms[length] = _outline_or_box(some)
    return RowForms(forms)


def _are_corners(rows: Rows) -> bool:
    """Whether the last two numbers are the other corner, in shares or in pixels.

    They always lie further right and down then; as sizes, boxes would begin left of their image
    or above it.
    """
    if len(rows) < _SEVERAL or not (rows[:, 2:] > rows[:, :2]).all():
        return False
    begin = (rows[:, :2] - rows[:, 2:] / 2).min(axis=1)
    return bool((begin < -_BEYOND * rows.max()).mean() > _OUTSIDE)


def _outline_or_box(rows: Rows) -> str:
    length = rows.shape[1]
    return "outline" if length % 2 or (length >= 8 and _are_outlines(rows[:, :-1])) else "box"


def _are_key_points(rows: Rows, *, alone: bool) -> bool:
    """`alone`: other rows are not longer or shorter, as outlines drawn by hand would be."""
    length = rows.shape[1]
    covered = max(
        (_covered(rows, size) for size in (2, 3) if (length - 5) % size == 0), default=-1.0
    )
    if covered < 0:  # points lie outside of what would be their box
        return False
    if length % 2 == 0:
        return not _are_outlines(rows[:, :-1])
    if not _are_outlines(rows):
        return True
    if length == 9 and _are_turned_boxes(rows):
        return False
    return alone and len(rows) > _FEW and covered > _TIGHT


def _covered(rows: Rows, size: int) -> float:
    """The part of their boxes that key points of `size` numbers cover, as a rule; -1 if others."""
    points = rows[:, 5:].reshape(len(rows), -1, size)
    known: Flags = np.asarray(
        (points[:, :, :2] > 0).any(axis=2), np.bool_
    )  # what is not seen is 0 0, or -1 -1
    if size == 3:
        known &= points[:, :, 2] > 0
        if not np.isin(points[:, :, 2], (0, 1, 2)).all() and points[:, :, 2].max() > 1:
            return -1.0
    sizes = np.maximum(np.abs(rows[:, None, 3:5]), 1e-9)
    apart = np.abs(points[:, :, :2] - rows[:, None, 1:3]) / sizes
    inside = np.asarray(
        (apart <= 0.55).all(axis=2), np.bool_
    )  # a point or two may lie a little outside
    some: Flags = np.asarray(known.any(axis=1), np.bool_)
    if not some.any() or inside[known].mean() < _MOST:
        return -1.0
    shown = points[some][:, :, :2]
    seen = known[some][:, :, None]
    spread = np.where(seen, shown, -np.inf).max(axis=1) - np.where(seen, shown, np.inf).min(axis=1)
    return float(np.median((spread / sizes[some][:, 0]).prod(axis=1)))


def _are_outlines(rows: Rows) -> bool:
    """Whether the second point of most rows lies where the others do, as in a line around."""
    points = rows[:, 1:].reshape(len(rows), -1, 2)
    if points.min() < -0.05 or points.max() > 1.05 or len(points[0]) < 3:
        return False
    others = np.delete(points, 1, axis=1)
    low, high = others.min(axis=1), others.max(axis=1)
    reach = (high - low) + 0.01
    near = ((points[:, 1] >= low - reach) & (points[:, 1] <= high + reach)).all(axis=1)
    return bool(near.mean() >= _MOST)


def _are_turned_boxes(rows: Rows) -> bool:
    """Whether opposite sides of most are equally long."""
    one, two, three, four = rows[:, 1:].reshape(-1, 4, 2).swapaxes(0, 1)
    apart = np.abs(one + three - two - four).max(axis=1)
    sides = np.abs(one - three).max(axis=1)
    return bool((apart <= 0.05 * sides + 0.002).mean() >= _MOST)
