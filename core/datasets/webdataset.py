"""Tar shards as WebDataset writes them; the boxes of an image may stand in JSON beside it.

WebDataset says nothing about what a ``.json`` holds. Read are objects as COCO has them: a list of
``{"bbox": [left, top, width, height], "category": ..}`` in pixels, the same below ``annotations``
or ``objects``, and the columns of Hugging Face, ``{"objects": {"bbox": [..], "category": [..]}}``.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace

from core.datasets.annotations import Annotations
from core.datasets.coco_file import Id, Number, real, same_id, text_of
from core.datasets.collecting import Boxes, Collector
from core.datasets.dataset import Dataset
from core.datasets.folder import read as no_annotations
from core.datasets.reader import Place
from core.datasets.reading import folders_in, stem
from core.datasets.splits import is_split, split_rank
from core.datasets.tar_shards import sample_of
from core.datasets.units import AS_CORNERS, are_corners
from core.datasets.yolo_data import names_beside
from core.errors import InputError
from core.images.decode import read_size
from core.images.opening import TAR, read_bytes
from core.images.tar_index import SIDECAR
from core.remarks.remark import remark
from core.text import whole_number

KIND = "webdataset"
MAX_SIDECAR_BYTES = 16 * 2**20
MAX_CLASSES = 100_000
_LOOKED_AT = 100  # images whose sidecars tell whether there are boxes
_REPORT_EVERY = 50
_FIRST_FILES = 1000  # of a folder, among which a shard is looked for
_LARGEST_SIDE = 2**31 - 1
_NOT_READ = (SIDECAR, ".txt", ".cls", ".xml", ".npy", ".npz", ".pkl", ".pyd", ".pth", ".cbor")


class _Object(msgspec.Struct):
    bbox: list[Number] | None = None
    category_id: Id | None = None
    category: Id | None = None
    category_name: Id | None = None
    label: Id | None = None
    area: Number = None
    iscrowd: int | bool | None = 0

    @property
    def called(self) -> Id | None:
        named = (self.category_name, self.category, self.label, self.category_id)
        return next((one for one in named if one is not None), None)


class _Columns(msgspec.Struct):
    bbox: list[list[Number]]
    category: list[Id] | None = None
    categories: list[Id] | None = None
    category_id: list[Id] | None = None
    label: list[Id] | None = None
    labels: list[Id] | None = None
    area: list[Number] | None = None

    def objects(self) -> list[_Object]:
        """Raises ValueError where the columns are not of one length."""
        given = (self.category, self.categories, self.category_id, self.label, self.labels)
        called = next((one for one in given if one is not None), [None] * len(self.bbox))
        areas = self.area or [None] * len(self.bbox)
        return [
            _Object(bbox=box, category=one, area=area)
            for box, one, area in zip(self.bbox, called, areas, strict=True)
        ]


class _Category(msgspec.Struct):
    id: Id
    name: Id


class _Sidecar(msgspec.Struct):
    annotations: list[_Object] | None = None
    objects: list[_Object] | _Columns | None = None
    categories: list[_Category] = []
    width: Number = None
    height: Number = None

    @property
    def stated(self) -> list[_Object] | None:
        """The objects; None where the file is about something else."""
        if isinstance(self.objects, _Columns):
            return self.objects.objects()
        return self.annotations if self.objects is None else self.objects


_decoder = msgspec.json.Decoder(list[_Object] | _Sidecar, strict=False)


def find(place: Place) -> Dataset | None:
    """The images of the shards in a folder, of one split if they are called after several."""
    near = (place.folder, *folders_in(place.folder))
    images = place.images(place.folder) if any(map(_has_shards, near)) else ()
    if not images or f"{TAR}/" not in images[0].lower():
        return None
    images, split = _of_split(images, place.role)
    dataset = Dataset(
        name=f"{place.folder.name} ({split})" if split else place.folder.name,
        root=place.folder,
        kind=KIND,
        images=images,
    )
    looked = images[:: -(-len(images) // _LOOKED_AT)]
    if any(_objects(dataset, name, {}) is not None for name in looked):
        dataset = replace(dataset, annotations=(place.folder,))
    else:
        others = place.passed(place.folder).suffixes
        kinds = [one for one in _NOT_READ if others[one]]
        if kinds:
            place.warnings.append(remark("sidecars_not_read", kinds=kinds))
    return replace(dataset, warnings=tuple(place.warnings))


def _has_shards(folder: Path) -> bool:
    """Whether an archive is among the first files of a folder, which may have a million."""
    with suppress(OSError), os.scandir(folder) as entries:
        return any(one.name.lower().endswith(TAR) for one in islice(entries, _FIRST_FILES))
    return False


def _of_split(images: tuple[str, ...], role: str) -> tuple[tuple[str, ...], str]:
    """The images of the shards whose names suit the role best, and what these are called."""
    ranks = {shard: split_rank(shard, role) for shard in dict.fromkeys(map(_shard, images))}
    best = min(ranks.values())
    if len(set(ranks.values())) < 2:
        return images, ""
    first = next(shard for shard, rank in ranks.items() if rank == best)
    split = next((word for word in re.split("[^a-z]", first.lower()) if is_split(word)), first)
    return tuple(one for one in images if ranks[_shard(one)] == best), split


def _shard(name: str) -> str:
    return name[: name.lower().index(f"{TAR}/")]


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth; an image without a sidecar has no objects."""
    if not dataset.annotated:
        return no_annotations(dataset, done)
    collector, classes = Collector(dataset), _Classes()
    collector.class_names = []  # they are numbered as they come
    corners = are_corners(_sample(dataset))
    for image, name in enumerate(dataset.images):
        if image % _REPORT_EVERY == 0:
            done(image)
        objects = _objects(dataset, name, classes.named)
        if objects is None:
            collector.problems.add("sidecars_left_out", name)
            continue
        given = Boxes(source=name)
        for number, one in enumerate(objects.stated or ()):
            given.add(classes.of(one.called, collector.class_names), _box(one, corners))
            given.crowd[number] = bool(one.iscrowd)
            given.areas[number] = real(one.area)
        given.size = _size(objects)
        if corners:
            collector.problems.add(AS_CORNERS, name, len(given.boxes))
        collector.add(image, given)
    done(len(dataset.images))
    return classes.called(collector.finish(), names_beside((dataset.root,), []))


@dataclass
class _Classes:
    """The classes that occur, numbered as they come; `named` are names that sidecars state."""

    named: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def of(self, called: Id | None, names: list[str]) -> int:
        """The number of a class, which is added to `names` where it is new; -1 of none."""
        key = same_id(called)
        if key and key not in self._numbers and len(names) < MAX_CLASSES:
            self._numbers[key] = len(names)
            names.append(key)
        return self._numbers.get(key, -1)

    def called(self, found: Annotations, beside: Sequence[str]) -> Annotations:
        """The classes in the order of their numbers and names, by the names that they have.

        Those of a list `beside` count from 0, where it has one for each number.
        """
        place = {one: whole_number(one, len(beside) - 1) for one in self._numbers}
        listed = all(place[one] is not None for one in place if one.isdecimal())

        def name(key: str) -> str:
            if key in self.named or not key.isdecimal():
                return self.named.get(key, key)
            at = place[key]
            return beside[at] if listed and at is not None else f"class {key}"

        def rank(key: str) -> tuple[bool, int, str]:
            return not key.isdecimal(), len(key) if key.isdecimal() else 0, key

        ordered = dict.fromkeys(name(one) for one in sorted(self._numbers, key=rank))
        places = {one: place for place, one in enumerate(ordered)}
        order = np.array([places[name(one)] for one in self._numbers], np.int32)
        return dataclasses.replace(
            found,
            class_ids=order[found.class_ids] if len(order) else found.class_ids,
            class_names=tuple(ordered),
            category_ids=np.arange(1, len(ordered) + 1),
        )


def _objects(dataset: Dataset, name: str, named: dict[str, str]) -> _Sidecar | None:
    """What the sidecar of an image says, none of it where there is none.

    None where it cannot be read, or is about something else.
    """
    base = f"{dataset.root}/{stem(name)}"
    for path in dict.fromkeys((base, f"{dataset.root}/{sample_of(name)}")):
        try:
            said = _decoder.decode(read_bytes(path + SIDECAR, MAX_SIDECAR_BYTES))
            found = said if isinstance(said, _Sidecar) else _Sidecar(annotations=said)
            if found.stated is None:
                return None
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError):
            return None
        named.update((same_id(one.id), text_of(one.name)) for one in found.categories)
        return found
    return _Sidecar(annotations=[])


def _box(one: _Object, corners: bool) -> tuple[float, ...]:
    """Two corners; nothing where a number is missing."""
    if one.bbox is None or len(one.bbox) != 4 or None in one.bbox:
        return ()
    x, y, width, height = map(real, one.bbox)
    return (x, y, width, height) if corners else (x, y, x + width, y + height)


def _size(said: _Sidecar) -> tuple[int, int]:
    width, height = real(said.width), real(said.height)
    known = 0 < width < _LARGEST_SIDE and 0 < height < _LARGEST_SIDE
    return (int(width), int(height)) if known else (0, 0)


def _sample(dataset: Dataset) -> Iterator[tuple[list[tuple[float, ...]], tuple[int, int]]]:
    """Boxes of some images, as taken from COCO's, and the images' sizes."""
    for name in dataset.images[:: -(-len(dataset.images) // _LOOKED_AT)]:
        said = _objects(dataset, name, {})
        boxes = [_box(one, corners=False) for one in (said.stated if said else None) or ()]
        with suppress(InputError):
            size = read_size(f"{dataset.root}/{name}").size
            yield list(filter(None, boxes)), size
