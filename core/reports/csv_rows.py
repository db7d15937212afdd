"""A comparison's tables as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.documents.csv import csv_table
from core.metrics.comparison.comparison import Comparison
from core.metrics.comparison.rows import Counts

COUNT_COLUMNS = (
    ("optimized_detections", "optimized"),
    ("parent_detections", "parent"),
    ("matches", "matches"),
    ("missed", "missed"),
    ("extra", "extra"),
    ("class_changed", "class_changed"),
    ("shifted", "shifted"),
    ("score_drift", "drifted"),
)


def images_csv(comparison: Comparison, shown: NDArray[np.bool_] | None = None) -> bytes:
    """One row an image, worst first; `shown`, bool ``[I]``, chooses rows (see `filters`)."""
    rows = comparison.images
    names = comparison.parent.image_names
    columns = [[names[image] for image in rows.image.tolist()], *_counts(rows)]
    titles = ["image", *(title for title, _ in COUNT_COLUMNS), "damage"]
    return _csv(titles, [*columns, rows.damage.round(6).tolist()], shown)


def classes_csv(comparison: Comparison, shown: NDArray[np.bool_] | None = None) -> bytes:
    """One row an image and class, in the dataset's order; `shown` is bool ``[R]``."""
    rows, parent = comparison.classes, comparison.parent
    columns: list[list[Any]] = [
        [parent.image_names[image] for image in rows.image.tolist()],
        [parent.class_names[class_id] for class_id in rows.class_id.tolist()],
        *_counts(rows),
        rows.precision.round(6).tolist(),
        rows.average_precision.round(6).tolist(),
        rows.damage.round(6).tolist(),
    ]
    titles = ["image", "class", *(title for title, _ in COUNT_COLUMNS)]
    return _csv(
        [*titles, "predicted_class_precision", "predicted_class_average_precision", "damage"],
        columns,
        shown,
    )


def _counts(rows: Counts) -> list[list[int]]:
    return [getattr(rows, column).tolist() for _, column in COUNT_COLUMNS]


def _csv(
    titles: Sequence[str], columns: Iterable[Sequence[Any]], shown: NDArray[np.bool_] | None
) -> bytes:
    rows = zip(*columns, strict=True)
    if shown is None:
        return csv_table(titles, rows)
    return csv_table(titles, (row for row, keep in zip(rows, shown.tolist(), strict=True) if keep))
