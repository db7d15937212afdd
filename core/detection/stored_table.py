"""A table of detections in a file: few of them lie in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import StoredColumn, stored_columns
from core.detection.detections import Detections, DetectionTable, Ints, Longs, from_text
from core.errors import WorkbenchError
from core.files import why
from core.images.marks import Marks, none

_KINDS: dict[str, tuple[type[np.generic], int]] = {
    "boxes": (np.float32, 2), "scores": (np.float32, 1), "class_ids": (np.int32, 1),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class StoredTable:
    """What `DetectionTable.save` wrote: images as there, boxes, scores and classes in the file."""

    path: Path
    image_names: tuple[str, ...]
    image_sizes: Ints
    offsets: Longs
    class_names: tuple[str, ...]
    columns: dict[str, StoredColumn]
    image_marks: Marks = field(default_factory=none)

    def __len__(self) -> int:
        """Number of images."""
        return len(self.offsets) - 1

    def __getitem__(self, image: int) -> Detections:
        """The detections of one image; raises WorkbenchError."""
        return self.part(range(image, image + 1))[0]

    @staticmethod
    def open(path: Path, alike: StoredTable | None = None, prefix: str = "") -> StoredTable:
        """The table in this file; `prefix` begins the names of its arrays.

        Where it has the names of a table that is `alike`, those are shared. Raises WorkbenchError
        where it is missing or damaged; of boxes that is noticed when they are read.
        """
        try:
            columns = stored_columns(path)
            given = {name: columns[prefix + name] for name in (*_IN_MEMORY, *_KINDS)}
            own = {name: given[name].rows(0, given[name].shape[0]) for name in _IN_MEMORY}
            table = StoredTable(
                path,
                _names(own["image_names"], alike, "image_names"),
                own["image_sizes"],
                own["offsets"],
                _names(own["class_names"], alike, "class_names"),
                {name: given[name] for name in _KINDS},
                _all(columns.get(f"{prefix}image_marks")),
            )
            table._require_whole()
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise _unreadable(path, error) from error
        return table

    def part(self, images: range) -> DetectionTable:
        """The detections of some images, one after the other; raises WorkbenchError."""
        first, last = self.offsets[[images.start, images.stop]].tolist()
        try:
            rows: dict[str, Any] = {
                name: column.rows(first, last) for name, column in self.columns.items()
            }
            if not (np.isfinite(rows["boxes"]).all() and np.isfinite(rows["scores"]).all()):
                raise ValueError("boxes and scores must be finite")
            return DetectionTable(
                self.image_names[images.start : images.stop],
                self.image_sizes[images.start : images.stop],
                self.offsets[images.start : images.stop + 1] - first,
                **rows,
                class_names=self.class_names,
                image_marks=self.image_marks[images.start : images.stop],
            )
        except (OSError, ValueError) as error:
            raise _unreadable(self.path, error) from error

    def _require_whole(self) -> None:
        """Raises ValueError where the columns are not of one table."""
        rows = self.columns["scores"].shape[0]
        for name, (kind, sides) in _KINDS.items():
            column = self.columns[name]
            if column.kind != kind or column.shape != (rows, 4)[:sides]:
                raise ValueError(f"{name} are {column.kind} {list(column.shape)}")
        none = DetectionTable.build([], [], [], self.class_names)
        replace(  # it looks at these columns
            none,
            image_names=self.image_names,
            image_sizes=self.image_sizes,
            offsets=self.offsets * 0,
            image_marks=self.image_marks,
        )
        if self.offsets[0] != 0 or self.offsets[-1] != rows or (np.diff(self.offsets) < 0).any():
            raise ValueError(f"offsets must rise from 0 to the number of rows, {rows}")


_IN_MEMORY = ("image_names", "image_sizes", "offsets", "class_names")


def _all(marks: StoredColumn | None) -> Marks:
    """None of an earlier file."""
    return none() if marks is None else marks.rows(0, marks.shape[0])


def _names(text: NDArray[np.uint8], alike: StoredTable | None, which: str) -> tuple[str, ...]:
    names = from_text(text)
    known: tuple[str, ...] | None = getattr(alike, which, None)
    return names if known is None or known != names else known


def _unreadable(path: Path, error: Exception) -> WorkbenchError:
    return WorkbenchError(
        f"The detections in {path} cannot be read: {why(error)}.", "Make the report again."
    )
