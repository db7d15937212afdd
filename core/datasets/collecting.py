"""From what files say about boxes to columns that can be relied on.

One rule for EXIF: images are turned upright when they are read, and boxes are taken to be in
pixels of the upright image, since that is what people draw them on. The exception is a file that
states a width and height which are those of the stored image, and not of the upright one: it was
made by a program that ignored EXIF, and its boxes are turned together with the image. Coordinates
that are shares of the width and height (YOLO, Open Images) are shares of the upright image's.

One rule for units, in `core.datasets.units`: they are a format's own unless its numbers cannot be.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from core.datasets.annotations import Annotations, Region
from core.datasets.dataset import Dataset
from core.datasets.problems import Problems
from core.datasets.rows import Rows, fewer
from core.datasets.units import (
    AS_PERCENT,
    AS_PIXELS,
    AS_SHARES,
    PERCENT,
    PIXELS,
    SHARES,
    TINY,
    count_tiny,
    stated_unit,
    surely_pixels,
)
from core.images.decode import ImageError, read_size
from core.images.header import ImageHeader
from core.images.orientation import turn_boxes

INCOMPLETE = "incomplete_boxes"
SWAPPED = "swapped_corners"
_NOTHING = (float("inf"),) * 4
TOLERATED_PIXELS = 1.0  # a box may reach so far out of its image without a word
_REPORT_EVERY = 50
_TOGETHER = 2000  # images whose columns are joined


@dataclass
class Boxes:
    """What a file says about one image: lists of equal length, unchecked.

    Attributes:
        boxes: x1 y1 x2 y2, in pixels or in shares of the image.
        class_ids: what the reader calls the classes.
        crowd, difficult, areas, regions: where the file has them; by position.
        crowds, stated_areas: the same as columns, instead of `crowd` and `areas`, where a file may
            have millions; NaN where no area is stated.
        size: the width and height in pixels that the file states.
        incomplete: how many boxes lack a number; all of theirs are infinite.
        source: where this stands, for remarks.
    """

    source: str = ""
    boxes: list[Sequence[float]] = field(default_factory=list)
    class_ids: list[int] = field(default_factory=list)
    crowd: dict[int, bool] = field(default_factory=dict)
    difficult: dict[int, bool] = field(default_factory=dict)
    areas: dict[int, float] = field(default_factory=dict)
    regions: dict[int, Region] = field(default_factory=dict)
    crowds: NDArray[np.bool_] | None = None
    stated_areas: NDArray[np.float64] | None = None
    size: tuple[int, int] = (0, 0)
    incomplete: int = 0

    def add(self, class_id: int, box: Sequence[float | None]) -> int:
        """Add a box; gives its position. None stands for a number that is missing."""
        if len(box) != 4 or None in box:
            self.incomplete += 1
            box = _NOTHING
        self.boxes.append(cast("Sequence[float]", box))
        self.class_ids.append(class_id)
        return len(self.boxes) - 1


@dataclass
class _Image:
    """One image: what was stated about it, until the unit of all boxes is known."""

    index: int
    header: ImageHeader
    boxes: NDArray[np.float64]
    class_ids: NDArray[np.int64]
    given: Boxes


class Collector:
    """Checks what the readers give, image by image, and makes the columns of it."""

    def __init__(
        self,
        dataset: Dataset,
        *,
        shares: bool = False,
        first_pixel: int = 0,
        corners: bool = False,
    ) -> None:
        """With `shares`, boxes are given in shares of the upright image's width and height.

        Else in pixels, of which the first has the number `first_pixel`. With `corners`, the format
        states two corners, which whoever draws from the right or from below may have swapped.
        """
        self.problems = Problems()
        self.class_names = list(dataset.class_names)
        self._dataset = dataset
        self._root = str(dataset.root)
        self._usual = SHARES if shares else PIXELS
        self._first_pixel = first_pixel
        self._corners = corners
        self._unit: str | None = None  # until it is known, images wait
        self._waiting: list[_Image] = []
        self._checked = Problems()  # what the boxes of images have, said after all else
        self._images = array("q")
        self._sizes = array("i")
        self._counts = array("q")
        self._parts: list[Rows] = []
        self._regions: dict[int, Region] = {}
        self._rows = 0

    def add(self, image: int, given: Boxes) -> None:
        """The boxes of the image with this index; images must come in their order."""
        name = self._dataset.images[image]
        try:
            header = read_size(f"{self._root}/{name}")
        except ImageError as error:
            kind = str(error.remark.facts.get("kind", ""))
            if kind:
                self.problems.add("foreign_images", name, kind=kind)
            else:
                self.problems.add("unreadable_images", name)
            return
        boxes = np.array(given.boxes, np.float64).reshape(-1, 4)
        if self._corners:
            boxes = self._in_order(boxes, given.source)
        class_ids = np.array(given.class_ids, np.int64)
        given.boxes, given.class_ids = [], []
        self._images.append(image)
        self._sizes.extend(header.size)
        one = _Image(image, header, boxes, class_ids, given)
        if self._unit is None and self._usual == PIXELS and surely_pixels(boxes):
            self._decide(PIXELS)
        if self._unit is None:
            self._waiting.append(one)
        else:
            self._check(one, self._unit)

    def finish(
        self,
        image_ids: Sequence[int] | None = None,
        category_ids: Sequence[int] | None = None,
    ) -> Annotations:
        """The columns. `image_ids` are of all the dataset's images, `category_ids` of classes."""
        if self._unit is None:
            stated = [(one.boxes, one.header.size) for one in self._waiting]
            self._decide(stated_unit(stated, self._usual))
        self.problems.follow(self._checked)
        ids = image_ids or range(1, len(self._dataset.images) + 1)
        numbers = category_ids or range(1, len(self.class_names) + 1)
        rows = Rows.joined(self._parts)
        self._parts.clear()
        return Annotations(
            image_names=tuple(self._dataset.images[one] for one in self._images),
            image_sizes=np.array(self._sizes, np.int32).reshape(-1, 2),
            image_ids=np.array([ids[one] for one in self._images], np.int64),
            offsets=np.append(0, np.cumsum(np.array(self._counts, np.int64))).astype(np.int64),
            boxes=rows.boxes,
            class_ids=rows.class_ids,
            crowd=rows.crowd,
            difficult=rows.difficult,
            areas=rows.areas,
            class_names=tuple(self.class_names),
            category_ids=np.array(list(numbers), np.int64).reshape(-1),
            regions=self._regions,
            problems=self.problems.remarks(),
        )

    def _decide(self, unit: str) -> None:
        """From now on, boxes are taken to be in this unit: those that wait, and all others."""
        self._unit = unit
        for one in self._waiting:
            self._check(one, unit)
        self._waiting.clear()

    def _in_order(self, boxes: NDArray[np.float64], source: str) -> NDArray[np.float64]:
        low, high = boxes[:, :2], boxes[:, 2:]
        swapped = (low > high).any(axis=1)
        self.problems.add(SWAPPED, source, int(np.count_nonzero(swapped)))
        return np.concatenate([np.minimum(low, high), np.maximum(low, high)], axis=1)

    def _check(self, one: _Image, unit: str) -> None:
        """The boxes of one image that can be used, as rows."""
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is not finite then
            self._add_rows(one, unit)
        if len(self._parts) >= _TOGETHER:  # many small arrays take more than what is in them
            self._parts[:] = fewer(self._parts)

    def _add_rows(self, one: _Image, unit: str) -> None:
        given, header = one.given, one.header
        boxes, turned = self._upright(self._in_pixels(one, unit), given, header)
        kept, usable = self._usable(boxes, one.class_ids, header, given.source, given.incomplete)
        rows = Rows.of(given, kept, usable, one.class_ids, scaled=unit != self._usual)
        for row, position in enumerate(kept.tolist(), start=self._rows):
            if position in given.regions and not turned:
                self._regions[row] = given.regions[position]
        self._rows += len(kept)
        self._counts.append(len(kept))
        self._parts.append(rows)

    def _in_pixels(self, one: _Image, unit: str) -> NDArray[np.float64]:
        """Boxes in pixels from 0, with a word where the unit is not the format's."""
        boxes, source = one.boxes, one.given.source
        if unit == PIXELS:
            if self._usual == PIXELS:
                self._checked.add(TINY, source, count_tiny(boxes))
                return boxes - np.array([self._first_pixel] * 2 + [0, 0], np.float64)
            self._checked.add(AS_PIXELS, source, len(boxes))
            return boxes
        if self._usual == PIXELS:
            self._checked.add(AS_SHARES, source, len(boxes))
        elif unit == PERCENT:
            self._checked.add(AS_PERCENT, source, len(boxes))
        part = 0.01 if unit == PERCENT else 1.0
        return boxes * (np.array(one.header.size * 2, np.float64) * part)

    def _upright(
        self, boxes: NDArray[np.float64], given: Boxes, header: ImageHeader
    ) -> tuple[NDArray[np.float64], bool]:
        """The boxes in pixels of the upright image, and whether they had to be turned."""
        stored = (header.width, header.height)
        if given.size in ((0, 0), header.size):
            return boxes, False
        if given.size != stored:
            self._checked.add("other_sizes", given.source)
            return boxes, False
        turned = turn_boxes(boxes.astype(np.float32), *stored, header.orientation)
        if given.regions:
            self._checked.add("rotated_outlines", given.source)
        return turned.astype(np.float64), True

    def _usable(
        self,
        boxes: NDArray[np.float64],
        class_ids: NDArray[np.int64],
        header: ImageHeader,
        source: str,
        incomplete: int,
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Positions of the boxes that can be used, and these boxes inside the image."""
        finite: NDArray[np.bool_] = np.asarray(np.isfinite(boxes).all(axis=1), np.bool_)
        add = self._checked.add
        add(INCOMPLETE, source, incomplete)
        add("infinite_boxes", source, int((~finite).sum()) - incomplete)
        known = (class_ids >= 0) & (class_ids < len(self.class_names))
        unknown = int((finite & ~known).sum())
        add("boxes_of_unknown_class", source, unknown)
        right = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        empty = int((finite & known & ~right).sum())
        add("empty_boxes", source, empty)
        limits = np.array(header.size * 2, np.float64)
        inside = np.clip(np.where(finite[:, None], boxes, 0), 0, limits)
        seen = (inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1])
        chosen: NDArray[np.bool_] = finite & known & right
        outside = int((chosen & ~seen).sum())
        add("boxes_outside", source, outside)
        chosen = chosen & seen
        far = np.abs(inside[chosen] - boxes[chosen]) > TOLERATED_PIXELS
        clipped = int(np.count_nonzero(np.any(far, axis=1)))
        add("clipped_boxes", source, clipped)
        kept = np.flatnonzero(chosen)
        return kept, inside[kept].astype(np.float32)


def each_image(
    dataset: Dataset, collector: Collector, boxes_of: Callable[[int], Boxes],
    done: Callable[[int], None],
) -> None:  # fmt: skip
    """Give the collector the boxes of every image, and tell `done` now and then."""
    for image in range(len(dataset.images)):
        if image % _REPORT_EVERY == 0:
            done(image)
        collector.add(image, boxes_of(image))
    done(len(dataset.images))
