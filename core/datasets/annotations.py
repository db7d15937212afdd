"""Ground truth as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.remarks.remark import Remark

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Region:
    """A crowd's outline: COCO's run lengths, column by column, of a mask of `height` x `width`."""

    height: int
    width: int
    counts: str | tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Annotations:
    """The ground truth of a dataset: one row a box, images one after the other.

    Attributes:
        image_names: of every image whose size could be read, in the dataset's order.
        image_sizes: int32 ``[I,2]``, width and height in pixels after EXIF turning.
        image_ids: int64 ``[I]``, those of the file if it has whole numbers, else 1 and up.
        offsets: int64 ``[I+1]``; image i owns the rows ``offsets[i]:offsets[i+1]``.
        boxes: float32 ``[M,4]``, x1 y1 x2 y2 in pixels of the EXIF-turned image, inside it.
        class_ids: int32 ``[M]``, indices into `class_names`.
        crowd: bool ``[M]``; one box around many objects (COCO's iscrowd, Open Images' group).
        difficult: bool ``[M]``; VOC's flag: neither found nor missed counts.
        areas: float64 ``[M]`` in square pixels: of the object's outline where the file tells,
            else of the box.
        class_names: the dataset's, followed by such as were found only now.
        category_ids: int64 ``[C]``, the file's own number of each class.
        regions: the outlines of crowds, by row, where the file has them.
        problems: images and boxes that were left out or clipped.

    Raises ValueError when built from arrays of other shapes, or that point out of range.
    """

    image_names: tuple[str, ...]
    image_sizes: Ints
    image_ids: Longs
    offsets: Longs
    boxes: Floats
    class_ids: Ints
    crowd: Flags
    difficult: Flags
    areas: NDArray[np.float64]
    class_names: tuple[str, ...]
    category_ids: Longs
    regions: Mapping[int, Region] = field(default_factory=dict)
    problems: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        images, rows = len(self.image_names), len(self.class_ids)
        for name, shape, kind in (
            ("image_sizes", (images, 2), np.int32),
            ("image_ids", (images,), np.int64),
            ("offsets", (images + 1,), np.int64),
            ("boxes", (rows, 4), np.float32),
            ("class_ids", (rows,), np.int32),
            ("crowd", (rows,), np.bool_),
            ("difficult", (rows,), np.bool_),
            ("areas", (rows,), np.float64),
            ("category_ids", (len(self.class_names),), np.int64),
        ):
            array = getattr(self, name)
            if array.shape != shape or array.dtype != kind:
                raise ValueError(
                    f"{name} must be {kind.__name__} {list(shape)}, "
                    f"not {array.dtype} {list(array.shape)}"
                )
        if self.offsets[0] != 0 or self.offsets[-1] != rows or (np.diff(self.offsets) < 0).any():
            raise ValueError(f"offsets must rise from 0 to the number of rows, {rows}")
        if rows and not 0 <= self.class_ids.min() <= self.class_ids.max() < len(self.class_names):
            raise ValueError(f"class ids must lie in 0..{len(self.class_names) - 1}")

    def __len__(self) -> int:
        """Number of images."""
        return len(self.image_names)

    @property
    def image_indices(self) -> Longs:
        """Int64 ``[M]``: the image that each row belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def rows(self, image: int) -> slice:
        """The rows of the image with this index."""
        return slice(int(self.offsets[image]), int(self.offsets[image + 1]))

    def counts(self) -> Longs:
        """Int64 ``[C]``: boxes of each class."""
        return np.bincount(self.class_ids, minlength=len(self.class_names)).astype(np.int64)
