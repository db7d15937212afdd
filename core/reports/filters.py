"""Which rows of a report are shown: a value that can be stored, and the rows it chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.metrics.comparison.comparison import Comparison
from core.metrics.comparison.confusion import images_in_cell
from core.metrics.comparison.large import ClassMarks, LargeComparison
from core.metrics.comparison.rows import ClassRows, Counts
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
STATUS_NAMES: dict[StatusName, str] = {
    "missed": "missed",
    "extra": "extra",
    "class_changed": "class changed",
    "shifted": "shifted",
    "drifted": "score drift",
    "matches": "matched",
    "unchanged": "unchanged",
}
COLUMN_NAMES: dict[str, str] = {
    "optimized": "optimized detections",
    "parent": "parent detections",
    "matches": "matches",
    "missed": "missed",
    "extra": "extra",
    "class_changed": "class changed",
    "shifted": "shifted",
    "drifted": "score drift",
    "damage": "damage",
    "precision": "predicted class precision",
    "average_precision": "predicted class average precision",
}


@dataclass(frozen=True)
class FilterWords:
    """What statuses and columns are called, of those that are offered."""

    statuses: Mapping[StatusName, str]
    columns: Mapping[str, str]


PREDICTION_WORDS = FilterWords(STATUS_NAMES, COLUMN_NAMES)
TRUTH_WORDS = FilterWords(  # of a model beside the ground truth
    {
        "missed": "missed",
        "extra": "false positive",
        "class_changed": "wrong class",
        "matches": "found",
        "unchanged": "all correct",
    },
    {
        "optimized": "detections",
        "parent": "ground-truth objects",
        "matches": "found",
        "missed": "missed",
        "extra": "false positives",
        "class_changed": "wrong class",
    },
)


class RowFilter(Value):
    """What is shown; everything that is set must hold.

    Attributes:
        name: text in the image's name, whatever the case.
        classes: names; a row with any of them. Of the images, those with a box of one.
        statuses: a row with a box of any of them (`unchanged`: with none but plain matches).
            Together with `classes`: of the images, those with such a box of such a class.
        ranges: lowest and highest value by column, such as ``{"missed": (1, None)}``. Columns
            that only the table of images and classes has choose nothing in that of images.
        cell: a cell of the confusion matrix, the parent's class and the optimized model's, None
            for no box: images with a box in it, and of their classes those two.
    """

    name: str = ""
    classes: tuple[str, ...] = ()
    statuses: tuple[StatusName, ...] = ()
    ranges: dict[str, Range] = msgspec.field(default_factory=dict)
    cell: tuple[str | None, str | None] | None = None

    @property
    def empty(self) -> bool:
        """Whether every row is shown."""
        return not (self.name or self.classes or self.statuses or self.ranges or self.cell)


def in_words(chosen: RowFilter, called: FilterWords = PREDICTION_WORDS) -> str:
    """The filter as a clause, such as ``name has "cat"; missed or extra``; empty for none."""
    parts = []
    if chosen.name:
        parts.append(f'name has "{chosen.name}"')
    if chosen.classes:
        parts.append(f"class {' or '.join(chosen.classes)}")
    if chosen.statuses:
        parts.append(" or ".join(called.statuses.get(status, status) for status in chosen.statuses))
    for column, (lowest, highest) in chosen.ranges.items():
        words = called.columns.get(column, column)
        if lowest is not None and highest is not None:
            parts.append(f"{words} {lowest:g} to {highest:g}")
        elif lowest is not None:
            parts.append(f"{words} at least {lowest:g}")
        elif highest is not None:
            parts.append(f"{words} at most {highest:g}")
    if chosen.cell is not None:
        reference, given = (name or "no box" for name in chosen.cell)
        parts.append(f"{reference} that became {given}")
    return "; ".join(parts)


AnyComparison = Comparison | LargeComparison


def image_mask(comparison: AnyComparison, chosen: RowFilter) -> Mask:
    """Bool ``[I]``: the rows of ``comparison.images`` that are shown."""
    rows = comparison.images
    mask = _images(comparison, chosen)[rows.image] & _within(rows, chosen)
    if chosen.classes:
        by_class = comparison.classes
        inside = _of_classes(comparison, chosen.classes) & _with_status(by_class, chosen)
        images = np.zeros(len(comparison.parent), bool)
        images[by_class.image[inside]] = True
        return np.asarray(mask & images[rows.image])
    return np.asarray(mask & _with_status(rows, chosen))


def class_mask(comparison: Comparison, chosen: RowFilter) -> Mask:
    """Bool ``[R]``: the rows of ``comparison.classes`` that are shown."""
    rows = comparison.classes
    mask = _images(comparison, chosen)[rows.image] & _within(rows, chosen)
    mask &= _of_classes(comparison, chosen.classes) & _with_status(rows, chosen)
    if chosen.cell:
        mask &= _of_classes(comparison, tuple(name for name in chosen.cell if name is not None))
    return np.asarray(mask)


def _images(comparison: AnyComparison, chosen: RowFilter) -> Mask:
    """Bool ``[number of images]``: those of the name, and with a box in the cell."""
    named = _named(comparison, chosen)
    if chosen.cell is None:
        return named
    if isinstance(comparison, LargeComparison):
        return named & comparison.in_cell(*chosen.cell)
    return named & images_in_cell(comparison, *chosen.cell)


def _named(comparison: AnyComparison, chosen: RowFilter) -> Mask:
    names = comparison.parent.image_names
    text = chosen.name.casefold()
    if not text:
        return np.ones(len(names), bool)
    return np.fromiter((text in name.casefold() for name in names), bool, len(names))


def _of_classes(comparison: AnyComparison, classes: tuple[str, ...]) -> Mask:
    if not classes:
        return np.ones(len(comparison.classes.image), bool)
    wanted = set(classes)
    known = np.array([name in wanted for name in comparison.parent.class_names], bool)
    return np.asarray(known[comparison.classes.class_id])


def _with_status(rows: Counts | ClassMarks, chosen: RowFilter) -> Mask:
    if not chosen.statuses:
        return np.ones(len(rows.different), bool)
    mask = np.zeros(len(rows.different), bool)
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
