"""Pascal VOC: an XML file for each image.

Found as ``Annotations`` with ``JPEGImages`` (and ``ImageSets/Main``, if there are splits), one
folder further down as in ``VOCdevkit/VOC2012``, or as XML files beside the images.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape
from itertools import islice
from pathlib import Path

from core.datasets.annotations import Annotations
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.label_files import LabelFiles, label_names
from core.datasets.names import NameIndex, key
from core.datasets.reader import Place
from core.datasets.reading import files_in, folders_in, number_of, read_lines, stem, text_start
from core.datasets.splits import best_first, is_split, splits_for
from core.datasets.xml_file import MAX_BYTES, Element, XmlError, parse_xml, xml_as_utf8
from core.errors import InputError
from core.images.listing import list_files
from core.remarks.remark import Remark, remark

KIND = "voc"
MAX_SET_BYTES = 64 * 1024 * 1024
MAX_SCANNED = 5000  # files that are looked through for class names when it is opened
_LOOKED_AT = 20  # files, since the first ones may be damaged
_IMAGE_FOLDERS = ("JPEGImages", "images", "Images", "imgs")
_NAME = re.compile(rb"<(?:\w+:)?name>\s{0,50}([^<]{1,200}?)\s{0,50}</(?:\w+:)?name>", re.IGNORECASE)
_NAME_WITHIN = 2000  # bytes of an object's beginning
_ROOT = re.compile(r"<(?:\w+:)?annotation[\s>]", re.IGNORECASE)
# Whatever a program calls what is around.
_OBJECT = re.compile(r"<(?:\w+:)?object[\s>].*<(?:\w+:)?bndbox[\s>]", re.DOTALL | re.IGNORECASE)
_OBJECT_START = re.compile(rb"<(?:\w{1,40}:)?object[\s>]", re.IGNORECASE)
_NO_OBJECTS = frozenset({"source", "size", "owner"})  # what has parts and is no object


def find(place: Place) -> Dataset | None:
    """The dataset in the folder, beside it, or in one of the folders in it; or None."""
    dropped = place.folder
    inner = [f for f in folders_in(dropped) if is_split(f.name) or f.name.startswith("VOC")]
    inner = best_first(((folder.name, folder) for folder in inner), place.role)[:20]
    for folder in (dropped, dropped.parent, *inner):
        found = _with_annotations(folder, dropped)
        if found is not None:
            return open_folders(*found, folder, place)
    for folder in (dropped, *inner):
        if are_annotations(files_in(folder, ".xml")):
            return open_folders(folder, folder, folder, place)
    return None


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth. Coordinates count pixels from 1, both ends included, as VOC's do."""
    collector = Collector(dataset, first_pixel=1, corners=True)
    files = LabelFiles([str(dataset.annotations[0])], ".xml", MAX_BYTES)
    class_ids = {name: number for number, name in enumerate(dataset.class_names)}

    def boxes_of(image: int) -> Boxes:
        boxes = Boxes(source=f"{stem(dataset.images[image])}.xml")
        try:
            data = files.of(dataset.images[image])
            root = parse_xml(data) if data is not None else Element("")
        except XmlError as error:
            collector.problems.add("bad_annotation_files", boxes.source, clause=str(error))
            return boxes
        except InputError:
            collector.problems.add("unreadable_annotation_files", boxes.source)
            return boxes
        boxes.size = _size(root)
        things = root.all("object")
        for thing in things:
            _add(boxes, thing, class_ids, collector)
        parts = {child.name for child in root.children if child.children}
        if not things and (root.name not in ("", "annotation") or parts - _NO_OBJECTS):
            collector.problems.add("files_without_objects", boxes.source)
        return boxes

    each_image(dataset, collector, boxes_of, done)
    return collector.finish()


def are_annotations(files: Iterable[Path]) -> bool:
    """Whether some XML files are of this kind, by their beginnings."""
    return any(looks_like_voc(file) for file in islice(files, _LOOKED_AT))


def looks_like_voc(path: Path) -> bool:
    """Whether an XML file begins as these do."""
    start = text_start(path, 4096)
    return bool(_ROOT.search(start) or _OBJECT.search(start))


def open_folders(annotations: Path, images: Path, folder: Path, place: Place) -> Dataset | None:
    """The dataset in these folders of XML files and of images; `folder` has its splits."""
    described = {key(stem(name)) for name in list_files(annotations, {".xml"})}
    names = place.images(images)
    has = dict.fromkeys(names, False)
    for name in names:
        has[name] = any(key(stem(one)) in described for one in label_names(name, ".xml"))
    if not any(has.values()):
        return None
    split, chosen = _chosen(folder, names, has, place)
    missing = sum(not has[name] for name in chosen)
    if missing:
        without = remark("no_annotation_file", missing=missing, images=len(chosen))
        place.warnings.append(without)
    files = LabelFiles([str(annotations)], ".xml", MAX_BYTES)
    return Dataset(
        name=f"{folder.name} ({split})" if split else folder.name,
        root=images,
        kind=KIND,
        images=chosen,
        class_names=_class_names(files, [name for name in chosen if has[name]]),
        annotations=(annotations,),
        warnings=tuple(place.warnings),
    )


def _with_annotations(folder: Path, dropped: Path) -> tuple[Path, Path] | None:
    """The folders of annotations and of images below `folder`, if `dropped` is among them."""
    annotations = next(
        (folder / name for name in ("Annotations", "annotations") if (folder / name).is_dir()), None
    )
    if annotations is None:
        return None
    first = list_files(annotations, {".xml"})
    if not are_annotations(annotations / name for name in first):
        return None
    images = [folder / name for name in _IMAGE_FOLDERS if (folder / name).is_dir()]
    if dropped in images:
        return annotations, dropped
    if dropped in (annotations, folder, folder.parent):
        return annotations, (images or [folder])[0]
    return None


def _chosen(
    folder: Path, names: tuple[str, ...], has: Mapping[str, bool], place: Place
) -> tuple[str, tuple[str, ...]]:
    """The split that fits the role and has annotations, and its images; else all of them."""
    passed: dict[str, bool] = {}  # whether the split has images
    index = NameIndex(names)
    for split, wanted in _image_sets(folder, place):
        found = index.found(wanted)
        chosen = tuple(name for number, name in enumerate(names) if number in found)
        if any(has[name] for name in chosen):
            place.warnings.extend(_passed(passed, split, len(names)))
            return split, chosen
        passed[split] = bool(chosen)
    place.warnings.extend(_passed(passed, "", len(names)))
    return "", names


def _passed(passed: Mapping[str, bool], used: str, images: int) -> tuple[Remark, ...]:
    """That better splits are not used, and what is instead; () where there are none."""
    if not passed:
        return ()
    splits, have = list(passed), list(passed.values())
    return (remark("splits_missing", splits=splits, have_images=have, used=used, images=images),)


def _image_sets(folder: Path, place: Place) -> Iterator[tuple[str, frozenset[str]]]:
    """The splits that there are, and the names in each, the best for the role first."""
    tops = (folder / "ImageSets" / "Main", folder / "ImageSets")
    for split in splits_for(place.role):
        lines = next((lines for top in tops if (lines := _lines(top / f"{split}.txt"))), ())
        if lines:  # "000012", or "000012  1" in the lists of one class
            parts = [line.rsplit(None, 1) for line in lines]
            yield (
                split,
                frozenset(p[0] if p[-1] in ("1", "-1", "0") else " ".join(p) for p in parts),
            )


def _lines(path: Path) -> tuple[str, ...]:
    try:
        return read_lines(path, MAX_SET_BYTES)
    except FileNotFoundError:
        return ()


def _class_names(files: LabelFiles, names: list[str]) -> tuple[str, ...]:
    """The names in (a spread of) the files, sorted; `read` adds what it finds beyond them."""
    found: set[str] = set()
    for name in names[:: -(-len(names) // MAX_SCANNED)]:
        try:
            data = xml_as_utf8(files.of(name) or b"")
            if b"<!" in data or b"&" in data:  # it may be refused for its entities, names and all
                parse_xml(data)
        except (XmlError, InputError):
            continue  # read again, and counted, with the boxes
        for part in _OBJECT_START.split(data)[1:]:
            named = _NAME.search(part, 0, _NAME_WITHIN)
            if named is not None:
                found.add(unescape(named[1].decode("utf-8", "replace")))
    return tuple(sorted(found))


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
        collector.problems.add("objects_without_box", boxes.source)
        return
    name = thing.value("name")
    if name and name not in class_ids:
        class_ids[name] = len(collector.class_names)
        collector.class_names.append(name)
    numbers = [number_of(box.value(side)) for side in ("xmin", "ymin", "xmax", "ymax")]
    position = boxes.add(class_ids.get(name, -1), numbers)
    if thing.value("difficult") == "1":
        boxes.difficult[position] = True
