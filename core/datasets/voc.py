"""Pascal VOC: an XML file for each image.

Found as ``Annotations`` with ``JPEGImages`` (and ``ImageSets/Main``, if there are splits), one
folder further down as in ``VOCdevkit/VOC2012``, or as XML files beside the images.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from itertools import islice
from pathlib import Path

from core.datasets.annotations import Annotations
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.reader import Place
from core.datasets.reading import (
    files_in,
    folders_in,
    read_limited,
    read_lines,
    read_start,
    stem,
)
from core.datasets.splits import best_first, is_split, splits_for
from core.datasets.xml_file import MAX_BYTES, Element, XmlError, parse_xml
from core.errors import InputError
from core.images.listing import list_files

KIND = "voc"
MAX_SET_BYTES = 64 * 1024 * 1024
MAX_SCANNED = 5000  # files that are looked through for class names when it is opened
_LOOKED_AT = 20  # files, since the first ones may be damaged
_IMAGE_FOLDERS = ("JPEGImages", "images", "Images", "imgs")
_NAME = re.compile(rb"<object>.*?<name>\s*([^<]{1,200}?)\s*</name>", re.DOTALL)


def find(place: Place) -> Dataset | None:
    """The dataset in the folder, beside it, or in one of the folders in it; or None."""
    dropped = place.folder
    inner = [f for f in folders_in(dropped) if is_split(f.name) or f.name.startswith("VOC")]
    inner = best_first(((folder.name, folder) for folder in inner), place.role)[:20]
    for folder in (dropped, dropped.parent, *inner):
        found = _with_annotations(folder, dropped)
        if found is not None:
            return _open(*found, folder, place)
    for folder in (dropped, *inner):
        if _are_ours(files_in(folder, ".xml")):
            return _open(folder, folder, folder, place)
    return None


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth. Coordinates count pixels from 1, both ends included, as VOC's do."""
    collector = Collector(dataset)
    folder = str(dataset.annotations[0])
    class_ids = {name: number for number, name in enumerate(dataset.class_names)}

    def boxes_of(image: int) -> Boxes:
        name = f"{stem(dataset.images[image])}.xml"
        boxes = Boxes(source=name)
        try:
            root = parse_xml(read_limited(f"{folder}/{name}", MAX_BYTES))
        except FileNotFoundError:
            return boxes
        except (XmlError, InputError):
            collector.problems.add("Annotation files left out because they are damaged", name)
            return boxes
        boxes.size = _size(root)
        for thing in root.all("object"):
            _add(boxes, thing, class_ids, collector)
        return boxes

    each_image(dataset, collector, boxes_of, done)
    return collector.finish()


def _with_annotations(folder: Path, dropped: Path) -> tuple[Path, Path] | None:
    """The folders of annotations and of images below `folder`, if `dropped` is among them."""
    annotations = next(
        (folder / name for name in ("Annotations", "annotations") if (folder / name).is_dir()), None
    )
    if annotations is None:
        return None
    first = islice(list_files(annotations, {".xml"}), _LOOKED_AT)
    if not _are_ours([annotations / name for name in first]):
        return None
    images = [folder / name for name in _IMAGE_FOLDERS if (folder / name).is_dir()]
    if dropped in images:
        return annotations, dropped
    if dropped in (annotations, folder, folder.parent):
        return annotations, (images or [folder])[0]
    return None


def _are_ours(files: list[Path]) -> bool:
    return any(b"<annotation" in read_start(file, 4096) for file in files[:_LOOKED_AT])


def _open(annotations: Path, images: Path, folder: Path, place: Place) -> Dataset | None:
    described = {stem(name) for name in list_files(annotations, {".xml"})}
    names = place.images(images)
    split, wanted = _image_set(folder, place)
    chosen = tuple(name for name in names if stem(name) in wanted) if wanted else ()
    if wanted and not chosen:
        place.warnings.append(
            f"No image of the split {split} is there; all the {len(names):,} images are taken."
        )
        split = ""
    chosen = chosen or names
    if not any(stem(name) in described for name in chosen):
        return None
    missing = sum(stem(name) not in described for name in chosen)
    if missing:
        place.warnings.append(f"{missing:,} of the {len(chosen):,} images have no annotation file.")
    return Dataset(
        name=f"{folder.name} ({split})" if split else folder.name,
        root=images,
        kind=KIND,
        images=chosen,
        class_names=_class_names(annotations, [n for n in map(stem, chosen) if n in described]),
        annotations=(annotations,),
        warnings=tuple(place.warnings),
    )


def _image_set(folder: Path, place: Place) -> tuple[str, frozenset[str]]:
    """The split that fits the role, and the names in it; none where there are no splits."""
    for split in splits_for(place.role):
        try:
            lines = read_lines(folder / "ImageSets" / "Main" / f"{split}.txt", MAX_SET_BYTES)
        except FileNotFoundError:
            continue
        if lines:  # "000012", or "000012  1" in the lists of one class
            return split, frozenset(lines) | {line.split()[0] for line in lines}
    return "", frozenset()


def _class_names(annotations: Path, stems: list[str]) -> tuple[str, ...]:
    """The names in (a spread of) the files, sorted; `read` adds what it finds beyond them."""
    names: set[str] = set()
    for name in stems[:: -(-len(stems) // MAX_SCANNED)]:
        data = read_start(annotations / f"{name}.xml", MAX_BYTES)
        for found in _NAME.findall(data):
            names.add(unescape(found.decode("utf-8", "replace")))
    return tuple(sorted(names))


def _size(root: Element) -> tuple[int, int]:
    size = root.one("size")
    sides = [size.value(name) if size else "" for name in ("width", "height")]
    if all(side.isascii() and side.isdigit() and len(side) < 10 for side in sides):
        return int(sides[0]), int(sides[1])
    return 0, 0


def _add(
    boxes: Boxes, thing: Element, class_ids: dict[str, int], collector: Collector
) -> None:  # fmt: skip
    box = thing.one("bndbox")
    if box is None:
        collector.problems.add("Objects left out because they have no box", boxes.source)
        return
    name = thing.value("name")
    if name and name not in class_ids:
        class_ids[name] = len(collector.class_names)
        collector.class_names.append(name)
    numbers = [_number(box.value(side)) for side in ("xmin", "ymin", "xmax", "ymax")]
    position = boxes.add(
        class_ids.get(name, -1), (numbers[0] - 1, numbers[1] - 1, numbers[2], numbers[3])
    )
    if thing.value("difficult") == "1":
        boxes.difficult[position] = True


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
