"""YOLO-txt: a text file for each image, ``class centre-x centre-y width height`` in shares of 1.

Found as trees ``images/`` and ``labels/`` beside each other, or as text files beside the images;
by a ``data.yaml``, in `core.datasets.yolo_described`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core.datasets.annotations import Annotations
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.reader import Place
from core.datasets.reading import folders_in, read_limited, read_start, stem
from core.datasets.splits import best_first, is_split
from core.datasets.yolo_data import MAX_CLASSES, names_beside
from core.errors import InputError
from core.images.listing import list_files

KIND = "yolo"
MAX_LABEL_BYTES = 8 * 1024 * 1024
_LEVELS = 3  # how far above the images a folder called images is looked for


def find(place: Place) -> Dataset | None:
    """The dataset that label files show; or None."""
    trees = place.folder / "images", place.folder / "labels"
    if all(tree.is_dir() for tree in trees):
        inner = best_first(((f.name, f) for f in folders_in(trees[0]) if is_split(f.name)), place.role)  # fmt: skip  # noqa: E501
        return open_tree(inner[0] if inner else trees[0], place, _names_above(trees[0]))
    splits = [f for f in folders_in(place.folder) if is_split(f.name) and (f / "images").is_dir()]
    if splits:
        best = best_first(((f.name, f) for f in splits), place.role)[0]
        return open_tree(best / "images", place, _names_above(best))
    return open_tree(place.folder, place, _names_above(place.folder))


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth. Rows with more numbers are polygons, whose bounds are taken."""
    numbered = not dataset.class_names
    collector = Collector(dataset, shares=True)
    labels = [str(folder) for folder in dataset.annotations]

    def boxes_of(image: int) -> Boxes:
        name = f"{stem(dataset.images[image])}.txt"
        boxes = Boxes(source=name)
        for folder in labels:
            try:
                text = read_limited(f"{folder}/{_below(folder, name)}", MAX_LABEL_BYTES)
            except FileNotFoundError:
                continue
            except InputError:
                collector.problems.add("Label files left out because they cannot be read", name)
                return boxes
            _add_rows(boxes, text, collector)
            break
        if numbered:
            _name_classes(collector, boxes.class_ids)
        return boxes

    each_image(dataset, collector, boxes_of, done)
    return collector.finish(category_ids=range(len(collector.class_names)))


def open_tree(
    images: Path, place: Place, names: Sequence[str], title: str = ""
) -> Dataset | None:  # fmt: skip
    found = place.images(images)
    labels = labels_folder(images, found)
    if labels is None or not found:
        return None
    shown = f"{images.parent.parent.name} ({images.name})" if names else images.name
    return make(images, found, labels, place, names, title or shown)


def make(
    root: Path,
    images: tuple[str, ...],
    labels: Path,
    place: Place,
    names: Sequence[str],
    title: str,
) -> Dataset:
    return Dataset(
        name=title,
        root=root,
        kind=KIND,
        images=images,
        class_names=tuple(names),
        annotations=(labels,),
        warnings=tuple(place.warnings),
    )


def _names_above(images: Path) -> tuple[str, ...]:
    """Names from the dataset that the image folder belongs to."""
    above = list(images.parents)[:2]
    parts = [images, *above]
    return names_beside(*parts, *(folder / "labels" for folder in parts))


def labels_folder(root: Path, images: Sequence[str]) -> Path | None:
    """The folder with a label file for at least one image: ``images`` becomes ``labels``."""
    candidates = []
    parts = list(root.parts)
    for position in range(len(parts) - 1, max(len(parts) - 1 - _LEVELS, -1), -1):
        if parts[position] == "images":
            candidates.append(Path(*parts[:position], "labels", *parts[position + 1 :]))
            break
    candidates += [root / "labels", root]
    stems = {stem(name) for name in images}
    for folder in candidates:
        if not folder.is_dir():
            continue
        texts = list_files(folder, {".txt"}) if folder != root else _beside(root, stems)
        if any(_image_of(folder, stem(text)) & stems for text in texts):
            return folder
    return None


def _beside(root: Path, stems: set[str]) -> list[str]:
    """Text files with the names of images beside them, if the first one has rows of labels."""
    texts = [name for name in list_files(root, {".txt"}) if stem(name) in stems]
    for name in texts[:20]:
        first = read_start(root / name, 4096).split(b"\n")[0].split()
        if first:
            return texts if len(first) >= 5 and _numbers(first) is not None else []
    return texts


def _below(labels: str, name: str) -> str:
    """A label file below its folder: ``images/train/a.txt`` is ``train/a.txt`` in ``labels``."""
    return name.removeprefix("images/") if labels.endswith("labels") else name


def _image_of(labels: Path, text: str) -> set[str]:
    """Stems of images that a label file may belong to."""
    return {text, f"images/{text}"} if labels.name == "labels" else {text}


def _add_rows(boxes: Boxes, text: bytes, collector: Collector) -> None:
    for line in text.splitlines():
        fields = line.split()
        if not fields:
            continue
        numbers = _numbers(fields)
        if numbers is None or len(numbers) < 5 or numbers[0] != int(numbers[0]):
            collector.problems.add("Lines left out because they are no labels", boxes.source)
            continue
        if len(numbers) >= 7 and len(numbers) % 2:  # a polygon; an even number ends in a score
            xs, ys = numbers[1::2], numbers[2::2]
            box = min(xs), min(ys), max(xs), max(ys)
        else:
            x, y, width, height = numbers[1:5]
            box = x - width / 2, y - height / 2, x + width / 2, y + height / 2
        boxes.add(int(numbers[0]), box)


def _numbers(fields: Sequence[bytes]) -> list[float] | None:
    try:
        numbers = [float(field) for field in fields]
    except ValueError:
        return None
    return numbers if abs(numbers[0]) < MAX_CLASSES else None


def _name_classes(collector: Collector, class_ids: Sequence[int]) -> None:
    """Names for classes that are only numbers."""
    for number in range(len(collector.class_names), max(class_ids, default=-1) + 1):
        collector.class_names.append(f"class {number}")
