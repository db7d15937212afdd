"""YOLO-txt: a text file for each image, with rows as `core.datasets.yolo_rows` reads them.

Found as trees ``images/`` and ``labels/`` beside each other, or as text files beside the images;
by a ``data.yaml``, in `core.datasets.yolo_described`; under other names, in
`core.datasets.paired`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from core.datasets.annotations import Annotations
from core.datasets.collecting import Boxes, Collector, each_image
from core.datasets.dataset import Dataset
from core.datasets.label_files import LabelFiles, label_names
from core.datasets.names import key
from core.datasets.reader import Place
from core.datasets.reading import folders_in, read_start, stem
from core.datasets.splits import best_first, is_split
from core.datasets.yolo_data import described_in, key_points, names_beside
from core.datasets.yolo_rows import RowForms, forms_of, numbers_of
from core.detection.text import NotTextError, as_utf8
from core.errors import InputError
from core.images.listing import list_files
from core.remarks.remark import remark

KIND = "yolo"
MAX_LABEL_BYTES = 8 * 1024 * 1024
_LEVELS = 3  # how far above the images a folder called images is looked for
_LOOKED_AT = 20  # label files, since the first ones may be empty
_HEADING_LINES = 2  # above the labels, such as a comment
_SAMPLED = 200  # label files by which the forms of rows are told
_ROWS = 500  # of one file that are looked at for that
_LONG_ROW = 20_000  # bytes, which an outline of hundreds of points has
_NOT_LABELS = "lines_without_labels"
_UNREADABLE = "unreadable_label_files"


def find(place: Place) -> Dataset | None:
    """The dataset that label files show; or None."""
    folders = {folder.name.lower(): folder for folder in folders_in(place.folder)}
    images = folders.get("images")
    if images is not None and "labels" in folders:
        inner = [(f.name, f) for f in folders_in(images) if is_split(f.name)]
        options = best_first(inner, place.role) or [images]
    else:
        splits = [f for f in folders.values() if is_split(f.name) and (f / "images").is_dir()]
        best = best_first(((f.name, f) for f in splits), place.role)
        options = [folder / "images" for folder in best] or [place.folder]
    for number, root in enumerate(options):
        dataset = open_tree(root, place, names_beside(near(root, place), place.warnings))
        if dataset is not None:
            passed = (remark("no_labels", folders=_titles(options[:number])),) if number else ()
            warnings = (*dataset.warnings, *passed)
            return msgspec.structs.replace(dataset, warnings=warnings)
    return None


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """The ground truth. Of outlines the bounds are taken, of key points their box."""
    numbered = not dataset.class_names
    collector = Collector(dataset, shares=True)
    files = LabelFiles([str(place) for place in dataset.annotations], ".txt", MAX_LABEL_BYTES)
    forms = _forms_of(dataset, files)

    def boxes_of(image: int) -> Boxes:
        boxes = Boxes(source=f"{stem(dataset.images[image])}.txt")
        try:
            text = files.of(dataset.images[image])
            if text is not None:
                _add_rows(boxes, as_utf8(text), forms, collector)
        except (InputError, NotTextError):
            collector.problems.add(_UNREADABLE, boxes.source)
        if numbered:
            _name_classes(collector, boxes.class_ids)
        return boxes

    each_image(dataset, collector, boxes_of, done)
    return collector.finish(category_ids=range(len(collector.class_names)))


def open_tree(
    images: Path, place: Place, names: Sequence[str], title: str = ""
) -> Dataset | None:  # fmt: skip
    """The dataset whose images are below a folder, if there are labels for them."""
    found = place.images(images)
    own = place.passed(images).suffixes[".txt"] > 0
    labels = labels_folder(images, found, own=own)
    if labels is None or not found:
        return None
    return make(images, found, labels, place, names, title or _title(images))


def make(
    root: Path,
    images: tuple[str, ...],
    labels: Path,
    place: Place,
    names: Sequence[str],
    title: str,
) -> Dataset:
    """The dataset of these parts, with a word if its classes have no names."""
    if not names and not any(one.code == "class_names_unusable" for one in place.warnings):
        place.warnings.append(remark("class_names_numbered"))
    return Dataset(
        name=title,
        root=root,
        kind=KIND,
        images=images,
        class_names=tuple(names),
        annotations=(labels,),
        warnings=tuple(place.warnings),
    )


def labels_folder(
    root: Path, images: Sequence[str], *, inside: bool = False, own: bool = True
) -> Path | None:
    """The folder with a label file for at least one image: ``images`` becomes ``labels``.

    With `inside`, also the root of several folders of images with their own folders of labels;
    without `own`, there is no text below `root` itself.
    """
    wanted: set[str] = set()  # a million images have as many: made where there is a text at all
    for folder in dict.fromkeys(_candidates(root)):
        if not folder.is_dir() or (folder == root and not own):
            continue
        texts = list(list_files(folder, {".txt"}))
        if texts and not wanted:
            wanted = {
                key(name)
                for image in images
                for number, name in enumerate(label_names(image, ".txt"))
                if inside or number != 1
            }
        texts = [text for text in texts if key(text) in wanted]
        if texts and are_labels(folder / text for text in texts):
            return folder
    return None


def are_labels(files: Iterator[Path]) -> bool:
    """Whether some text files have rows of labels; those of images without any are empty."""
    for file in islice(files, _LOOKED_AT):
        try:
            lines = as_utf8(read_start(file, 4096)).split(b"\n")
        except NotTextError:
            continue
        first = list(islice((line for line in lines if line.strip()), _HEADING_LINES + 1))
        if first:
            return any(numbers_of(line) is not None for line in first)
    return True


def _candidates(root: Path) -> Iterator[Path]:
    parts = list(root.parts)
    for position in range(len(parts) - 1, max(len(parts) - 1 - _LEVELS, -1), -1):
        if parts[position].lower() == "images":
            above = Path(*parts[:position])
            for name in ("labels", "Labels"):
                yield above.joinpath(name, *parts[position + 1 :])
            yield above / "labels"
            break
    yield root / "labels"
    yield root


def _title(images: Path) -> str:
    """The dataset's name: of ``images/val`` and ``val/images`` that of what they lie in."""
    above = images.parent
    if above.name.lower() == "images":
        return f"{above.parent.name} ({images.name})"
    if images.name.lower() != "images":
        return images.name
    return f"{above.parent.name} ({above.name})" if is_split(above.name) else above.name


def _titles(folders: Sequence[Path]) -> list[str]:
    return [f.parent.name if f.name.lower() == "images" else f.name for f in folders]


def near(images: Path, place: Place) -> list[Path]:
    """Folders in which the names of the classes may lie."""
    parts = [images, *list(images.parents)[:2], place.folder]
    return [*parts, *(folder / "labels" for folder in parts)]


def _forms_of(dataset: Dataset, files: LabelFiles) -> RowForms:
    """How rows are read, by those of some images and what a ``data.yaml`` says."""
    folders = [near for place in dataset.annotations for near in (place, *list(place.parents)[:3])]
    described = described_in(folders)
    rows: list[list[float]] = []
    for name in dataset.images[:: max(1, len(dataset.images) // _SAMPLED)]:
        try:
            text = as_utf8(files.of(name) or b"")
        except (InputError, NotTextError):
            continue
        lines = text.splitlines()[:_ROWS]
        rows += [row for line in lines if len(line) < _LONG_ROW and (row := numbers_of(line))]
    return forms_of(rows, key_points(described[0]) if described else None)


def _add_rows(boxes: Boxes, text: bytes, forms: RowForms, collector: Collector) -> None:
    for line in text.splitlines():
        if not line.strip():
            continue
        numbers = numbers_of(line)
        if numbers is None:
            collector.problems.add(_NOT_LABELS, boxes.source)
            continue
        if code := forms.noticed(numbers):
            collector.problems.add(code, boxes.source)
        boxes.add(int(numbers[0]), forms.box(numbers))


def _name_classes(collector: Collector, class_ids: Sequence[int]) -> None:
    """Names for classes that are only numbers."""
    for number in range(len(collector.class_names), max(class_ids, default=-1) + 1):
        collector.class_names.append(f"class {number}")
