"""Tables of a comparison of predictions: the same for files, pages and the window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.documents.tables import AnyTable, Column, Table, TableInPieces, some_rows
from core.metrics.comparison.bands import ScoreBand, score_bands
from core.metrics.comparison.comparison import Comparison
from core.metrics.comparison.confusion import NONE, ConfusionMatrix, confusion_matrix
from core.metrics.comparison.large import LargeComparison
from core.metrics.comparison.rows import Counts
from core.metrics.matching.thresholds import Thresholds
from core.reports.filters import AnyComparison, RowFilter, class_mask, image_mask
from core.values import Plain, to_plain

Places = NDArray[np.intp]
_IMAGE = Column(
    "image", "Image Name", meaning="The image file, with its folder below the dataset's."
)
_MATCHES = Column(
    "matches",
    "Matches between A and B",
    "count",
    "Pairs of one A and one B of the same class with at least the IoU threshold. In the order of "
    "its scores, each A is matched to the unmatched B with the highest IoU.",
)
_MISSED = Column(
    "missed", "Missed", "count", "Found by the parent only, not even as another class."
)
_EXTRA = Column(
    "extra", "Extra", "count", "Found by the optimized model only, not even as another class."
)
_CHANGED = Column(
    "class_changed",
    "Class changed",
    "count",
    "Boxes of both models at the same place, with different classes.",
)
_SHIFTED = Column(
    "shifted",
    "Shifted",
    "count",
    "Matches with an IoU below the threshold for a shift. Still counted as matches.",
)
_DRIFTED = Column(
    "score_drift",
    "Score drift",
    "count",
    "Matches whose scores differ by more than the threshold. Still counted as matches.",
)
_PRECISION = Column(
    "predicted_class_precision",
    "Predicted Class Precision",
    "ratio",
    "AP@[.50:.95] of this image and class with the parent as ground truth: the mean, over the IoU "
    "thresholds .50, .55, … .95, of the precision at 101 recalls from 0 to 1. One box against one "
    "box reads 0.7 where 0.80 ≤ IoU < 0.85.",
)
_AVERAGE_PRECISION = Column(
    "predicted_class_average_precision",
    "Predicted Class Average Precision",
    "ratio",
    "AP@.50 of this image and class with the parent as ground truth: the area under the curve of "
    "precision over recall where matches need an IoU of .50.",
)
_DAMAGE = Column("damage", "Damage", "ratio", "Sorts the images, worst first.")
_DIFFERENCES = (_MISSED, _EXTRA, _CHANGED, _SHIFTED, _DRIFTED)


def _detections(of: str) -> tuple[Column, Column]:
    return (
        Column(
            "optimized_detections",
            f"A. Optimized Model Detections{of}",
            "count",
            "Boxes of the optimized model with at least the score threshold.",
        ),
        Column(
            "parent_detections",
            f"B. Parent Model Detections{of}",
            "count",
            "Boxes of the parent with at least the score threshold.",
        ),
    )


IMAGE_COLUMNS = (_IMAGE, *_detections(""), _MATCHES, *_DIFFERENCES, _DAMAGE)
ROW_COLUMNS = (
    _IMAGE,
    Column(
        "class", "Class Predicted by Optimized Model",
        meaning="The class of this row. Classes that only the parent found have rows too, with an "
        "A of 0.",
    ),
    *_detections(" of Predicted Class"),
    _MATCHES,
    _PRECISION,
    _AVERAGE_PRECISION,
    *_DIFFERENCES,
    _DAMAGE,
)  # fmt: skip
CLASS_COLUMNS = (
    Column("class", "Class", meaning="Double-click a class to see its images."),
    *_detections(""),
    _MATCHES,
    *_DIFFERENCES,
    Column(
        "agreement", "Agreement", "ratio",
        "COCO AP@[.50:.95] of the class with the parent's detections as ground truth.",
    ),
    Column("agreement_50", "Agreement at IoU .50", "ratio", "The same at IoU .50."),
)  # fmt: skip


VERDICT_COLUMNS = (
    Column("verdict", "Verdict"),
    Column("score", "Score threshold", "number", "Of the parent, from which on it is of."),
    Column("iou", "IoU threshold", "number"),
)
BAND_COLUMNS = (
    Column(
        "scores", "Scores",
        meaning="From the first to below the second score; the last band goes up to 1.",
    ),
    Column("detections", "Detections", "count", "Of both models."),
    Column("changed", "Changed", "count", "Appear, vanish, change class or move."),
    Column("share", "Predictions changed", "percent", "Changed divided by all."),
)  # fmt: skip


def image_table(comparison: AnyComparison, chosen: RowFilter | None = None) -> AnyTable:
    """One row an image, worst first; of those that `chosen` leaves."""
    kept = np.flatnonzero(image_mask(comparison, chosen or RowFilter()))
    return some_rows(IMAGE_COLUMNS, kept, lambda some: _image_rows(comparison, some))


def _image_rows(comparison: AnyComparison, kept: Places) -> tuple[list[Any], ...]:
    rows, names = comparison.images, comparison.parent.image_names
    images = [names[image] for image in rows.image[kept].tolist()]
    return images, *_counts(rows, kept), rows.damage[kept].tolist()


def row_table(comparison: AnyComparison, chosen: RowFilter | None = None) -> AnyTable:
    """One row an image and class, in the dataset's order; of those that `chosen` leaves."""
    if isinstance(comparison, LargeComparison):
        return TableInPieces(
            ROW_COLUMNS, lambda: (_row_table(one, chosen) for one in comparison.parts())
        )
    return _row_table(comparison, chosen)


def _row_table(comparison: Comparison, chosen: RowFilter | None) -> Table:
    rows, parent = comparison.classes, comparison.parent
    kept = np.flatnonzero(class_mask(comparison, chosen or RowFilter()))
    optimized, parents, matches, *differences = _counts(rows, kept)
    return Table(
        ROW_COLUMNS,
        (
            [parent.image_names[image] for image in rows.image[kept].tolist()],
            [parent.class_names[class_id] for class_id in rows.class_id[kept].tolist()],
            optimized,
            parents,
            matches,
            rows.precision[kept].tolist(),
            rows.average_precision[kept].tolist(),
            *differences,
            rows.damage[kept].tolist(),
        ),
    )


def class_table(comparison: AnyComparison) -> Table:
    """One row a class, those with most differences first."""
    ordered = sorted(
        comparison.per_class, key=lambda one: -(one.missed + one.extra + one.class_changed)
    )
    return Table.of_rows(
        CLASS_COLUMNS,
        (
            (
                one.class_name, one.optimized, one.parent, one.matches, one.missed, one.extra,
                one.class_changed, one.shifted, one.drifted, one.agreement, one.agreement_50,
            )
            for one in ordered
        ),
    )  # fmt: skip


def verdict_table(text: str, thresholds: Thresholds) -> Table:
    """The verdict in words, and which thresholds it is of."""
    return Table.of_rows(VERDICT_COLUMNS, [(text, thresholds.score, thresholds.iou)])


def band_table(comparison: AnyComparison) -> Table:
    """One row a band of scores."""
    return Table.of_rows(
        BAND_COLUMNS,
        (
            (f"{one.low:.1f} to {one.high:.1f}", one.detections, one.changed,
             one.changed / one.detections)
            for one in _bands(comparison)
        ),
    )  # fmt: skip


def _bands(comparison: AnyComparison) -> tuple[ScoreBand, ...]:
    if isinstance(comparison, LargeComparison):
        return comparison.bands
    return score_bands(comparison)


def matrix_of(comparison: AnyComparison) -> ConfusionMatrix:
    """The confusion matrix, of all classes."""
    if isinstance(comparison, LargeComparison):
        return comparison.confusion
    return confusion_matrix(comparison)


def plain_figures(comparison: AnyComparison, chosen: RowFilter) -> Plain:
    """Thresholds, summary, score bands, classes, confusion, and the chosen rows, as JSON."""
    matrix = matrix_of(comparison).shown()
    return {
        "thresholds": to_plain(comparison.thresholds),
        "summary": to_plain(comparison.summary),
        "score_bands": to_plain(_bands(comparison)),
        "classes": to_plain(comparison.per_class),
        "confusion": {
            "class_names": [*matrix.class_names, NONE],
            "counts": matrix.counts.tolist(),
        },
        "per_image": image_table(comparison, chosen).records(),
        "per_class": row_table(comparison, chosen).records(),
    }


def _counts(rows: Counts, kept: Places) -> list[list[int]]:
    names = (
        "optimized", "parent", "matches", "missed", "extra", "class_changed", "shifted", "drifted",
    )  # fmt: skip
    return [getattr(rows, name)[kept].tolist() for name in names]
