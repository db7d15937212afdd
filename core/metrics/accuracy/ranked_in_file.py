"""What a bootstrap needs of very many detections: class by class, from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.metrics.accuracy.average_precision import COCO_THRESHOLDS
from core.metrics.accuracy.ranked_ap import RankedPart
from core.metrics.accuracy.rows_by_class import RowsByClass
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import (
    Draws,
    OfClass,
    RankedClasses,
    drawn_by_class,
    reference_counts,
)

_ROW = np.dtype(
    [
        ("score", np.float32),
        ("image", np.int32),
        ("hits", np.uint16),
        ("ignored", np.uint16),
    ]
)


class RankedInFile:
    """Collects parts as `RankedByParts` does; `folder` as in `RowsByClass`."""

    def __init__(self, classes: int, folder: Path | None = None) -> None:
        self._rows = RowsByClass(_ROW, classes, folder)
        self._found = np.zeros(classes, np.int64)
        self._references: int | np.ndarray[tuple[int, ...], np.dtype[np.int64]] = 0

    def add(self, part: RankedPart, draws: Draws) -> None:
        """Parts are added in the order of their images; those are what is drawn."""
        classes = len(self._found)
        rows = np.empty(len(part.scores), _ROW)
        rows["score"], rows["image"], rows["hits"] = part.scores, part.images, part.hits
        rows["ignored"] = 0 if part.ignored is None else part.ignored
        self._rows.add(part.class_ids, rows)
        self._found += np.bincount(part.class_ids, minlength=classes)
        self._references = self._references + reference_counts(
            draws, part.reference_images, part.reference_classes, classes
        )

    def drawn(self, draws: Draws) -> Real:
        """Float64 ``[D+1]``: see `drawn_map`; all is forgotten."""
        ranked = RankedClasses(
            np.flatnonzero(self._found).tolist(), self._of_class, np.asarray(self._references)
        )
        (found,) = drawn_by_class(ranked, draws, [list(range(len(COCO_THRESHOLDS)))])
        self._rows.close()
        return found

    def _of_class(self, number: int) -> OfClass:
        rows = self._rows.ranked(number)
        ignored = np.ascontiguousarray(rows["ignored"])
        images, hits = (np.ascontiguousarray(rows[name]) for name in ("image", "hits"))
        return images, hits, ignored if ignored.any() else None
