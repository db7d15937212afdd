"""Figures and tables of a comparison of predictions: the same for files, pages and the window."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.documents.tables import Column, Figure, Table
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.comparison import Comparison
from core.metrics.comparison.confusion import NONE, confusion_matrix
from core.metrics.comparison.rows import Counts
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds
from core.reports.filters import RowFilter, class_mask, image_mask
from core.reports.wording import interval_text, verdict_sentence
from core.values import Plain, to_plain

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


def figures(
    summary: Summary,
    thresholds: Thresholds,
    interval: Interval | None = None,
    interval_note: str = "",
) -> tuple[Figure, ...]:
    """The comparison in figures; `interval_note` stands for an interval that there is not yet."""
    note = interval_text(interval) if interval else interval_note or None
    return (*_ratios(summary, note), *_totals(summary, thresholds))


def _ratios(summary: Summary, interval: str | None) -> tuple[Figure, ...]:
    return (
        Figure(
            "agreement", "Agreement", summary.agreement, "ratio",
            "COCO AP@[.50:.95] of the optimized model with the parent's detections as ground "
            "truth. Float layers of both models run in true f32.",
        ),
        Figure(
            "agreement_interval", "95% interval",
            interval, "text",
            "Of the agreement: a bootstrap over images. How much other images might change it.",
        ),
        Figure(
            "agreement_50", "Agreement at IoU .50", summary.agreement_50, "ratio",
            "COCO AP at IoU .50 with the parent's detections as ground truth.",
        ),
        Figure(
            "precision", "Precision", summary.precision, "percent",
            "Share of the optimized model's detections that are matches. The others are extra "
            "or of a changed class.",
        ),
        Figure(
            "recall", "Recall", summary.recall, "percent",
            "Share of the parent's detections that are matches. The others are missed or of a "
            "changed class.",
        ),
        Figure("mean_iou", "Mean IoU", summary.mean_iou, "ratio", "Of the matches."),
        Figure(
            "score_shift", "Score shift", summary.score_shift, "change",
            "Mean of optimized minus parent score, over the matches.",
        ),
    )  # fmt: skip


def _totals(summary: Summary, thresholds: Thresholds) -> tuple[Figure, ...]:
    return (
        Figure(
            "matches", "Matches", summary.matches, "count",
            f"From an IoU of {thresholds.iou:g} on, of {summary.parent:,} detections of the "
            f"parent and {summary.optimized:,} of the optimized model.",
        ),
        Figure("missed", "Missed", summary.missed, "count", "Found by the parent only."),
        Figure("extra", "Extra", summary.extra, "count", "Found by the optimized model only."),
        Figure(
            "class_changed", "Class changed", summary.class_changed, "count",
            "Boxes of both models at the same place, with different classes.",
        ),
        Figure(
            "shifted", "Shifted", summary.shifted, "count",
            f"Matches with an IoU below {thresholds.shifted_iou:g}.",
        ),
        Figure(
            "drifted", "Score drift", summary.drifted, "count",
            f"Matches whose scores differ by more than {thresholds.score_drift:g}.",
        ),
        Figure(
            "images_changed", "Images that differ", summary.images_changed, "count",
            f"Of {summary.images:,}: those with a missed or extra box, or a changed class.",
        ),
    )  # fmt: skip


def image_table(comparison: Comparison, chosen: RowFilter | None = None) -> Table:
    """One row an image, worst first; of those that `chosen` leaves."""
    rows = comparison.images
    kept = np.flatnonzero(image_mask(comparison, chosen or RowFilter()))
    names = comparison.parent.image_names
    images = [names[image] for image in rows.image[kept].tolist()]
    return Table(IMAGE_COLUMNS, (images, *_counts(rows, kept), rows.damage[kept].tolist()))


def row_table(comparison: Comparison, chosen: RowFilter | None = None) -> Table:
    """One row an image and class, in the dataset's order; of those that `chosen` leaves."""
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


def class_table(comparison: Comparison) -> Table:
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


def plain_figures(comparison: Comparison, chosen: RowFilter) -> Plain:
    """Thresholds, summary, classes, confusion, and the chosen rows, as JSON."""
    matrix = confusion_matrix(comparison).shown()
    summary = comparison.summary
    return {
        "thresholds": to_plain(comparison.thresholds),
        "summary": {**to_plain(summary), "sentence": verdict_sentence(summary)},
        "classes": to_plain(comparison.per_class),
        "confusion": {
            "class_names": [*matrix.class_names, NONE],
            "counts": matrix.counts.tolist(),
        },
        "per_image": image_table(comparison, chosen).records(),
        "per_class": row_table(comparison, chosen).records(),
    }


def _counts(rows: Counts, kept: np.ndarray[Any, np.dtype[np.intp]]) -> list[list[int]]:
    names = (
        "optimized", "parent", "matches", "missed", "extra", "class_changed", "shifted", "drifted",
    )  # fmt: skip
    return [getattr(rows, name)[kept].tolist() for name in names]
