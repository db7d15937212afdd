"""What a COCO file says, as columns: some 70 bytes an object, in whatever order the file has it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core.datasets.annotations import Region
from core.datasets.coco_file import (
    CocoAnnotation,
    CocoCategory,
    CocoImage,
    Id,
    outline_bounds,
    real,
    run_lengths,
    same_id,
    shown,
)
from core.datasets.collecting import INCOMPLETE, Boxes
from core.datasets.dataset import Dataset
from core.datasets.names import NameIndex
from core.datasets.problems import Problems

_LARGEST_SIDE = 2**31 - 1
_WITHOUT_BOX = "objects_without_box"
_NO_IMAGE = "annotations_of_no_image"
_SAME_ID = "images_of_one_id"
_GOOD, _INCOMPLETE, _BOXLESS = range(3)
_NOT_FOUND, _UNNAMED = -1, -2  # images


@dataclass
class CocoColumns:
    """Takes images and annotations as they come; `arrange` then puts them image by image."""

    dataset: Dataset
    ids: list[Id] = field(default_factory=list)  # of the dataset's images
    sizes: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 2), np.int32))
    categories: dict[str, Id | None] = field(default_factory=dict)  # that objects are of
    _codes: dict[str, int] = field(default_factory=dict)  # by images' ids
    _images: array[int] = field(default_factory=lambda: array("i"))  # of a code
    _unnamed: dict[int, Id] = field(default_factory=dict)  # by codes
    _classes: dict[str, int] = field(default_factory=dict)  # codes by categories' ids
    _image: array[int] = field(default_factory=lambda: array("i"))  # of an object, a code
    _class: array[int] = field(default_factory=lambda: array("i"))
    _state: array[int] = field(default_factory=lambda: array("b"))
    _crowd: array[int] = field(default_factory=lambda: array("b"))
    _box: array[float] = field(default_factory=lambda: array("d"))
    _area: array[float] = field(default_factory=lambda: array("d"))
    _regions: dict[int, Region] = field(default_factory=dict)
    _known: NameIndex | None = None
    _of_one_id: list[int] = field(default_factory=list)  # images whose id is another's

    def __post_init__(self) -> None:
        """An id for each image, "" until it is known, and a size, 0 until then."""
        self.ids = [""] * len(self.dataset.images)
        self.sizes = np.zeros((len(self.dataset.images), 2), np.int32)

    def take_images(self, images: Sequence[CocoImage]) -> None:
        """Entries of ``images``; the first of an id counts."""
        if self._known is None:
            self._known = NameIndex(self.dataset.images)
        for image in images:
            code = self._code(same_id(image.id))
            self._unnamed.pop(code, None)
            index = self._known.find(image.file_name)
            if self._images[code] >= 0:
                if index is not None and index != self._images[code]:
                    self._of_one_id.append(index)
                continue
            if index is None:
                self._images[code] = _NOT_FOUND
                continue
            self._images[code] = index
            self.ids[index] = image.id
            self.sizes[index] = _size(image)

    def take_annotations(self, annotations: Sequence[CocoAnnotation]) -> None:
        """Entries of ``annotations``."""
        for one in annotations:
            number, category = same_id(one.image_id), same_id(one.category_id)
            code = self._code(number)
            if self._images[code] == _UNNAMED:
                self._unnamed.setdefault(code, one.image_id)
            self.categories.setdefault(category, one.category_id)
            self._image.append(code)
            self._class.append(self._classes.setdefault(category, len(self._classes)))
            self._add(one)

    def _code(self, number: str) -> int:
        code = self._codes.setdefault(number, len(self._codes))
        if code == len(self._images):
            self._images.append(_UNNAMED)
        return code

    def _add(self, one: CocoAnnotation) -> None:
        """COCO's box is left, top, width, height."""
        stated = one.bbox or outline_bounds(one)
        good = stated is not None and len(stated) == 4
        self._state.append(_GOOD if good else _INCOMPLETE if stated else _BOXLESS)
        left, top, width, height = map(real, stated) if good and stated else (0.0,) * 4
        self._box.extend((left, top, left + width, top + height))
        self._area.append(real(one.area))
        self._crowd.append(bool(one.iscrowd))
        if one.iscrowd and good:
            outline = run_lengths(one)
            if outline is not None:
                counts = outline.counts
                known = counts if isinstance(counts, str) else tuple(counts)
                self._regions[len(self._image) - 1] = Region(*outline.size, known)

    def arrange(
        self, categories: Sequence[CocoCategory], source: str, problems: Problems
    ) -> ByImage:
        """The objects by images, in the classes of these categories; `source` is the file's name.

        What has no image or no box is counted in `problems`.
        """
        self._known = None
        numbers = {same_id(one.id): place for place, one in enumerate(categories)}
        class_of = np.array([numbers.get(one, -1) for one in self._classes], np.int32)
        images = np.frombuffer(self._images, np.int32)[np.frombuffer(self._image, np.int32)]
        state = np.frombuffer(self._state, np.int8)
        self._count(images, state, source, problems)
        self._codes.clear()
        rows = np.flatnonzero((images >= 0) & (state == _GOOD)).astype(np.int32)
        rows = rows[np.argsort(images[rows], kind="stable").astype(np.int32)]
        bounds = np.searchsorted(images[rows], np.arange(len(self.dataset.images) + 1))
        return ByImage(
            names=[f"{source}, "],
            dataset=self.dataset,
            sizes=self.sizes,
            rows=rows,
            bounds=bounds,
            boxes=np.frombuffer(self._box, np.float64).reshape(-1, 4),
            class_ids=class_of[np.frombuffer(self._class, np.int32)],
            crowds=np.frombuffer(self._crowd, np.bool_),
            areas=np.frombuffer(self._area, np.float64),
            regions=self._regions,
        )

    def _count(
        self,
        images: NDArray[np.int32],
        state: NDArray[np.int8],
        source: str,
        problems: Problems,
    ) -> None:
        """In the order in which each first occurs."""
        for index in self._of_one_id:
            problems.add(_SAME_ID, f"{source}, {self.dataset.images[index]}")
        here = images >= 0
        found = []
        for code, chosen in (
            (_NO_IMAGE, images == _UNNAMED),
            (INCOMPLETE, here & (state == _INCOMPLETE)),
            (_WITHOUT_BOX, here & (state == _BOXLESS)),
        ):
            if chosen.any():
                found.append((int(np.argmax(chosen)), code, int(chosen.sum())))
        for row, code, count in sorted(found):
            if code == _NO_IMAGE:
                place = f"image_id {shown(self._unnamed[self._image[row]])}"
            else:
                place = self.dataset.images[images[row]]
            problems.add(code, f"{source}, {place}", count)


@dataclass
class ByImage:
    """Objects that have an image and a box: `rows` are theirs, image after image."""

    names: list[str]
    dataset: Dataset
    sizes: NDArray[np.int32]
    rows: NDArray[np.int32]
    bounds: NDArray[np.int64]
    boxes: NDArray[np.float64]
    class_ids: NDArray[np.int32]
    crowds: NDArray[np.bool_]
    areas: NDArray[np.float64]
    regions: dict[int, Region]

    def source(self, image: int) -> str:
        """Where it stands, for remarks."""
        return f"{self.names[0]}{self.dataset.images[image]}"

    def count(self, image: int) -> int:
        """How many objects an image has."""
        return int(self.bounds[image + 1] - self.bounds[image])

    def stated(self, image: int) -> tuple[NDArray[np.float64], tuple[int, int]]:
        """The boxes of an image, and its width and height."""
        rows = self.rows[self.bounds[image] : self.bounds[image + 1]]
        return self.boxes[rows], self._size(image)

    def _size(self, image: int) -> tuple[int, int]:
        width, height = self.sizes[image].tolist()
        return width, height

    def given(self, image: int) -> Boxes:
        """All that is said of an image."""
        rows = self.rows[self.bounds[image] : self.bounds[image + 1]]
        crowds = self.crowds[rows]
        return Boxes(
            source=self.source(image),
            boxes=cast(Any, self.boxes[rows]),
            class_ids=cast(Any, self.class_ids[rows]),
            crowds=crowds,
            stated_areas=self.areas[rows],
            regions={
                place: self.regions[row]
                for place, row in enumerate(rows.tolist())
                if crowds[place] and row in self.regions
            }
            if crowds.any()
            else {},
            size=self._size(image),
        )


def _size(image: CocoImage) -> tuple[int, int]:
    sides = image.width or 0, image.height or 0
    if all(0 < side < _LARGEST_SIDE for side in sides):
        return int(sides[0]), int(sides[1])
    return 0, 0
