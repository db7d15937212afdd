"""Detections, of one image and of a whole dataset, as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import expect, load_arrays, save_arrays
from core.errors import WorkbenchError
from core.files import why
from core.images import marks
from core.images.marks import Marks

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Detections:
    """What a detector found in one image, best score first.

    Attributes:
        boxes: float32 ``[N,4]``, x1 y1 x2 y2 in pixels of the original image.
        scores: float32 ``[N]`` in 0..1.
        class_ids: int32 ``[N]``, indices into the detector's class names.

    Raises ValueError when built from arrays of other shapes or with values that are not finite.
    """

    boxes: Floats
    scores: Floats
    class_ids: Ints

    def __post_init__(self) -> None:
        count = len(self.scores)
        expect("boxes", self.boxes, (count, 4), np.float32)
        expect("scores", self.scores, (count,), np.float32)
        expect("class_ids", self.class_ids, (count,), np.int32)
        if not (np.isfinite(self.boxes).all() and np.isfinite(self.scores).all()):
            raise ValueError("boxes and scores must be finite numbers")

    def __len__(self) -> int:
        return len(self.scores)

    @staticmethod
    def none() -> Detections:
        """No detections."""
        return Detections(
            np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32)
        )

    def best(self, limit: int) -> Detections:
        """At most `limit` detections, sorted by score; equal scores keep their order."""
        return self.where(np.argsort(-self.scores, kind="stable")[:limit])

    def where(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Detections:
        """The detections that an index or boolean array chooses."""
        return Detections(self.boxes[chosen], self.scores[chosen], self.class_ids[chosen])


@dataclass(frozen=True, eq=False)
class DetectionTable:
    """The detections of a dataset: one row a detection, images one after the other.

    Attributes:
        image_names: of every image looked at, in the dataset's order.
        image_sizes: int32 ``[I,2]``, width and height in pixels after EXIF turning.
        offsets: int64 ``[I+1]``; image i owns the rows ``offsets[i]:offsets[i+1]``.
        boxes, scores, class_ids: as in `Detections`, ``[M,4]``, ``[M]``, ``[M]``.
        class_names: name of every class id.
        image_marks: uint64 ``[I]``, see `core.images.marks`; ``[0]`` where they are not known.
    """

    image_names: tuple[str, ...]
    image_sizes: Ints
    offsets: Longs
    boxes: Floats
    scores: Floats
    class_ids: Ints
    class_names: tuple[str, ...]
    image_marks: Marks = field(default_factory=marks.none)

    def __post_init__(self) -> None:
        images, rows = len(self.image_names), len(self.scores)
        marked = images if len(self.image_marks) else 0
        expect("image_marks", self.image_marks, (marked,), np.uint64)
        expect("image_sizes", self.image_sizes, (images, 2), np.int32)
        expect("offsets", self.offsets, (images + 1,), np.int64)
        expect("boxes", self.boxes, (rows, 4), np.float32)
        expect("scores", self.scores, (rows,), np.float32)
        expect("class_ids", self.class_ids, (rows,), np.int32)
        if self.offsets[0] != 0 or self.offsets[-1] != rows or (np.diff(self.offsets) < 0).any():
            raise ValueError(f"offsets must rise from 0 to the number of rows, {rows}")
        if rows and not 0 <= self.class_ids.min() <= self.class_ids.max() < len(self.class_names):
            raise ValueError(f"class ids must lie in 0..{len(self.class_names) - 1}")

    def __len__(self) -> int:
        """Number of images."""
        return len(self.image_names)

    def __getitem__(self, image: int) -> Detections:
        """The detections of the image with this index."""
        rows = slice(self.offsets[image], self.offsets[image + 1])
        return Detections(self.boxes[rows], self.scores[rows], self.class_ids[rows])

    def __iter__(self) -> Iterator[Detections]:
        return (self[image] for image in range(len(self)))

    @property
    def image_indices(self) -> Longs:
        """Int64 ``[M]``: the image that each row belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @staticmethod
    def build(
        image_names: Sequence[str],
        image_sizes: Sequence[tuple[int, int]],
        detections: Sequence[Detections],
        class_names: Sequence[str],
    ) -> DetectionTable:
        """A table of the detections of each image."""
        counts = [len(found) for found in detections]
        parts = [Detections.none(), *detections]
        return DetectionTable(
            tuple(image_names),
            np.array(image_sizes, np.int32).reshape(-1, 2),
            np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.class_ids for part in parts]),
            tuple(class_names),
        )

    def part(self, images: range) -> DetectionTable:
        """The detections of some images, one after the other: views, no copies."""
        first, last = self.offsets[[images.start, images.stop]].tolist()
        return DetectionTable(
            self.image_names[images.start : images.stop],
            self.image_sizes[images.start : images.stop],
            self.offsets[images.start : images.stop + 1] - first,
            self.boxes[first:last],
            self.scores[first:last],
            self.class_ids[first:last],
            self.class_names,
            self.image_marks[images.start : images.stop],
        )

    @staticmethod
    def joined(parts: Sequence[DetectionTable], class_names: Sequence[str]) -> DetectionTable:
        """The tables of some images each as one; all are in these classes."""
        nothing = DetectionTable.build([], [], [], class_names)
        all_parts = [nothing, *parts]
        counts = [np.diff(one.offsets) for one in all_parts]
        return DetectionTable(
            tuple(name for one in parts for name in one.image_names),
            np.concatenate([one.image_sizes for one in all_parts]),
            np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64),
            np.concatenate([one.boxes for one in all_parts]),
            np.concatenate([one.scores for one in all_parts]),
            np.concatenate([one.class_ids for one in all_parts]),
            tuple(class_names),
            marks.joined((one.image_marks for one in parts), map(len, parts)),
        )

    def save(self, path: Path) -> None:
        """Write the table to an ``.npz`` file, uncompressed so that it opens at once."""
        save_arrays(path, self.columns())

    def columns(self) -> dict[str, Any]:
        """The table as arrays, by name."""
        return {
            "image_names": as_text(self.image_names),
            "image_sizes": self.image_sizes,
            "offsets": self.offsets,
            "boxes": self.boxes,
            "scores": self.scores,
            "class_ids": self.class_ids,
            "class_names": as_text(self.class_names),
            "image_marks": self.image_marks,
        }

    @staticmethod
    def of_columns(columns: Mapping[str, NDArray[Any]]) -> DetectionTable:
        """The table with these arrays; raises KeyError or ValueError where they make none."""
        table = DetectionTable(
            from_text(columns["image_names"]),
            columns["image_sizes"],
            columns["offsets"],
            columns["boxes"],
            columns["scores"],
            columns["class_ids"],
            from_text(columns["class_names"]),
            columns.get("image_marks", marks.none()),  # which earlier files have not
        )
        if not (np.isfinite(table.boxes).all() and np.isfinite(table.scores).all()):
            raise ValueError("boxes and scores must be finite")
        return table

    @staticmethod
    def load(path: Path) -> DetectionTable:
        """The table that `save` wrote; raises WorkbenchError where it is missing or damaged."""
        try:
            return DetectionTable.of_columns(load_arrays(path))
        except (OSError, ValueError, KeyError) as error:
            raise WorkbenchError(
                f"The detections in {path} cannot be read: {why(error)}.", "Make the report again."
            ) from error


def as_text(names: Sequence[str]) -> NDArray[np.uint8]:
    """Names as UTF-8 bytes; file names that are not UTF-8 survive as surrogates."""
    return np.frombuffer("\0".join(names).encode("utf-8", "surrogateescape"), np.uint8)


def from_text(column: NDArray[np.uint8]) -> tuple[str, ...]:
    """What `as_text` was given."""
    text = column.tobytes().decode("utf-8", "surrogateescape")
    return tuple(text.split("\0")) if text else ()
