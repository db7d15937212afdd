"""Figures and tables of one model run in two ways: what is found on A only, and on B only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.documents.tables import AnyTable, Column, Figure, Table, some_rows
from core.metrics.comparison.rows import ImageRows
from core.metrics.matching.thresholds import Thresholds
from core.reports.filters import AnyComparison, FilterWords, RowFilter, image_mask
from core.reports.kind import Called
from core.reports.versus import COUNTED, Counted
from core.values import Value

CALLED = Called(
    reference="B",
    other="A",
    missed="on B only",
    extra="on A only",
    alike="The model finds the same in every image, run in both ways.",
    in_sentences=("B", "A"),
    missed_hint="on B only: A has no such box",
    extra_hint="on A only: B has no such box",
)
WORDS = FilterWords(
    {
        "missed": "on B only",
        "extra": "on A only",
        "class_changed": "class changed",
        "shifted": "shifted",
        "drifted": "score drift",
        "matches": "matched",
        "unchanged": "unchanged",
    },
    {
        "optimized": "detections on A",
        "parent": "detections on B",
        "matches": "matches",
        "missed": "on B only",
        "extra": "on A only",
        "class_changed": "class changed",
        "shifted": "shifted",
        "drifted": "score drift",
        "damage": "damage",
    },
)
COUNTED_IN_WAYS: Counted = {
    **COUNTED,
    "missed": ("b_only", "On B only"),
    "extra": ("a_only", "On A only"),
}
_COUNTS = (
    Column("a", "Detections on A", "count", "Boxes from the score threshold on, run as A."),
    Column("b", "Detections on B", "count", "Boxes from the score threshold on, run as B."),
    Column("matches", "Matches", "count", "Pairs of one A and one B of one class and place."),
    Column("b_only", "On B only", "count", "Found on B only, not even as another class."),
    Column("a_only", "On A only", "count", "Found on A only, not even as another class."),
    Column("class_changed", "Class changed", "count", "Boxes at one place, of two classes."),
    Column("shifted", "Shifted", "count", "Matches with an IoU below the threshold for a shift."),
    Column("score_drift", "Score drift", "count", "Matches whose scores differ by more than the "
           "threshold."),
)  # fmt: skip
IMAGE_COLUMNS = (
    Column("image", "Image Name", meaning="The image file, below the dataset's folder."),
    *_COUNTS,
    Column("damage", "Damage", "ratio", "Sorts the images, worst first."),
)
CLASS_COLUMNS = (Column("class", "Class"), *_COUNTS)


class WaysSummary(Value):
    """What was found, at the report's thresholds.

    Attributes:
        images_changed: images with a box that is on A or B only, or of another class.
        a, b: detections of each; `a_only`, `b_only` without any partner in the other.
        class_changed: pairs at one place, of two classes; not matches, nor on one of them only.
        shifted, drifted: matches that overlap little, or whose scores differ much.
        worst_images: names of the images that differ most, at most three.
    """

    images: int
    images_changed: int
    a: int
    b: int
    matches: int
    a_only: int
    b_only: int
    class_changed: int
    shifted: int
    drifted: int
    worst_images: tuple[str, ...]


def summary_of(rows: ImageRows, names: Sequence[str]) -> WaysSummary:
    """The comparison of B, in the place of the parent, with A in figures: of all images."""
    differing = rows.image[rows.different > 0]
    return WaysSummary(
        images=len(names),
        images_changed=len(differing),
        a=int(rows.optimized.sum()),
        b=int(rows.parent.sum()),
        matches=int(rows.matches.sum()),
        a_only=int(rows.extra.sum()),
        b_only=int(rows.missed.sum()),
        class_changed=int(rows.class_changed.sum()),
        shifted=int(rows.shifted.sum()),
        drifted=int(rows.drifted.sum()),
        worst_images=tuple(names[image] for image in differing[:3].tolist()),
    )


def figures(summary: WaysSummary, thresholds: Thresholds) -> tuple[Figure, ...]:
    """The summary as figures."""
    return (
        Figure(
            "images_changed", "Images that differ", summary.images_changed, "count",
            f"Of {summary.images:,}: with a box on A or B only, or of another class.",
        ),
        Figure("a", "Detections on A", summary.a, "count",
               f"From a score of {thresholds.score:g} on."),
        Figure("b", "Detections on B", summary.b, "count",
               f"From a score of {thresholds.score:g} on."),
        Figure("matches", "Matches", summary.matches, "count",
               f"Of one class, from an IoU of {thresholds.iou:g} on."),
        Figure("a_only", "On A only", summary.a_only, "count", "Not found on B at all."),
        Figure("b_only", "On B only", summary.b_only, "count", "Not found on A at all."),
        Figure("class_changed", "Class changed", summary.class_changed, "count",
               "Boxes at one place, of two classes."),
        Figure("shifted", "Shifted", summary.shifted, "count",
               f"Matches with an IoU below {thresholds.shifted_iou:g}."),
        Figure("drifted", "Score drift", summary.drifted, "count",
               f"Matches whose scores differ by more than {thresholds.score_drift:g}."),
    )  # fmt: skip


def image_table(comparison: AnyComparison, chosen: RowFilter | None = None) -> AnyTable:
    """One row an image, the one that differs most first; of those that `chosen` leaves."""
    rows, names = comparison.images, comparison.parent.image_names
    columns = (
        rows.optimized, rows.parent, rows.matches, rows.missed, rows.extra, rows.class_changed,
        rows.shifted, rows.drifted, rows.damage,
    )  # fmt: skip

    def values(some: NDArray[np.intp]) -> tuple[list[Any], ...]:
        images = [names[image] for image in rows.image[some].tolist()]
        return images, *(column[some].tolist() for column in columns)

    kept = np.flatnonzero(image_mask(comparison, chosen or RowFilter()))
    return some_rows(IMAGE_COLUMNS, kept, values)


def class_table(comparison: AnyComparison) -> Table:
    """One row a class, the one that differs most first."""
    ordered = sorted(
        comparison.per_class, key=lambda one: -(one.missed + one.extra + one.class_changed)
    )
    return Table.of_rows(
        CLASS_COLUMNS,
        (
            (
                one.class_name, one.optimized, one.parent, one.matches, one.missed, one.extra,
                one.class_changed, one.shifted, one.drifted,
            )
            for one in ordered
        ),
    )  # fmt: skip
