"""Confusion matrices: which class the other side gave to a box, or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.accuracy.comparison import Comparison
from core.accuracy.statuses import Status

NONE = "none"


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often a box of the row's class was given the column's class.

    `counts` is int64 ``[C+1, C+1]``: rows are the reference's classes (the parent's, or those of
    the ground truth), columns the other model's, and the last of each stands for no box.
    """

    class_names: tuple[str, ...]
    counts: NDArray[np.int64]

    def shown(self) -> ConfusionMatrix:
        """Without the classes that neither side has."""
        used = (self.counts.sum(axis=0) + self.counts.sum(axis=1))[:-1] > 0
        kept = np.append(np.flatnonzero(used), len(used))
        names = tuple(name for name, keep in zip(self.class_names, used, strict=True) if keep)
        return ConfusionMatrix(names, self.counts[np.ix_(kept, kept)])


def confusion_matrix(comparison: Comparison) -> ConfusionMatrix:
    """Parent's classes by the optimized model's: matches, changed classes, missed and extra."""
    none = len(comparison.parent.class_names)
    given, extra = _given_classes(comparison)
    reference = comparison.parent.class_ids[given.rows].astype(np.int64)
    cells = np.concatenate(
        [
            reference * (none + 1) + given.classes,
            none * (none + 1) + comparison.optimized.class_ids[extra].astype(np.int64),
        ]
    )
    counts = np.bincount(cells, minlength=(none + 1) ** 2)
    return ConfusionMatrix(comparison.parent.class_names, counts.reshape(none + 1, none + 1))


def images_in_cell(
    comparison: Comparison, reference: str | None, given: str | None
) -> NDArray[np.bool_]:
    """Bool ``[I]``: images with a box that the matrix counts in this row and column.

    `reference` and `given` are names of classes, None for no box; an unknown name is nowhere.
    """
    names = comparison.parent.class_names
    places = {name: place for place, name in enumerate(names)} | {None: len(names)}
    row, column = places.get(reference, -1), places.get(given, -1)
    found, extra = _given_classes(comparison)
    if reference is None:
        rows, table = extra, comparison.optimized
        chosen = rows[table.class_ids[rows] == column]
    else:
        rows, table = found.rows, comparison.parent
        chosen = rows[(table.class_ids[rows] == row) & (found.classes == column)]
    images = np.searchsorted(table.offsets, chosen, side="right") - 1
    mask = np.zeros(len(comparison.parent), bool)
    mask[images] = True
    return mask


@dataclass(frozen=True, eq=False)
class _Given:
    """Rows of the reference's table that count, and the class that the other side gave each."""

    rows: NDArray[np.intp]
    classes: NDArray[np.int32]


def _given_classes(comparison: Comparison) -> tuple[_Given, NDArray[np.intp]]:
    """Of every box of the reference; and the rows of the other side's boxes that are extra."""
    given, found = len(comparison.parent.class_names), comparison.optimized.class_ids
    rows = np.flatnonzero(comparison.status_of_parent)
    classes = np.full(len(comparison.status_of_parent), given, np.int32)
    for pairs in (comparison.matched, comparison.changed):
        classes[pairs.parent] = found[pairs.optimized]
    extra = np.flatnonzero(comparison.status_of_optimized == Status.EXTRA)
    return _Given(rows, classes[rows]), extra
