"""COCO: one JSON file for many images, wherever the images lie.

Found as ``annotations/instances_val2017.json`` with the images in ``val2017``, as Roboflow's
``valid/_annotations.coco.json`` beside them, or as a JSON file dropped by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from core.datasets.annotations import Annotations, Region
from core.datasets.coco_file import (
    CocoAnnotation,
    CocoCategory,
    CocoFile,
    CocoImage,
    Id,
    NotCocoError,
    looks_like_coco,
    outline_bounds,
    read_coco,
    read_names,
    real,
    run_lengths,
    same_id,
    shown,
    text_of,
)
from core.datasets.collecting import INCOMPLETE, Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.names import NameIndex
from core.datasets.one_file import MAX_CANDIDATES, ImagesMissing, candidates, located, title
from core.datasets.problems import Problems
from core.datasets.reader import Place
from core.datasets.reading import WAY_OUT
from core.datasets.splits import split_rank
from core.datasets.units import AS_CORNERS, are_corners
from core.errors import InputError
from core.remarks.remark import remark

KIND = "coco"
_OTHER_KINDS = ("captions", "panoptic", "stuff", "results", "image_info")
_NO_IMAGE = "annotations_of_no_image"
_SAME_ID = "classes_of_one_id"
_LARGEST_SIDE = 2**31 - 1


def find(place: Place) -> Dataset | None:
    """The dataset whose JSON file lies in or beside the folder, or None."""
    lost: list[ImagesMissing] = []
    for path in _candidates(place):
        if looks_like_coco(path):
            try:
                dataset = open_file(path, place)
            except ImagesMissing as error:
                lost.append(error)
            except NotCocoError:
                if "instances" in path.name or "coco" in path.name:
                    raise
            else:
                passed = tuple(
                    remark("file_used_instead", why=error.what, file=path.name) for error in lost
                )
                return msgspec.structs.replace(dataset, warnings=(*passed, *dataset.warnings))
    if lost:
        raise lost[0]
    return None


def open_file(path: Path, place: Place) -> Dataset:
    """The dataset that a COCO file describes; its images are sought below `place.folder`."""
    names = read_names(path)
    marked = [] if names.categories else read_coco(path).annotations
    if marked and not any(one.bbox for one in marked):
        raise NotCocoError(f"{path} is not a COCO file of objects: it has no boxes.", WAY_OUT)
    if not names.images:
        raise InputError(f"{path} lists no images.", WAY_OUT)
    root, images = located([image.file_name for image in names.images], path, place)
    if "keypoints" in path.name:
        place.warnings.append(remark("key_points_alone", file=path.name))
    return Dataset(
        name=title(path, root, place),
        root=root,
        kind=KIND,
        images=images,
        class_names=tuple(text_of(category.name) for category in _sorted(names.categories)),
        annotations=(path,),
        warnings=tuple(place.warnings),
    )


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth; category ids are kept as the file has them, with their gaps."""
    path = dataset.annotations[0]
    file = read_coco(path)
    collector = Collector(dataset)
    known = NameIndex(dataset.images)
    categories = _categories(file)
    collector.class_names = [text_of(category.name) for category in categories]
    class_ids = {same_id(category.id): number for number, category in enumerate(categories)}
    for place, category in enumerate(categories):
        if class_ids[same_id(category.id)] != place:
            collector.problems.add(_SAME_ID, f"{path.name}, {shown(category.name)}")
    given = [Boxes(source=f"{path.name}, {name}") for name in dataset.images]
    named: set[str] = set()
    numbers: dict[str, int] = {}
    ids: list[Id] = [""] * len(given)
    for image in file.images:
        number = same_id(image.id)
        named.add(number)
        index = known.find(image.file_name)
        if index is not None and number not in numbers:
            numbers[number] = index
            ids[index] = image.id
            given[index].size = _size(image)
    for annotation in file.annotations:
        number = same_id(annotation.image_id)
        index = numbers.get(number)
        if index is not None:
            class_id = class_ids.get(same_id(annotation.category_id), -1)
            _add(given[index], annotation, class_id, collector.problems)
        elif number not in named:
            collector.problems.add(_NO_IMAGE, f"{path.name}, image_id {shown(annotation.image_id)}")
    if are_corners((boxes.boxes, boxes.size) for boxes in given):
        for boxes in given:
            boxes.boxes = [(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in boxes.boxes]
            collector.problems.add(AS_CORNERS, boxes.source, len(boxes.boxes))
    each_image(dataset, collector, given.__getitem__, done)
    return collector.finish(_whole(ids), _whole([category.id for category in categories]))


def _candidates(place: Place) -> list[Path]:
    """JSON files that may be COCO's, with the best for the role first."""
    found = [
        path
        for path in candidates(place, ".json")
        if not any(kind in path.name for kind in _OTHER_KINDS)
    ]

    def rank(path: Path) -> tuple[bool, int, bool]:
        words = f"{path.parent.name if path.parent != place.folder else ''} {path.stem}"
        other = "keypoints" in path.name  # these have boxes, too, but of persons alone
        return other, split_rank(words, place.role), not path.name.startswith("instances")

    return sorted(found, key=rank)[:MAX_CANDIDATES]


def _categories(file: CocoFile) -> list[CocoCategory]:
    """The categories by their ids; of a file without, one for each id that occurs."""
    if file.categories:
        return _sorted(file.categories)
    ids = {same_id(one.category_id): one.category_id for one in file.annotations}
    found = [one for one in ids.values() if one is not None]
    return _sorted([CocoCategory(one, f"class {shown(one)}") for one in found])


def _sorted(categories: Sequence[CocoCategory]) -> list[CocoCategory]:
    """By their numbers; ids that are no numbers follow in the order of the file."""

    def rank(category: CocoCategory) -> tuple[bool, float]:
        number = same_id(category.id)
        return not number.isdecimal(), float(number) if number.isdecimal() else 0.0

    return sorted(categories, key=rank)


def _size(image: CocoImage) -> tuple[int, int]:
    sides = image.width or 0, image.height or 0
    if all(0 < side < _LARGEST_SIDE for side in sides):
        return int(sides[0]), int(sides[1])
    return 0, 0


def _add(boxes: Boxes, annotation: CocoAnnotation, class_id: int, problems: Problems) -> None:
    """COCO's box is left, top, width, height."""
    stated = annotation.bbox or outline_bounds(annotation)
    if stated is None or len(stated) != 4:
        problems.add(INCOMPLETE if stated else "objects_without_box", boxes.source)
        return
    left, top, width, height = map(real, stated)
    position = boxes.add(class_id, (left, top, left + width, top + height))
    if annotation.area is not None:
        boxes.areas[position] = real(annotation.area)
    if annotation.iscrowd:
        boxes.crowd[position] = True
        outline = run_lengths(annotation)
        if outline is not None:
            counts = outline.counts if isinstance(outline.counts, str) else tuple(outline.counts)
            boxes.regions[position] = Region(outline.size[0], outline.size[1], counts)


def _whole(ids: Sequence[Id]) -> list[int] | None:
    """The file's own ids, where all of them are whole numbers that fit."""
    numbers = [int(one) for one in ids if same_id(one).isdecimal() and len(same_id(one)) < 19]
    return numbers if len(numbers) == len(ids) else None
