"""Report: the optimized model's predictions against its parent's, image by image.

A is the optimized model, B the parent, which is the reference. Columns and formulae are those of
the predecessor, without its defects: one-to-one matching, one score threshold for both sides,
rows for classes that only one side found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.metrics.arrays import Real
from core.metrics.comparison.rows import (
    ClassRows,
    Counts,
    ImageRows,
    class_counts,
    class_rows,
    image_counts,
    image_rows,
)
from core.metrics.comparison.summary import (
    ClassSummary,
    Summary,
    agreement_of,
    class_summaries,
    summarise,
)
from core.metrics.matching.candidates import Candidates, Part, Side, prepare
from core.metrics.matching.chunks import on_all_cores
from core.metrics.matching.hits import hits_of
from core.metrics.matching.statuses import Status, find_differences
from core.metrics.matching.thresholds import Thresholds

__all__ = [
    "ALONE",
    "HIDDEN",
    "Candidates",
    "ClassRows",
    "ClassSummary",
    "Comparison",
    "ImageRows",
    "Status",
    "Summary",
    "Thresholds",
    "compare",
    "prepare",
]

Indices = NDArray[np.signedinteger]
ALONE = -1
HIDDEN = -2


@dataclass(frozen=True, eq=False)
class RowPairs:
    """One box of each model a pair: int32 ``[M]`` rows of the two tables."""

    parent: NDArray[np.int32]
    optimized: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class ComparedBoxes:
    """Boxes of both models, and what became of each: see `Comparison`."""

    parent: DetectionTable
    optimized: DetectionTable
    matched: RowPairs
    changed: RowPairs
    status_of_parent: NDArray[np.uint8]
    status_of_optimized: NDArray[np.uint8]


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison(ComparedBoxes):
    """Everything computed from two tables of detections at one set of thresholds.

    Attributes:
        matched: the matches, and `iou` float64 ``[M]`` of them.
        changed: the boxes of two classes at one place.
        status_of_parent, status_of_optimized: uint8 of `Status`, of every row of the tables.
    """

    thresholds: Thresholds
    images: ImageRows
    classes: ClassRows
    per_class: tuple[ClassSummary, ...]
    summary: Summary
    iou: Real

    # For every row of a table. Millions of rows: made when they are first asked for.

    @cached_property
    def partner_of_parent(self) -> NDArray[np.int32]:
        """The partner's row in the optimized table, `ALONE` without one, `HIDDEN` below the
        thresholds.
        """
        alone = np.where(self.status_of_parent == Status.HIDDEN, HIDDEN, ALONE).astype(np.int32)
        alone[self.matched.parent] = self.matched.optimized
        return alone

    @cached_property
    def partner_of_optimized(self) -> NDArray[np.int32]:
        """The partner's row in the parent's table, else `ALONE` or `HIDDEN`."""
        alone = np.where(self.status_of_optimized == Status.HIDDEN, HIDDEN, ALONE).astype(np.int32)
        alone[self.matched.optimized] = self.matched.parent
        return alone

    @cached_property
    def counterpart_of_parent(self) -> NDArray[np.int32]:
        """The row of the box of another class at the same place; `ALONE` for all others."""
        result = np.full(len(self.status_of_parent), ALONE, np.int32)
        result[self.changed.parent] = self.changed.optimized
        return result

    @cached_property
    def counterpart_of_optimized(self) -> NDArray[np.int32]:
        """The same, of the optimized model's boxes."""
        result = np.full(len(self.status_of_optimized), ALONE, np.int32)
        result[self.changed.optimized] = self.changed.parent
        return result


def compare(
    parent: DetectionTable,
    optimized: DetectionTable,
    thresholds: Thresholds | None = None,
    candidates: Candidates | None = None,
) -> Comparison:
    """Compare two models' detections on the same images.

    `candidates`, from `prepare`, save most of the time where the same tables are compared again
    at other thresholds.

    Raises WorkbenchError where the tables are of different images or classes.
    """
    thresholds = thresholds or Thresholds()
    if candidates is None or candidates.a.table is not optimized:
        candidates = prepare(parent, optimized)
    found = on_all_cores(lambda part: compare_part(part, thresholds), candidates.parts)
    columns = _Columns(found)
    del found  # joined column by column, so that not all of it is there twice
    return _joined(candidates, thresholds, columns)


def _joined(candidates: Candidates, thresholds: Thresholds, columns: _Columns) -> Comparison:
    """The parts as one."""
    parent, optimized = candidates.b.table, candidates.a.table
    by_image = image_rows(columns.take("images"))
    by_class = class_rows(columns.take("classes"))
    references = np.sum(columns.take("references"), axis=0)
    active, levels = columns.joined("active"), columns.joined("levels")
    agreement = agreement_of(candidates.a, active, levels, references)
    matched = RowPairs(columns.joined("matched_parent"), columns.joined("matched_optimized"))
    iou = columns.joined("iou")
    return Comparison(
        parent=parent,
        optimized=optimized,
        thresholds=thresholds,
        images=by_image,
        classes=by_class,
        per_class=class_summaries(by_class, parent.class_names, agreement),
        summary=summarise(
            by_image,
            parent.image_names,
            agreement,
            columns.joined("iou_sums"),
            columns.joined("shift_sums"),
        ),
        matched=matched,
        iou=iou,
        changed=RowPairs(columns.joined("changed_parent"), columns.joined("changed_optimized")),
        status_of_parent=columns.joined("status_of_parent"),
        status_of_optimized=columns.joined("status_of_optimized"),
    )


@dataclass(frozen=True, eq=False)
class PartFound:
    """What was found in some of the images; rows are those of the tables.

    `active` and `levels` are those of the optimized model's boxes, in the ranked order;
    `references` counts the parent's by class; `iou_sums` and `shift_sums` (of the scores) float64
    are those of each image's matches.
    """

    images: Counts
    classes: ClassRows
    references: NDArray[np.int64]
    iou_sums: Real
    shift_sums: Real
    active: NDArray[np.bool_]
    levels: NDArray[np.uint16]
    iou: Real
    matched_parent: NDArray[np.int32]
    matched_optimized: NDArray[np.int32]
    changed_parent: NDArray[np.int32]
    changed_optimized: NDArray[np.int32]
    status_of_parent: NDArray[np.uint8]
    status_of_optimized: NDArray[np.uint8]


class _Columns:
    """What was found in all parts, by name; each is given out once, and then forgotten."""

    def __init__(self, found: Sequence[PartFound]) -> None:
        names = [one.name for one in fields(PartFound)]
        self._parts = {name: [getattr(one, name) for one in found] for name in names}

    def take(self, name: str) -> list[Any]:
        """That of each part."""
        return self._parts.pop(name)

    def joined(self, name: str) -> NDArray[Any]:
        """That of the whole."""
        return np.concatenate(self.take(name))


def compare_part(part: Part, thresholds: Thresholds) -> PartFound:
    """Compare the images of a part."""
    a, b = part.candidates.a, part.candidates.b
    rows_a, rows_b = a.ranked.rows, b.ranked.rows
    classes = part.candidates.class_count
    hits = hits_of(part.candidates, thresholds)
    differences = find_differences(part.candidates, hits, thresholds)
    image_of_match = a.images_of(hits.a) - np.int32(part.images.start)
    of_match = np.full(len(hits.a), Status.MATCHED, np.uint8)
    of_match[differences.shifted] |= np.uint8(Status.SHIFTED)
    of_match[differences.drifted] |= np.uint8(Status.DRIFTED)
    return PartFound(
        image_counts(part, hits, differences),
        class_counts(part, hits, differences),
        np.bincount(b.classes_of(hits.active_b), minlength=classes),
        _sums(image_of_match, hits.iou, part),
        _sums(image_of_match, a.scores[hits.a] - b.scores[hits.b], part),
        hits.active_a,
        hits.levels,
        hits.iou,
        _small(rows_b[hits.b]),
        _small(rows_a[hits.a]),
        _small(rows_b[differences.changed_b]),
        _small(rows_a[differences.changed_a]),
        _statuses(
            b,
            part.images,
            (hits.b, of_match),
            (differences.missed, Status.MISSED),
            (differences.changed_b, Status.CLASS_CHANGED),
        ),
        _statuses(
            a,
            part.images,
            (hits.a, of_match),
            (differences.extra, Status.EXTRA),
            (differences.changed_a, Status.CLASS_CHANGED),
        ),
    )


def _sums(images: Indices, values: NDArray[np.floating], part: Part) -> Real:
    return np.asarray(np.bincount(images, values, len(part.images)), np.float64)


def _small(rows: Indices) -> NDArray[np.int32]:
    return np.asarray(rows, np.int32)


def _statuses(
    side: Side, images: range, *parts: tuple[Indices, NDArray[np.uint8] | Status]
) -> NDArray[np.uint8]:
    """`Status` of the rows of these images, from the places of those that have each."""
    first, last = side.table.offsets[[images.start, images.stop]].tolist()
    result = np.full(last - first, Status.HIDDEN, np.uint8)
    for places, status in parts:
        result[side.ranked.rows[places] - first] = status
    return result
