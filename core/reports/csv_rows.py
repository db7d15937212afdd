"""A comparison's tables as CSV: UTF-8, comma, one header row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def plain_csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table whose rows are at hand; the first column is text, None an empty cell."""
    columns = list(zip(*rows, strict=True)) or [()] * len(titles)
    return _csv(titles, columns, None)


def _csv(
    titles: Sequence[str], columns: Iterable[Sequence[Any]], shown: NDArray[np.bool_] | None
) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(titles)
    rows = zip(*columns, strict=True)
    kept = (
        rows
        if shown is None
        else (row for row, keep in zip(rows, shown.tolist(), strict=True) if keep)
    )
    writer.writerows([_safe(row[0]), *row[1:]] for row in kept)
    return file.getvalue().encode("utf-8", "surrogateescape")


def _safe(name: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return "'" + name if name.startswith(("=", "+", "-", "@", "\t")) else name
