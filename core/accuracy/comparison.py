"""Report: the optimized model's predictions against its parent's, image by image.

A is the optimized model, B the parent, which is the reference. Columns and formulae are those of
the predecessor, without its defects: one-to-one matching, one score threshold for both sides,
rows for classes that only one side found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from core.accuracy.candidates import Candidates, Side, prepare
from core.accuracy.hits import find_hits
from core.accuracy.rows import ClassRows, ImageRows, class_rows, image_rows
from core.accuracy.statuses import Differences, Status, find_differences
from core.accuracy.summary import (
    VERDICT_WORDS,
    ClassSummary,
    Summary,
    VerdictName,
    agreement_of,
    class_summaries,
    summarise,
)
from core.accuracy.thresholds import Thresholds, VerdictLimits
from core.detection.detections import DetectionTable

__all__ = [
    "ALONE",
    "HIDDEN",
    "VERDICT_WORDS",
    "Candidates",
    "ClassRows",
    "ClassSummary",
    "Comparison",
    "ImageRows",
    "Status",
    "Summary",
    "Thresholds",
    "VerdictLimits",
    "VerdictName",
    "compare",
    "prepare",
]

Indices = NDArray[np.signedinteger]
Real = NDArray[np.float64]
ALONE = -1
HIDDEN = -2


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything computed from two tables of detections at one set of thresholds.

    `partner_of_parent` and `partner_of_optimized` hold for every row of the tables the partner's
    row in the other table, -1 (`ALONE`) without one, or -2 (`HIDDEN`) below the thresholds.
    `counterpart_of_parent` and `counterpart_of_optimized` hold in the same way the box of another
    class at the same place, of the rows whose status is class changed, and -1 for all others.
    `status_of_parent` and `status_of_optimized` are uint8 of `Status`.
    """

    parent: DetectionTable
    optimized: DetectionTable
    thresholds: Thresholds
    partner_of_parent: NDArray[np.int32]
    partner_of_optimized: NDArray[np.int32]
    iou_of_optimized: Real
    images: ImageRows
    classes: ClassRows
    per_class: tuple[ClassSummary, ...]
    summary: Summary
    counterpart_of_parent: NDArray[np.int32]
    counterpart_of_optimized: NDArray[np.int32]
    status_of_parent: NDArray[np.uint8]
    status_of_optimized: NDArray[np.uint8]


def compare(
    parent: DetectionTable,
    optimized: DetectionTable,
    thresholds: Thresholds | None = None,
    limits: VerdictLimits | None = None,
    candidates: Candidates | None = None,
) -> Comparison:
    """Compare two models' detections on the same images.

    `limits`, if given, replace those in `thresholds`. `candidates`, from `prepare`, save most of
    the time where the same tables are compared again at other thresholds.

    Raises WorkbenchError where the tables are of different images or classes.
    """
    thresholds = thresholds or Thresholds()
    if limits is not None:
        thresholds = replace(thresholds, limits=limits)
    if candidates is None or candidates.a.table is not optimized:
        candidates = prepare(parent, optimized)
    hits = find_hits(candidates, thresholds)
    differences = find_differences(candidates, hits, thresholds)
    by_image = image_rows(candidates, hits, differences)
    by_class = class_rows(candidates, hits, differences)
    agreement = agreement_of(candidates, hits)
    a, b = _Columns(candidates.a, hits.active_a), _Columns(candidates.b, hits.active_b)
    rows_a, rows_b = a.rows[hits.a], b.rows[hits.b]
    iou = np.zeros(len(a.rows))
    iou[rows_a] = hits.iou
    return Comparison(
        parent,
        optimized,
        thresholds,
        b.partners(rows_b, rows_a),
        a.partners(rows_a, rows_b),
        iou,
        by_image,
        by_class,
        class_summaries(by_class, parent.class_names, agreement),
        summarise(
            by_image,
            parent.image_names,
            agreement,
            hits.iou,
            optimized.scores[rows_a] - parent.scores[rows_b],
            thresholds.limits,
        ),
        b.counterparts(differences.changed_b, a.rows[differences.changed_a]),
        a.counterparts(differences.changed_a, b.rows[differences.changed_b]),
        b.statuses(hits.b, differences, (differences.missed, Status.MISSED), differences.changed_b),
        a.statuses(hits.a, differences, (differences.extra, Status.EXTRA), differences.changed_a),
    )


class _Columns:
    """Columns for every row of one side's table, from places in its ranked order."""

    def __init__(self, side: Side, active: NDArray[np.bool_]) -> None:
        self.rows = side.ranked.rows
        self._active = active

    def partners(self, own: Indices, other: Indices) -> NDArray[np.int32]:
        """Partners as rows of the other table."""
        result = np.full(len(self.rows), HIDDEN, np.int32)
        result[self.rows[self._active]] = ALONE
        result[own] = other
        return result

    def counterparts(self, changed: NDArray[np.intp], other: Indices) -> NDArray[np.int32]:
        """The boxes of another class, as rows of the other table."""
        result = np.full(len(self.rows), ALONE, np.int32)
        result[self.rows[changed]] = other
        return result

    def statuses(
        self,
        matched: NDArray[np.int32],
        differences: Differences,
        lone: tuple[NDArray[np.intp], Status],
        changed: NDArray[np.intp],
    ) -> NDArray[np.uint8]:
        """`Status` of every row."""
        of_match = np.full(len(matched), Status.MATCHED, np.uint8)
        of_match[differences.shifted] |= np.uint8(Status.SHIFTED)
        of_match[differences.drifted] |= np.uint8(Status.DRIFTED)
        result = np.full(len(self.rows), Status.HIDDEN, np.uint8)
        result[self.rows[matched]] = of_match
        result[self.rows[lone[0]]] = lone[1]
        result[self.rows[changed]] = Status.CLASS_CHANGED
        return result
