"""CreateML: a JSON list of images, each with the labels and boxes in it, in pixels.

``[{"image": "a.jpg", "annotations": [{"label": "cat", "coordinates": {"x": .., "y": ..,
"width": .., "height": ..}}]}]``, with x and y in the middle of the box. Roboflow writes one
``_annotations.createml.json`` beside the images of each split.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from core.damage import in_words
from core.datasets.annotations import Annotations
from core.datasets.coco_file import Id, Number, real, text_of
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.names import NameIndex
from core.datasets.one_file import MAX_CANDIDATES, candidates, located, title
from core.datasets.reader import Place
from core.datasets.reading import WAY_OUT, read_utf8, text_start
from core.errors import InputError

KIND = "createml"
MAX_JSON_BYTES = 256 * 1024 * 1024
MAX_CLASSES = 100_000
T = TypeVar("T")


class _Coordinates(msgspec.Struct):
    x: Number = None
    y: Number = None
    width: Number = None
    height: Number = None


class _Mark(msgspec.Struct):
    label: Id | None = None
    coordinates: _Coordinates | None = None


class _Image(msgspec.Struct):
    """Of the two spellings that each key has, older programs write the second."""

    image: str = ""
    imagefilename: str = ""
    annotations: list[_Mark] = []
    annotation: list[_Mark] = []

    @property
    def name(self) -> str:
        return self.image or self.imagefilename

    @property
    def marks(self) -> list[_Mark]:
        return self.annotations or self.annotation


def find(place: Place) -> Dataset | None:
    """The dataset whose JSON file lies in or beside the folder, or None."""
    for path in candidates(place, ".json")[:MAX_CANDIDATES]:
        if looks_like_createml(path) and _may_name_images(path):
            return open_file(path, place)
    return None


def _may_name_images(path: Path) -> bool:
    """Lists of other programs, such as Label Studio, have these words too, but name no image."""
    try:
        return bool(_read(path))
    except InputError:  # told when it is opened
        return True


def looks_like_createml(path: Path) -> bool:
    """Whether a JSON file begins as these do."""
    start = text_start(path).lstrip()
    return (
        start.startswith("[")
        and ('"image"' in start or '"imagefilename"' in start.lower())
        and ('"coordinates"' in start or '"annotations"' in start)
    )


def open_file(path: Path, place: Place) -> Dataset:
    """The dataset that a file describes; its images are sought below `place.folder`."""
    images = _read(path)
    if not images:
        raise InputError(f"{path} lists no images.", WAY_OUT)
    root, found = located([image.name for image in images], path, place)
    return Dataset(
        name=title(path, root, place),
        root=root,
        kind=KIND,
        images=found,
        class_names=_class_names(images),
        annotations=(path,),
        warnings=tuple(place.warnings),
    )


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth."""
    path = dataset.annotations[0]
    collector = Collector(dataset)
    index = NameIndex(dataset.images)
    given = [Boxes(source=f"{path.name}, {name}") for name in dataset.images]
    images = _read(path)
    collector.class_names = list(_class_names(images))
    class_ids = {name: number for number, name in enumerate(collector.class_names)}
    for image in images:
        position = index.find(image.name)
        if position is None:
            continue
        for mark in image.marks:
            box = mark.coordinates
            if box is None:
                collector.problems.add("objects_without_box", given[position].source)
                continue
            class_id = class_ids.get(text_of(mark.label), -1)
            given[position].add(class_id, _corners(box))
    each_image(dataset, collector, given.__getitem__, done)
    return collector.finish()


def _corners(box: _Coordinates) -> tuple[float | None, ...]:
    if None in (box.x, box.y, box.width, box.height):
        return (None,) * 4
    x, y, width, height = map(real, (box.x, box.y, box.width, box.height))
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _class_names(images: list[_Image]) -> tuple[str, ...]:
    names = {text_of(mark.label) for image in images for mark in image.marks}
    return tuple(sorted(names - {""})[:MAX_CLASSES])


def _read(path: Path) -> list[_Image]:
    try:
        data = read_utf8(path, MAX_JSON_BYTES)
    except FileNotFoundError:
        raise InputError(f"{path} no longer exists.", "Put it back, or import again.") from None
    try:
        images = msgspec.json.decode(data, type=list[_Image], strict=False)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise InputError(
            f"{path} is not a CreateML file, or is damaged: {in_words(error)}.", WAY_OUT
        ) from error
    return [image for image in images if image.name]
