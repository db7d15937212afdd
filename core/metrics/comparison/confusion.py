"""Confusion matrices: which class the other side gave to a box, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.detection.detections import DetectionTable
from core.metrics.comparison.comparison import ComparedBoxes
from core.metrics.matching.statuses import Status

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


def confusion_matrix(comparison: ComparedBoxes) -> ConfusionMatrix:
    """Parent's classes by the optimized model's: matches, changed classes, missed and extra."""
    size = len(comparison.parent.class_names) + 1
    counts = np.zeros(size * size, np.int64)
    for boxes in _boxes(comparison):
        cells = boxes.reference * np.int32(size) + boxes.given
        counts += np.bincount(cells, minlength=size * size)
    return ConfusionMatrix(comparison.parent.class_names, counts.reshape(size, size))


def images_in_cell(
    comparison: ComparedBoxes, reference: str | None, given: str | None
) -> NDArray[np.bool_]:
    """Bool ``[I]``: images with a box that the matrix counts in this row and column.

    `reference` and `given` are names of classes, None for no box; an unknown name is nowhere.
    """
    names = comparison.parent.class_names
    places = {name: place for place, name in enumerate(names)} | {None: len(names)}
    row, column = places.get(reference, -1), places.get(given, -1)
    mask = np.zeros(len(comparison.parent), bool)
    for boxes in _boxes(comparison):
        chosen = boxes.rows[(boxes.reference == row) & (boxes.given == column)]
        mask[np.searchsorted(boxes.table.offsets, chosen, side="right") - 1] = True
    return mask


def most_confused(
    class_names: Sequence[str], counts: ArrayLike, most: int
) -> tuple[list[str], NDArray[np.int64]]:
    """The matrix of at most so many classes, those with most errors; `NONE` comes last.

    `counts` are ``[C+1, C+1]``, as in `ConfusionMatrix`.
    """
    whole = np.asarray(counts, np.int64)
    wrong = whole.sum(axis=0) + whole.sum(axis=1) - 2 * np.diag(whole)
    kept = np.sort(np.argsort(-wrong[:-1], kind="stable")[:most])
    places = [*kept.tolist(), len(whole) - 1]
    names = [*class_names, NONE]
    return [names[place] for place in places], whole[np.ix_(places, places)]


@dataclass(frozen=True, eq=False)
class _Boxes:
    """Boxes of one kind: their rows in a table, and the classes that both sides gave them.

    `reference` and `given` are int32 ``[N]``, and the number of classes for no box.
    """

    table: DetectionTable
    rows: NDArray[np.signedinteger]
    reference: NDArray[np.int32]
    given: NDArray[np.int32]


def _boxes(comparison: ComparedBoxes) -> Iterator[_Boxes]:
    """All boxes that count: pairs, then those that one side alone has."""
    parent, optimized = comparison.parent, comparison.optimized
    none = np.int32(len(parent.class_names))
    for pairs in (comparison.matched, comparison.changed):
        yield _Boxes(
            parent,
            pairs.parent,
            parent.class_ids[pairs.parent],
            optimized.class_ids[pairs.optimized],
        )
    missed = np.flatnonzero(comparison.status_of_parent == Status.MISSED)
    yield _Boxes(parent, missed, parent.class_ids[missed], np.full(len(missed), none))
    extra = np.flatnonzero(comparison.status_of_optimized == Status.EXTRA)
    yield _Boxes(optimized, extra, np.full(len(extra), none), optimized.class_ids[extra])
