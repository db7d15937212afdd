"""COCO: one JSON file for many images, wherever the images lie.

Found as ``annotations/instances_val2017.json`` with the images in ``val2017``, as Roboflow's
``valid/_annotations.coco.json`` beside them, or as a JSON file dropped by itself.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.datasets.annotations import Annotations, Region
from core.datasets.coco_file import (
    CocoAnnotation,
    CocoCategory,
    CocoImage,
    NotCocoError,
    looks_like_coco,
    read_coco,
    read_names,
    run_lengths,
)
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.reader import Place
from core.datasets.reading import files_in, folders_in
from core.datasets.splits import is_split, split_rank
from core.errors import InputError

KIND = "coco"
MAX_CANDIDATES = 50
_OTHER_KINDS = ("captions", "keypoints", "panoptic", "stuff", "results", "image_info")
_JSON_FOLDERS = ("labels", "Annotations", "json")
_SAMPLED = 50
_LARGEST_SIDE = 2**31 - 1
_NOT_A_NUMBER = float("nan")


def find(place: Place) -> Dataset | None:
    """The dataset whose JSON file lies in or beside the folder, or None."""
    for path in _candidates(place):
        if looks_like_coco(path):
            try:
                return open_file(path, place)
            except NotCocoError:
                if "instances" in path.name or "coco" in path.name:
                    raise
    return None


def open_file(path: Path, place: Place) -> Dataset:
    """The dataset that a COCO file describes; its images are sought below `place.folder`."""
    names = read_names(path)
    if not names.images:
        raise InputError(f"{path} names no images.", "Drop the folder with the images alone.")
    root, images = _images(names.images, path, place)
    if not images:
        raise InputError(
            f"None of the {len(names.images):,} images that {path} names were found.",
            "Drop the folder that holds both the images and the annotations.",
        )
    missing = len(names.images) - len(images)
    if missing > 0:
        place.warnings.append(
            f"{missing:,} of the {len(names.images):,} images that {path.name} names are not in "
            f"{root}, and are left out."
        )
    return Dataset(
        name=f"{_title(path, place.folder)} ({root.name})" if root != place.folder else root.name,
        root=root,
        kind=KIND,
        images=images,
        class_names=_class_names(names.categories),
        annotations=(path,),
        warnings=tuple(place.warnings),
    )


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth; category ids are kept as the file has them, with their gaps."""
    path = dataset.annotations[0]
    file = read_coco(path)
    collector = Collector(dataset)
    known = _Lookup(dataset.images)
    categories = sorted(file.categories, key=lambda category: category.id)
    class_ids = {category.id: number for number, category in enumerate(categories)}
    given = [Boxes(source=f"{path.name}, {name}") for name in dataset.images]
    numbers: dict[int | str, int] = {}
    ids: list[int | str] = [""] * len(given)
    for image in file.images:
        index = known.index(image.file_name)
        if index is not None and image.id not in numbers:
            numbers[image.id] = index
            ids[index] = image.id
            given[index].size = _size(image)
    for annotation in file.annotations:
        index = numbers.get(annotation.image_id)
        if index is not None:
            _add(given[index], annotation, class_ids.get(annotation.category_id, -1))
    each_image(dataset, collector, given.__getitem__, done)
    return collector.finish(_whole(ids), [category.id for category in categories])


def _candidates(place: Place) -> list[Path]:
    """JSON files that may be COCO's, with the best for the role first."""
    folder = place.folder
    beside = [
        path
        for above in list(folder.parents)[:2]
        for path in files_in(above / "annotations", ".json")
        if folder.name in path.stem.split("_")
    ]
    found = beside + files_in(folder / "annotations", ".json") + files_in(folder, ".json")
    for inner in folders_in(folder):
        if is_split(inner.name) or inner.name in _JSON_FOLDERS:
            found += files_in(inner, ".json")[:MAX_CANDIDATES]
    found = [path for path in found if not any(kind in path.name for kind in _OTHER_KINDS)]

    def rank(path: Path) -> tuple[int, bool]:
        words = f"{path.parent.name if path.parent != folder else ''} {path.stem}"
        return split_rank(words, place.role), not path.name.startswith("instances")

    return sorted(found, key=rank)[:MAX_CANDIDATES]


def _images(
    named: Sequence[CocoImage], path: Path, place: Place
) -> tuple[Path, tuple[str, ...]]:  # fmt: skip
    """The folder that the file's names are relative to, and those of its images that exist."""
    sample = [_normal(image.file_name) for image in named[:: max(1, len(named) // _SAMPLED)]]
    best = max(
        _roots(path, place.folder),
        key=lambda root: sum((root / name).is_file() for name in sample),
        default=place.folder,
    )
    wanted = {_normal(image.file_name) for image in named}
    images = tuple(name for name in place.images(best) if name in wanted)
    if images:
        return best, images
    below = place.images(place.folder)
    lookup = _Lookup(below)  # anywhere, by their last name alone
    found = {lookup.index(image.file_name) for image in named}
    return place.folder, tuple(name for index, name in enumerate(below) if index in found)


def _roots(path: Path, folder: Path) -> Iterator[Path]:
    """Folders that the names in the file may be relative to, the most likely first."""
    seen: set[Path] = set()
    tops = [folder, folder / "images", path.parent, path.parent.parent]
    split = path.stem.removeprefix("instances_")
    for top in tops:
        for root in (top / split, top / "data", top, *folders_in(top)[:MAX_CANDIDATES]):
            if root not in seen and root.is_dir():
                seen.add(root)
                yield root


class _Lookup:
    """Finds images by the names that files give them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self._exact = {name: index for index, name in enumerate(names)}
        last = Counter(posixpath.basename(name) for name in names)
        self._last = {
            posixpath.basename(name): index
            for index, name in enumerate(names)
            if last[posixpath.basename(name)] == 1
        }

    def index(self, name: str) -> int | None:
        """By the whole name, else by the last part where only one image has it."""
        name = _normal(name)
        found = self._exact.get(name)
        return self._last.get(posixpath.basename(name)) if found is None else found


def _normal(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/")


def _title(path: Path, folder: Path) -> str:
    above = path.parent.parent if path.parent.name == "annotations" else path.parent
    return above.name or folder.name


def _class_names(categories: Sequence[CocoCategory]) -> tuple[str, ...]:
    return tuple(str(c.name) for c in sorted(categories, key=lambda category: category.id))


def _size(image: CocoImage) -> tuple[int, int]:
    sides = image.width or 0, image.height or 0
    if all(0 < side < _LARGEST_SIDE for side in sides):
        return int(sides[0]), int(sides[1])
    return 0, 0


def _add(boxes: Boxes, annotation: CocoAnnotation, class_id: int) -> None:
    """COCO's box is left, top, width, height."""
    numbers = [_NOT_A_NUMBER if n is None else float(n) for n in annotation.bbox or ()]
    if len(numbers) != 4:
        numbers = [_NOT_A_NUMBER] * 4
    left, top, width, height = numbers
    position = boxes.add(class_id, (left, top, left + width, top + height))
    if annotation.area is not None:
        boxes.areas[position] = float(annotation.area)
    if annotation.iscrowd:
        boxes.crowd[position] = True
        outline = run_lengths(annotation)
        if outline is not None:
            counts = outline.counts if isinstance(outline.counts, str) else tuple(outline.counts)
            boxes.regions[position] = Region(outline.size[0], outline.size[1], counts)


def _whole(ids: Sequence[int | str]) -> list[int] | None:
    """The file's own image ids, where all of them are whole numbers that fit."""
    numbers = [number for number in ids if isinstance(number, int) and abs(number) < 2**63]
    return numbers if len(numbers) == len(ids) else None
