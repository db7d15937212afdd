"""Tables with a row for each box: the file of the image, the class, and four numbers.

The CSV of TensorFlow's tutorials and of Roboflow (``filename,width,height,class,xmin,ymin,xmax,
ymax``), those without a heading (``path,x1,y1,x2,y2,class``), and others whose columns are called
likewise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.datasets.annotations import Annotations
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.names import NameIndex
from core.datasets.one_file import MAX_CANDIDATES, ImagesMissing, candidates, located, title
from core.datasets.reader import Place
from core.datasets.reading import WAY_OUT, is_damaged_text, number_of, read_start
from core.datasets.table_file import DAMAGED_LINES, heading, rows_of
from core.errors import InputError
from core.images.listing import IMAGE_SUFFIXES
from core.remarks.remark import remark

KIND = "csv"
MAX_CLASSES = 100_000
_IMAGE = ("filename", "file_name", "image", "image_name", "imagename", "image_path", "img",
          "img_path", "path", "file", "image_id", "imageid", "image_file", "name")  # fmt: skip
_CLASS = (
    "class",
    "class_name",
    "classname",
    "label",
    "label_name",
    "category",
    "object",
    "class_id",
)
_CORNERS = (("xmin", "ymin", "xmax", "ymax"), ("x_min", "y_min", "x_max", "y_max"),
            ("x1", "y1", "x2", "y2"), ("left", "top", "right", "bottom"))  # fmt: skip
_SIZES = (("x", "y", "w", "h"), ("x", "y", "width", "height"), ("left", "top", "width", "height"),
          ("bbox_x", "bbox_y", "bbox_width", "bbox_height"))  # fmt: skip
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|-?\.\d+")
_REPORT_EVERY = 10_000


@dataclass(frozen=True)
class _Columns:
    """Where in a row there is what; `sizes`: the last two numbers are width and height.

    `together` is a column with all four, such as Kaggle's ``[834.0, 222.0, 56.0, 36.0]``.
    """

    image: int
    label: int | None
    box: tuple[int, ...]
    sizes: bool = False
    together: bool = False
    headed: bool = True


def find(place: Place) -> Dataset | None:
    """The dataset whose table lies in or beside the folder, or None."""
    every = candidates(place, ".csv")[:MAX_CANDIDATES]
    found = [path for path in every if _columns(path)]
    damaged = [path.name for path in every if path not in found and is_damaged_text(path)]
    if damaged:
        place.warnings.append(remark("files_not_text", names=damaged, sampled=False))
    for path in found:
        try:
            return open_file(path, place, alone=len(found) == 1)
        except ImagesMissing:
            continue  # a table of something else
    return None


def looks_like_table(path: Path) -> bool:
    """Whether a CSV file has the columns that are needed."""
    return _columns(path) is not None


def open_file(path: Path, place: Place, *, alone: bool = False) -> Dataset:
    """The dataset that a table describes; its images are sought below `place.folder`.

    Tables have no rows for images without objects: one that is `alone` is of all beside it.
    """
    columns = _required(path)
    names: dict[str, None] = {}
    classes: dict[str, None] = {}
    for row in _rows(path, columns):
        names[row[columns.image].strip()] = None
        if columns.label is not None and len(classes) < MAX_CLASSES and row[columns.label].strip():
            classes[row[columns.label].strip()] = None
    names.pop("", None)
    if not names:
        why = ", since there is a NUL in its lines" if b"\0" in read_start(path) else ""
        raise InputError(f"{path} lists no images{why}.", WAY_OUT)
    root, images = located(list(names), path, place, alone=alone)
    return Dataset(
        name=title(path, root, place),
        root=root,
        kind=KIND,
        images=images,
        class_names=tuple(sorted(classes)) or ("object",),
        annotations=(path,),
        warnings=tuple(place.warnings),
    )


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth."""
    path = dataset.annotations[0]
    columns = _required(path)
    collector = Collector(dataset, corners=not columns.sizes)
    index = NameIndex(dataset.images)
    given = [Boxes(source=f"{path.name}, {name}") for name in dataset.images]
    class_ids = {name: number for number, name in enumerate(dataset.class_names)}
    found: dict[str, int | None] = {}
    for count, row in enumerate(_rows(path, columns, collector)):
        if count % _REPORT_EVERY == 0:
            done(0)  # a point to stop at
        name = row[columns.image].strip()
        if name not in found:
            found[name] = index.find(name)
        position = found[name]
        numbers = _numbers(row, columns)
        if position is None or numbers is None:
            continue
        label = "object" if columns.label is None else row[columns.label].strip()
        given[position].add(class_ids.get(label, -1), numbers)
    each_image(dataset, collector, given.__getitem__, done)
    return collector.finish()


def _required(path: Path) -> _Columns:
    columns = _columns(path)
    if columns is None:
        raise InputError(
            f"{path} has no columns for an image, a class and a box.",
            "Name them filename, class, xmin, ymin, xmax and ymax.",
        )
    return columns


def _columns(path: Path) -> _Columns | None:
    """Where in a table there is what; None where it is none of boxes."""
    names = [name.strip("\"' #").lower().replace(" ", "_") for name in heading(path)]
    place = {name: number for number, name in reversed(list(enumerate(names)))}
    image = next((place[name] for name in _IMAGE if name in place), None)
    label = next((place[name] for name in _CLASS if name in place and place[name] != image), None)
    if image is not None:
        for sides, sizes in (*((one, False) for one in _CORNERS), *((one, True) for one in _SIZES)):
            if all(side in place for side in sides):
                return _Columns(image, label, tuple(place[side] for side in sides), sizes)
        together = next((place[name] for name in ("bbox", "box") if name in place), None)
        if together is not None:
            return _Columns(image, label, (together,), sizes=True, together=True)
    numbered = all(not name or _NUMBER.fullmatch(name) for name in names[1:5])
    if len(names) == 6 and names[0].endswith(tuple(IMAGE_SUFFIXES)) and numbered:
        return _Columns(0, 5, (1, 2, 3, 4), headed=False)
    return None


def _rows(
    path: Path, columns: _Columns, collector: Collector | None = None
) -> Iterator[list[str]]:  # fmt: skip
    """The rows that have all the columns."""
    last = max(columns.image, columns.label or 0, *columns.box)

    def damaged(line: int) -> None:
        if collector is not None:
            collector.problems.add(DAMAGED_LINES, f"{path.name}, line {line}")

    with rows_of(path, damaged) as rows:
        if columns.headed:
            next(rows, None)
        for count, row in enumerate(rows, start=2 if columns.headed else 1):
            if len(row) > last:
                yield row
            elif row and collector is not None:
                place = f"{path.name}, line {count}"
                collector.problems.add("short_lines", place)


def _numbers(row: Sequence[str], columns: _Columns) -> list[float | None] | None:
    """The corners of the box; None where the row says that an image has no box."""
    texts = [row[place].strip() for place in columns.box]
    if columns.together:
        texts = _NUMBER.findall(texts[0])
    if not any(texts):
        return None
    numbers = [number_of(text) for text in texts]
    if columns.sizes and len(numbers) == 4 and None not in numbers:
        left, top, width, height = (number or 0.0 for number in numbers)
        return [left, top, left + width, top + height]
    return numbers
