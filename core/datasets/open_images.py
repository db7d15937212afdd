"""Open Images: one CSV file of boxes for all images, and one of the classes' names."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.datasets.annotations import Annotations
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.reader import Place
from core.datasets.reading import files_in, read_start, stem
from core.datasets.splits import best_first, is_split
from core.errors import InputError

KIND = "open_images"
MAX_CSV_BYTES = 4 * 1024**3  # the training boxes of version 7 have 2.3 GB
MAX_ROWS = 50_000_000
MAX_CLASSES = 100_000
_COLUMNS = ("ImageID", "LabelName", "XMin", "XMax", "YMin", "YMax")
_FOLDERS = ("annotations", "labels", "metadata", "csv", "csv_folder", "boxes")
_REPORT_EVERY = 100_000
_WAY_OUT = "Mend it, or drop the folder with the images alone."


def find(place: Place) -> Dataset | None:
    """The dataset whose CSV files lie in the folder, or in one above or below; or None."""
    folder = place.folder
    tops = [folder, *(folder / name for name in _FOLDERS)]
    for top in (tops, [folder.parent, *(folder.parent / name for name in _FOLDERS)]):
        tables = [path for one in top for path in files_in(one, ".csv")]
        boxes = best_first(((p.stem, p) for p in tables if _is_boxes(p)), place.role)
        if boxes:
            return _open(boxes[0], tables, place)
    return None


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth; boxes around groups are crowds. Rows of other images are passed over."""
    path, *described = dataset.annotations
    collector = Collector(dataset, shares=True)
    given = [Boxes(source=f"{path.name}, {name}") for name in dataset.images]
    index = {stem(name).rpartition("/")[2]: number for number, name in enumerate(dataset.images)}
    labels = _label_names(described[0]) if described else {}
    class_ids = {label: number for number, label in enumerate(labels)}
    for count, row in enumerate(_rows(path, collector)):
        if count % _REPORT_EVERY == 0:
            done(0)  # a point to stop at
        image = index.get(row["ImageID"])
        if image is None:
            continue
        label = row["LabelName"]
        if label not in class_ids and len(class_ids) < MAX_CLASSES:
            class_ids[label] = len(collector.class_names)
            collector.class_names.append(label)
        numbers = [_number(row[name]) for name in ("XMin", "YMin", "XMax", "YMax")]
        position = given[image].add(class_ids.get(label, -1), numbers)
        if row.get("IsGroupOf") == "1":
            given[image].crowd[position] = True
    each_image(dataset, collector, given.__getitem__, done)
    return collector.finish()


def _open(boxes: Path, tables: Sequence[Path], place: Place) -> Dataset | None:
    words = [folder for folder in (place.folder / boxes.stem.split("-")[0],) if folder.is_dir()]
    root = words[0] if words and is_split(words[0].name) else place.folder
    images = place.images(root)
    if not images:
        return None
    names = next((path for path in tables if _is_names(path)), None)
    if names is None:
        place.warnings.append(
            f"There is no file of class names beside {boxes.name}; classes are shown by their "
            "codes."
        )
    return Dataset(
        name=f"{place.folder.name} ({root.name})" if root != place.folder else root.name,
        root=root,
        kind=KIND,
        images=images,
        class_names=tuple(_label_names(names).values()) if names else (),
        annotations=(boxes, names) if names else (boxes,),
        warnings=tuple(place.warnings),
    )


def _is_boxes(path: Path) -> bool:
    first = read_start(path, 4096).split(b"\n")[0].decode("utf-8-sig", "replace")
    return set(_COLUMNS) <= {name.strip() for name in first.split(",")}


def _is_names(path: Path) -> bool:
    """Two columns, the first of codes such as ``/m/01g317``."""
    rows = [line.split(b",") for line in read_start(path, 4096).split(b"\n")[:3]]
    rows = [row for row in rows if len(row) == 2]
    return any(row[0].startswith((b"/m/", b"/t/", b"/g/")) for row in rows)


def _label_names(path: Path) -> dict[str, str]:
    """The name of each code, in the order of the file; a second class of one name keeps its code"""
    names: dict[str, str] = {}
    seen: set[str] = set()
    with _opened(path) as lines:
        for row in lines:
            if len(row) != 2 or row[0] == "LabelName" or len(names) >= MAX_CLASSES:
                continue
            code, name = row[0].strip(), row[1].strip()
            names[code] = code if name in seen else name
            seen.add(name)
    return names


def _rows(path: Path, collector: Collector) -> Iterator[dict[str, str]]:
    with _opened(path) as lines:
        header = [name.strip() for name in next(lines, [])]
        for count, row in enumerate(lines):
            if count >= MAX_ROWS:
                raise InputError(f"{path} has more than {MAX_ROWS:,} rows.", _WAY_OUT)
            if len(row) != len(header):
                place = f"{path.name}, line {count + 2}"
                collector.problems.add("Lines left out because columns are missing", place)
                continue
            yield dict(zip(header, row, strict=True))


class _opened:  # noqa: N801  # used as a function
    """The rows of a CSV file; damage becomes a sentence."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Iterator[list[str]]:
        try:
            if self._path.stat().st_size > MAX_CSV_BYTES:
                raise InputError(
                    f"{self._path} is larger than {MAX_CSV_BYTES // 2**30} GiB.", _WAY_OUT
                )
            self._file = self._path.open(encoding="utf-8-sig", errors="replace", newline="")
        except OSError as error:
            raise InputError(
                f"{self._path} cannot be read: {error.strerror or error}.", _WAY_OUT
            ) from error
        return csv.reader(self._file)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._file.close()
        if isinstance(error, csv.Error):
            raise InputError(f"{self._path} is damaged: {error}.", _WAY_OUT) from error


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
