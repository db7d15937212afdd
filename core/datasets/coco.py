"""COCO: one JSON file for many images, wherever the images lie.

Found as ``annotations/instances_val2017.json`` with the images in ``val2017``, as Roboflow's
``valid/_annotations.coco.json`` beside them, or as a JSON file dropped by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from core.datasets.annotations import Annotations
from core.datasets.coco_columns import CocoColumns
from core.datasets.coco_file import (
    CocoCategory,
    Id,
    NotCocoError,
    Take,
    looks_like_coco,
    read_coco,
    same_id,
    shown,
    text_of,
)
from core.datasets.collecting import Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.one_file import MAX_CANDIDATES, ImagesMissing, candidates, located, title
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
    images: list[str] = []
    categories: list[CocoCategory] = []

    def begin() -> Take:
        images.clear()
        categories.clear()
        return {
            "images": lambda some: images.extend(one.file_name for one in some),
            "categories": categories.extend,
        }

    read_coco(path, begin, lambda: place.found(len(images)))
    if not categories and not _has_boxes(path):
        raise NotCocoError(f"{path} is not a COCO file of objects: it has no boxes.", WAY_OUT)
    if not images:
        raise InputError(f"{path} lists no images.", WAY_OUT)
    root, found = located(images, path, place)
    if "keypoints" in path.name:
        place.warnings.append(remark("key_points_alone", file=path.name))
    return Dataset(
        name=title(path, root, place),
        root=root,
        kind=KIND,
        images=found,
        class_names=tuple(text_of(category.name) for category in _sorted(categories)),
        annotations=(path,),
        warnings=tuple(place.warnings),
    )


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth; category ids are kept as the file has them, with their gaps."""
    path = dataset.annotations[0]
    collector, stated = Collector(dataset), list[CocoCategory]()
    columns = CocoColumns(dataset)

    def begin() -> Take:
        nonlocal columns
        stated.clear()
        columns = CocoColumns(dataset)
        return {
            "images": columns.take_images,
            "annotations": columns.take_annotations,
            "categories": stated.extend,
        }

    read_coco(path, begin, lambda: done(0))
    categories = _categories(stated, columns.categories)
    collector.class_names = [text_of(category.name) for category in categories]
    class_ids = {same_id(category.id): number for number, category in enumerate(categories)}
    for place, category in enumerate(categories):
        if class_ids[same_id(category.id)] != place:
            collector.problems.add(_SAME_ID, f"{path.name}, {shown(category.name)}")
    objects = columns.arrange(categories, path.name, collector.problems)
    ids = _whole(columns.ids)
    columns = CocoColumns(dataset)  # what they took is needed no more
    every = range(len(dataset.images))
    if are_corners(map(objects.stated, every)):
        objects.boxes[:, 2:] -= objects.boxes[:, :2]
        for image in every:
            collector.problems.add(AS_CORNERS, objects.source(image), objects.count(image))
    each_image(dataset, collector, objects.given, done)
    return collector.finish(ids, _whole([category.id for category in categories]))


def _has_boxes(path: Path) -> bool:
    """Whether there is a box, or nothing that might have one."""
    seen: set[bool] = set()

    def begin() -> Take:
        seen.clear()
        return {"annotations": lambda some: seen.update(bool(one.bbox) for one in some)}

    read_coco(path, begin)
    return not seen or True in seen


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


def _categories(
    stated: Sequence[CocoCategory], occurring: Mapping[str, Id | None]
) -> list[CocoCategory]:
    """The categories by their ids; of a file without, one for each id that occurs."""
    if stated:
        return _sorted(stated)
    found = [one for one in occurring.values() if one is not None]
    return _sorted([CocoCategory(one, f"class {shown(one)}") for one in found])


def _sorted(categories: Sequence[CocoCategory]) -> list[CocoCategory]:
    """By their numbers; ids that are no numbers follow in the order of the file."""

    def rank(category: CocoCategory) -> tuple[bool, float]:
        number = same_id(category.id)
        return not number.isdecimal(), float(number) if number.isdecimal() else 0.0

    return sorted(categories, key=rank)


def _whole(ids: Sequence[Id]) -> list[int] | None:
    """The file's own ids, where all of them are whole numbers that fit."""
    numbers = [int(one) for one in ids if same_id(one).isdecimal() and len(same_id(one)) < 19]
    return numbers if len(numbers) == len(ids) else None
