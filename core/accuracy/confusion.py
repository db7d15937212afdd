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
    parent, optimized = comparison.parent, comparison.optimized
    none = len(parent.class_names)
    rows = np.flatnonzero(comparison.status_of_parent)
    partners = np.maximum(comparison.partner_of_parent, comparison.counterpart_of_parent)[rows]
    given = np.full(len(rows), none, np.int64)
    given[partners >= 0] = optimized.class_ids[partners[partners >= 0]]
    extra = optimized.class_ids[comparison.status_of_optimized == Status.EXTRA]
    cells = np.concatenate(
        [parent.class_ids[rows] * np.int64(none + 1) + given, none * np.int64(none + 1) + extra]
    )
    counts = np.bincount(cells.astype(np.int64), minlength=(none + 1) ** 2)
    return ConfusionMatrix(parent.class_names, counts.reshape(none + 1, none + 1))
