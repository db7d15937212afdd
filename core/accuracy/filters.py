"""Which rows of a report are shown: a value that can be stored, and the rows it chooses."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.accuracy.comparison import Comparison
from core.accuracy.rows import ClassRows, Counts
from core.errors import InputError
from core.values import Value

Mask = NDArray[np.bool_]
StatusName = Literal[
    "missed", "extra", "class_changed", "shifted", "drifted", "matches", "unchanged"
]
Range = tuple[float | None, float | None]
"""Lowest and highest value that is shown; None leaves an end open."""

COUNTS = (
    "optimized",
    "parent",
    "matches",
    "missed",
    "extra",
    "class_changed",
    "shifted",
    "drifted",
    "damage",
)
RATIOS = ("precision", "average_precision")


class RowFilter(Value):
    """What is shown; everything that is set must hold.

    Attributes:
        name: text in the image's name, whatever the case.
        classes: names; a row with any of them. Of the images, those with a box of one.
        statuses: a row with a box of any of them (`unchanged`: with none but plain matches).
            Together with `classes`: of the images, those with such a box of such a class.
        ranges: lowest and highest value by column, such as ``{"missed": (1, None)}``. Columns
            that only the table of images and classes has choose nothing in that of images.
    """

    name: str = ""
    classes: tuple[str, ...] = ()
    statuses: tuple[StatusName, ...] = ()
    ranges: dict[str, Range] = msgspec.field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether every row is shown."""
        return not (self.name or self.classes or self.statuses or self.ranges)


def image_mask(comparison: Comparison, chosen: RowFilter) -> Mask:
    """Bool ``[I]``: the rows of ``comparison.images`` that are shown."""
    rows = comparison.images
    mask = _named(comparison, chosen)[rows.image] & _within(rows, chosen)
    if chosen.classes:
        by_class = comparison.classes
        inside = _of_classes(comparison, chosen) & _with_status(by_class, chosen)
        images = np.zeros(len(comparison.parent), bool)
        images[by_class.image[inside]] = True
        return np.asarray(mask & images[rows.image])
    return np.asarray(mask & _with_status(rows, chosen))


def class_mask(comparison: Comparison, chosen: RowFilter) -> Mask:
    """Bool ``[R]``: the rows of ``comparison.classes`` that are shown."""
    rows = comparison.classes
    mask = _named(comparison, chosen)[rows.image] & _within(rows, chosen)
    mask &= _of_classes(comparison, chosen) & _with_status(rows, chosen)
    return np.asarray(mask)


def _named(comparison: Comparison, chosen: RowFilter) -> Mask:
    names = comparison.parent.image_names
    text = chosen.name.casefold()
    if not text:
        return np.ones(len(names), bool)
    return np.fromiter((text in name.casefold() for name in names), bool, len(names))


def _of_classes(comparison: Comparison, chosen: RowFilter) -> Mask:
    if not chosen.classes:
        return np.ones(len(comparison.classes.image), bool)
    wanted = set(chosen.classes)
    known = np.array([name in wanted for name in comparison.parent.class_names], bool)
    return np.asarray(known[comparison.classes.class_id])


def _with_status(rows: Counts, chosen: RowFilter) -> Mask:
    if not chosen.statuses:
        return np.ones(len(rows.parent), bool)
    mask = np.zeros(len(rows.parent), bool)
    for status in chosen.statuses:
        if status == "unchanged":
            mask |= (rows.different + rows.shifted + rows.drifted) == 0
        else:
            mask |= getattr(rows, status) > 0
    return mask


def _within(rows: Counts, chosen: RowFilter) -> Mask:
    mask = np.ones(len(rows.parent), bool)
    for column, (lowest, highest) in chosen.ranges.items():
        if column not in COUNTS + RATIOS:
            raise InputError(
                f"There is no column {column} to filter by.",
                f"There are {', '.join(COUNTS + RATIOS)}.",
            )
        if column in RATIOS and not isinstance(rows, ClassRows):
            continue
        values = getattr(rows, column)
        if column in RATIOS:
            values = np.round(values, 6)  # 0.7 is meant to find 0.7000000000000001
        if lowest is not None:
            mask &= values >= lowest
        if highest is not None:
            mask &= values <= highest
    return mask
