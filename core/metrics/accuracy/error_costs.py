"""What each kind of error costs in AP50: see `error_kinds`. Detections may come part by part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.average_precision import ap_of_classes
from core.metrics.accuracy.rows_by_class import RowsByClass
from core.metrics.matching.chunks import on_all_cores

ErrorKind = Literal["class", "localisation", "both", "duplicate", "background", "missed"]
KINDS: tuple[ErrorKind, ...] = (
    "class", "localisation", "both", "duplicate", "background", "missed",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class ErrorColumns:
    """Detections and objects as costs need them, in the order of their images: 15 bytes each.

    Attributes:
        scores float32, class_ids int32 ``[K]``, of each detection.
        right, counted: bool ``[K]``: whether it is right at IoU .50, and whether it counts.
        kinds: int8 ``[K]``, of a wrong one its kind's place in `KINDS`, else -1.
        fixed_class: int32 ``[K]``, the class of the box that it would find if it was mended; -1
            where it is not the surest that would.
        object_classes int32, and reached bool ``[B]``: found, or about to be if errors were mended.
    """

    scores: NDArray[np.float32]
    class_ids: NDArray[np.int32]
    right: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    kinds: NDArray[np.int8]
    fixed_class: NDArray[np.int32]
    object_classes: NDArray[np.int32]
    reached: NDArray[np.bool_]

    @property
    def rows(self) -> tuple[NDArray[np.int32], NDArray[np.void]]:
        """Class ids and rows for `ErrorCosts`: a detection that would find a box of another class

        if it was mended is there once more, among those of that class.
        """
        moving = np.flatnonzero((self.fixed_class >= 0) & (self.fixed_class != self.class_ids))
        places = np.concatenate([np.arange(len(self.scores)), moving])
        class_ids = np.concatenate([self.class_ids, self.fixed_class[moving]])
        rows = np.empty(len(places), _ROW)
        for name, column in (
            ("score", self.scores),
            ("right", self.right),
            ("counted", self.counted),
            ("kind", self.kinds),
            ("fixed", self.fixed_class == self.class_ids),
        ):
            rows[name] = column[places]
        came = rows[len(self.scores) :]
        came["counted"], came["fixed"] = False, True
        order = np.argsort(places, kind="stable")
        return class_ids[order], rows[order]


_ROW = np.dtype(
    [
        ("score", np.float32),
        ("right", np.bool_),
        ("counted", np.bool_),
        ("kind", np.int8),
        ("fixed", np.bool_),
    ]
)
"""Of a detection in a class: whether it is right and counts; its kind of error; and whether it

would be right in this class if it was mended.
"""


class ErrorCosts:
    """Collects columns, and tells class by class what each kind of error costs."""

    def __init__(self, classes: int, folder: Path | None = None) -> None:
        self._rows = RowsByClass(_ROW, classes, folder)
        self._objects = np.zeros((2, classes), np.int64)  # all, and those that are reached

    def add(self, columns: ErrorColumns) -> None:
        """Parts are added in the order of their images."""
        self._rows.add(*columns.rows)
        ids = columns.object_classes
        counted = [
            np.bincount(some, minlength=self._objects.shape[1])
            for some in (ids, ids[columns.reached])
        ]
        self._objects += counted

    def costs(self) -> dict[ErrorKind, float]:
        """What fixing all of each kind, at every score, would gain in AP50; all is forgotten."""
        classes = self._objects.shape[1]
        ap = np.stack(on_all_cores(self._of_class, range(classes)), axis=1)
        self._rows.close()
        base, *others = (_mean(one) for one in ap)
        return {kind: one - base for kind, one in zip(KINDS, others, strict=True)}

    def _of_class(self, class_id: int) -> NDArray[np.float64]:
        """Float64 ``[1 + kinds]``: AP50 as it is, and with each kind fixed; NaN without any."""
        rows = self._rows.ranked(class_id)
        right, counted, kinds = (rows[name] for name in ("right", "counted", "kind"))
        every, reached = self._objects[:, [class_id]]
        after = self._objects.shape[1] - 1 - class_id

        def ap(hits: NDArray[np.bool_], objects: NDArray[np.int64]) -> float:
            return float(ap_of_classes(hits, np.array([0, len(hits)]), objects, after)[0])

        found = [ap(right[counted], every)]
        for number, kind in enumerate(KINDS[:-1]):
            mine = kinds == number
            kept, mended = counted & ~mine, right
            if kind in ("class", "localisation"):
                fixed = mine & rows["fixed"]
                kept, mended = kept | fixed, right | fixed
            found.append(ap(mended[kept], every))
        return np.array([*found, ap(right[counted], reached)])


def _mean(ap: NDArray[np.float64]) -> float:
    known = ap[~np.isnan(ap)]
    return float(known.mean()) if len(known) else 0.0
