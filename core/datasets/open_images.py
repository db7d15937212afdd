"""Open Images: one CSV file of boxes for all images, and one of the classes' names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.datasets.annotations import Annotations
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.names import NameIndex
from core.datasets.reader import Place
from core.datasets.reading import WAY_OUT, files_in, folders_in, number_of, text_start
from core.datasets.splits import best_first, is_split, split_words
from core.datasets.table_file import DAMAGED_LINES, heading, rows_of
from core.errors import InputError
from core.remarks.remark import remark

KIND = "open_images"
MAX_CLASSES = 100_000
_COLUMNS = ("ImageID", "LabelName", "XMin", "XMax", "YMin", "YMax")
_FOLDERS = ("annotations", "labels", "metadata", "csv", "csv_folder", "boxes")
_IMAGES = ("images", "image", "img", "imgs", "data")
_REPORT_EVERY = 100_000


def find(place: Place) -> Dataset | None:
    """The dataset whose CSV files lie in the folder, or in one above or below; or None."""
    folder = place.folder
    tops = [folder, *(folder / name for name in _FOLDERS)]
    for top in (tops, [folder.parent, *(folder.parent / name for name in _FOLDERS)]):
        tables = [path for one in top for path in files_in(one, ".csv")]
        boxes = best_first(((p.stem, p) for p in tables if _is_boxes(p)), place.role)
        boxes.sort(key=lambda path: not _of_split(path, folder.name))  # the folder's own first
        if boxes:
            return _open(boxes, tables, place)
    return None


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth; boxes around groups are crowds. Rows of other images are passed over."""
    path, *described = dataset.annotations
    collector = Collector(dataset, shares=True, corners=True)
    given = [Boxes(source=f"{path.name}, {name}") for name in dataset.images]
    index = NameIndex(dataset.images)
    found: dict[str, int | None] = {}
    labels = _label_names(described[0]) if described else {}
    class_ids = {label: number for number, label in enumerate(labels)}
    for count, row in enumerate(_rows(path, collector)):
        if count % _REPORT_EVERY == 0:
            done(0)  # a point to stop at
        name = row["ImageID"]
        if name not in found:
            found[name] = index.find(name)
        image = found[name]
        if image is None:
            continue
        label = row["LabelName"]
        if label not in class_ids and len(class_ids) < MAX_CLASSES:
            class_ids[label] = len(collector.class_names)
            collector.class_names.append(label)
        numbers = [number_of(row[name]) for name in ("XMin", "YMin", "XMax", "YMax")]
        position = given[image].add(class_ids.get(label, -1), numbers)
        if row.get("IsGroupOf") == "1":
            given[image].crowd[position] = True
    each_image(dataset, collector, given.__getitem__, done)
    return collector.finish()


def _open(tables_of_boxes: Sequence[Path], tables: Sequence[Path], place: Place) -> Dataset | None:
    boxes = tables_of_boxes[0]
    root = next((one for one in _roots(boxes, place.folder) if place.images(one)), None)
    if root is None:
        return None
    images = place.images(root)
    if root == place.folder and len(tables_of_boxes) > 1:
        images = _named(boxes, images)
        others = [path.name for path in tables_of_boxes[1:]]
        place.warnings.append(remark("only_named_images", file=boxes.name, others=others))
    names = next((path for path in tables if _is_names(path)), None)
    if names is None:
        place.warnings.append(remark("class_names_coded", file=boxes.name))
    return Dataset(
        name=f"{place.folder.name} ({root.name})" if root != place.folder else root.name,
        root=root,
        kind=KIND,
        images=images,
        class_names=tuple(_label_names(names).values()) if names else (),
        annotations=(boxes, names) if names else (boxes,),
        warnings=tuple(place.warnings),
    )


def _roots(boxes: Path, folder: Path) -> list[Path]:
    """The folders of the split that a table is of, and then those of all images."""
    within = [one for one in folders_in(folder) if one.name.lower() in _IMAGES]
    inner = [f for top in (folder, *within) for f in folders_in(top) if _of_split(boxes, f.name)]
    return [*inner, *within, folder]


def _of_split(boxes: Path, name: str) -> bool:
    """Whether a table is of the split that a folder is called after."""
    return is_split(name) and bool(split_words(boxes.stem) & split_words(name))


def _named(boxes: Path, images: Sequence[str]) -> tuple[str, ...]:
    index = NameIndex(images)
    with rows_of(boxes) as rows:
        place = heading(boxes).index("ImageID")
        found = index.found({row[place] for row in rows if len(row) > place})
    return tuple(name for number, name in enumerate(images) if number in found)


def _is_boxes(path: Path) -> bool:
    return set(_COLUMNS) <= set(heading(path))


def _is_names(path: Path) -> bool:
    """Two columns, the first of codes such as ``/m/01g317``."""
    rows = [line.split(",") for line in text_start(path, 4096).splitlines()[:3]]
    return any(row[0].startswith(("/m/", "/t/", "/g/")) for row in rows if len(row) == 2)


def _label_names(path: Path) -> dict[str, str]:
    """The name of each code, in the order of the file; a second class of one name keeps its code"""
    names: dict[str, str] = {}
    seen: set[str] = set()
    with rows_of(path) as lines:
        for row in lines:
            if len(row) != 2 or row[0] == "LabelName" or len(names) >= MAX_CLASSES:
                continue
            code, name = row[0].strip(), row[1].strip()
            names[code] = code if name in seen else name
            seen.add(name)
    return names


def _rows(path: Path, collector: Collector) -> Iterator[dict[str, str]]:
    def damaged(line: int) -> None:
        collector.problems.add(DAMAGED_LINES, f"{path.name}, line {line}")

    with rows_of(path, damaged) as lines:
        columns = heading(path)
        if not set(_COLUMNS) <= set(columns):
            raise InputError(f"{path} has no columns for boxes any more.", WAY_OUT)
        next(lines, None)
        for count, row in enumerate(lines):
            if not row:
                continue
            if len(row) != len(columns):
                place = f"{path.name}, line {count + 2}"
                collector.problems.add("short_lines", place)
                continue
            yield dict(zip(columns, row, strict=True))
