"""CVAT's XML, "CVAT for images" and "CVAT for video": one file for all images.

Boxes may be turned, and outlines are polygons, ellipses or masks: their bounds are taken. In a
video's file objects are tracks over frames, called ``frame_000000``.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.datasets.annotations import Annotations
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.names import NameIndex
from core.datasets.one_file import MAX_CANDIDATES, candidates, located, title
from core.datasets.reader import Place
from core.datasets.reading import WAY_OUT, number_of, read_limited, text_start
from core.datasets.xml_file import XmlError, walk_xml
from core.errors import InputError

KIND = "cvat"
MAX_XML_BYTES = 512 * 1024 * 1024
MAX_ELEMENTS = 20_000_000
MAX_CLASSES = 100_000
_ROOT = re.compile(r"<(?:\w{1,40}:)?annotations", re.IGNORECASE)
_BEGINNING = re.compile(r"<(?:\w{1,40}:)?(?:version>|meta>|image)", re.IGNORECASE)
NO_AREA = "shapes_without_area"
_POINTS = ("points", "polyline", "skeleton", "tag", "cuboid")
_SIDES = ("xtl", "ytl", "xbr", "ybr")
Box = tuple[float, float, float, float]


@dataclass
class _File:
    """What was read: boxes with their labels by image, sizes, labels in their order."""

    boxes: dict[str, list[tuple[str, tuple[float | None, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    labels: dict[str, None] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    count_left_out: int = 0


def find(place: Place) -> Dataset | None:
    """The dataset whose XML file lies in or beside the folder, or None."""
    for path in candidates(place, ".xml")[:MAX_CANDIDATES]:
        if looks_like_cvat(path):
            return open_file(path, place)
    return None


def looks_like_cvat(path: Path) -> bool:
    """Whether an XML file begins as CVAT's do."""
    start = text_start(path, 4096)
    return bool(_ROOT.search(start) and _BEGINNING.search(start))


def open_file(path: Path, place: Place) -> Dataset:
    """The dataset that a file describes; its images are sought below `place.folder`."""
    file = _read(path)
    names = list(file.sizes) or list(file.boxes)
    if not names:
        raise InputError(f"{path} lists no images.", WAY_OUT)
    root, images = located(names, path, place)
    return Dataset(
        name=title(path, root, place),
        root=root,
        kind=KIND,
        images=images,
        class_names=tuple(file.labels)[:MAX_CLASSES],
        annotations=(path,),
        warnings=tuple(place.warnings),
    )


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth."""
    path = dataset.annotations[0]
    file = _read(path)
    collector = Collector(dataset, corners=True)
    collector.class_names = list(file.labels)[:MAX_CLASSES]
    class_ids = {name: number for number, name in enumerate(collector.class_names)}
    index = NameIndex(dataset.images)
    given = [Boxes(source=f"{path.name}, {name}") for name in dataset.images]
    for name in dict.fromkeys((*file.sizes, *file.boxes)):
        position = index.find(name)
        if position is not None:
            given[position].size = file.sizes.get(name, (0, 0))
            for label, box in file.boxes.get(name, ()):
                given[position].add(class_ids.get(label, -1), box)
    for kind, place in file.left_out.items():
        collector.problems.add(kind, f"{path.name}, {place}", file.count_left_out)
    each_image(dataset, collector, given.__getitem__, done)
    return collector.finish()


class _Walker:
    """Takes what `walk_xml` gives, in turn."""

    def __init__(self) -> None:
        self.file = _File()
        self._path: list[str] = []
        self._text = ""
        self._image = ""
        self._track = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._path.append(name)
        self._text = ""
        if name == "image":
            self._image = attributes.get("name", "")
            if self._image:
                sides = [_whole(attributes.get(side, "")) for side in ("width", "height")]
                self.file.sizes[self._image] = sides[0], sides[1]
        elif name == "track":
            self._track = attributes.get("label", "")
        elif self._image or "track" in self._path:
            self._shape(name, attributes)

    def text(self, data: str) -> None:
        """Text inside of an element."""
        if len(self._text) < 1000:
            self._text += data

    def end(self, name: str) -> None:
        """An element ends."""
        if self._path[-3:] == ["labels", "label", "name"] and self._text.strip():
            self.file.labels[self._text.strip()] = None
        if name == "image":
            self._image = ""
        elif name == "track":
            self._track = ""
        self._path.pop()

    def _shape(self, name: str, attributes: Mapping[str, str]) -> None:
        where = self._image or f"frame_{_whole(attributes.get('frame', '0')):06d}"
        if attributes.get("outside") == "1":  # of a track that is not in this frame
            return
        label = attributes.get("label", self._track)
        if name in _POINTS:
            self.file.left_out.setdefault(NO_AREA, where)
            self.file.count_left_out += 1
            return
        box = _SHAPES[name](attributes) if name in _SHAPES else None
        if box is not None:
            self.file.labels.setdefault(label)
            lacking = any(math.isnan(side) for side in box)
            self.file.boxes[where].append((label, (None,) * 4 if lacking else box))


def _box(attributes: Mapping[str, str]) -> Box:
    left, top, right, bottom = (_number(attributes.get(side, "")) for side in _SIDES)
    turned = math.radians(_number(attributes.get("rotation", "0")))
    if not turned or not math.isfinite(turned):
        return left, top, right, bottom
    x, y = (left + right) / 2, (top + bottom) / 2
    cos, sin = abs(math.cos(turned)), abs(math.sin(turned))
    width, height = right - left, bottom - top
    across, down = (width * cos + height * sin) / 2, (width * sin + height * cos) / 2
    return x - across, y - down, x + across, y + down


def _polygon(attributes: Mapping[str, str]) -> Box:
    points = [point.split(",") for point in attributes.get("points", "").split(";")]
    xs = [_number(point[0]) for point in points]
    ys = [_number(point[-1]) for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def _ellipse(attributes: Mapping[str, str]) -> Box:
    x, y, across, down = (_number(attributes.get(key, "")) for key in ("cx", "cy", "rx", "ry"))
    return x - across, y - down, x + across, y + down


def _mask(attributes: Mapping[str, str]) -> Box:
    sides = ("left", "top", "width", "height")
    left, top, width, height = (_number(attributes.get(side, "")) for side in sides)
    return left, top, left + width, top + height


_SHAPES: dict[str, Callable[[Mapping[str, str]], Box]] = {
    "box": _box,
    "polygon": _polygon,
    "ellipse": _ellipse,
    "mask": _mask,
}


def _read(path: Path) -> _File:
    walker = _Walker()
    try:
        data = read_limited(path, MAX_XML_BYTES)
        walk_xml(data, walker.start, walker.end, walker.text, MAX_ELEMENTS)
    except FileNotFoundError:
        raise InputError(f"{path} no longer exists.", "Put it back, or import again.") from None
    except XmlError as error:
        raise InputError(f"{path} cannot be used: such files {error}.", WAY_OUT) from error
    return walker.file


def _number(text: str) -> float:
    number = number_of(text)
    return math.nan if number is None else number


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
