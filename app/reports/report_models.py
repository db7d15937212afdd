"""The tables of a comparison: a row an image, and a row an image and class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from app.reports.arranging import Rows, Whole
from app.reports.report_model import ReportModel
from app.workers.computer import Computer
from core.documents.tables import Column
from core.metrics.comparison.large import LargeComparison
from core.reports.annotations.tables import IMAGE_COLUMNS as TRUTH_COLUMNS
from core.reports.filters import AnyComparison, RowFilter, class_mask, image_mask
from core.reports.predictions.tables import IMAGE_COLUMNS, ROW_COLUMNS


class ImageRowsModel(ReportModel):
    """Basic mode: one row an image."""

    def __init__(
        self,
        parent: QObject | None = None,
        computer: Computer | None = None,
        columns: tuple[Column, ...] = IMAGE_COLUMNS[:-1],  # damage is their order
    ) -> None:
        super().__init__(columns, parent, computer)

    def _rows_of(self, comparison: AnyComparison, before: Rows, chosen: RowFilter) -> Rows:
        if before.comparison is comparison:
            return before
        rows = comparison.images
        return Rows(
            comparison,
            (
                rows.image,
                rows.optimized,
                rows.parent,
                rows.matches,
                rows.missed,
                rows.extra,
                rows.class_changed,
                rows.shifted,
                rows.drifted,
            ),
            {0: before.names_of(0, comparison.parent.image_names)},
            rows.image,
            rows.image,
            np.arange(len(rows.image)),
        )


class TruthRowsModel(ImageRowsModel):
    """One model against the ground truth, which is the comparison's parent: one row an image."""

    def __init__(self, parent: QObject | None = None, computer: Computer | None = None) -> None:
        super().__init__(parent, computer, TRUTH_COLUMNS)


class ClassRowsModel(ReportModel):
    """Advanced mode: one row an image and class."""

    _mask = staticmethod(class_mask)

    def __init__(self, parent: QObject | None = None, computer: Computer | None = None) -> None:
        super().__init__(ROW_COLUMNS[:-1], parent, computer)

    def _row_of_class(self, rows: Whole, class_id: int | None) -> int:
        of_class = rows[self._rows.values[1][self._order[rows]] == class_id]
        return int(of_class[0] if len(of_class) else rows[0])

    def _rows_of(self, comparison: AnyComparison, before: Rows, chosen: RowFilter) -> Rows:
        images = None
        if isinstance(comparison, LargeComparison):  # of those that are looked at first
            comparison, images = comparison.detailed(image_mask(comparison, chosen))
        if before.comparison is comparison:
            return before
        rows, classes = comparison.classes, comparison.parent.class_names
        numbers = rows.image if images is None else images[rows.image]
        return Rows(
            comparison,
            (
                rows.image,
                rows.class_id,
                rows.optimized,
                rows.parent,
                rows.matches,
                rows.precision,
                rows.average_precision,
                rows.missed,
                rows.extra,
                rows.class_changed,
                rows.shifted,
                rows.drifted,
            ),
            {
                0: before.names_of(0, comparison.parent.image_names),
                1: before.names_of(1, classes),
            },
            numbers,
            numbers * max(1, len(classes)) + rows.class_id,
            np.argsort(-rows.damage, kind="stable"),
        )
