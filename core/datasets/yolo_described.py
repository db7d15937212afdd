"""YOLO-txt with a ``data.yaml``, which names the splits and the classes."""

from __future__ import annotations

import os
from pathlib import Path

from core.datasets import yolo
from core.datasets.dataset import Dataset
from core.datasets.names import NameIndex, normal
from core.datasets.passed_over import annotations_not_read
from core.datasets.reader import Place
from core.datasets.reading import read_lines
from core.datasets.yolo import labels_folder, make, open_tree
from core.datasets.yolo_data import (
    DATA_FILES,
    class_names,
    data_file,
    image_sources,
    names_missing,
    parse,
)
from core.errors import InputError
from core.remarks.of_datasets import splits_elsewhere
from core.remarks.remark import remark

KIND = yolo.KIND
MAX_LIST_BYTES = 256 * 1024 * 1024
_FOLDERS = ("", "data", "cfg", "config")

read = yolo.read


def find(place: Place) -> Dataset | None:
    """The dataset that a ``data.yaml`` in the folder describes, or None."""
    for name in _FOLDERS:
        path = data_file(place.folder / name)
        if path is not None:
            try:
                return open_file(path, place)
            except InputError:
                if path.name.lower() in DATA_FILES:
                    raise
                place.warnings.clear()  # it may describe something else
    return None


def open_file(path: Path, place: Place) -> Dataset:
    """The dataset that a ``data.yaml`` describes."""
    described = parse(path)
    split, sources, missing = image_sources(described, path.parent, place.role, place.folder)
    if not sources:
        raise InputError(
            f"{path} lists no existing folder of images"
            + (f": {splits_elsewhere(missing, missing.values())}." if missing else "."),
            "Choose the folder with the images itself.",
        )
    if missing:
        splits, entries = list(missing), list(missing.values())
        used = remark("split_used", file=path.name, splits=splits, entries=entries, used=split)
        place.warnings.append(used)
    names = class_names(described, path.parent, place.folder)
    place.warnings.extend(names_missing(described, names, path))
    title = f"{place.folder.name} ({split})"
    if len(sources) == 1 and sources[0].is_dir():
        root = Path(os.path.abspath(sources[0]))  # noqa: PTH100  # links are the user's own
        return open_tree(root, place, names, title) or _plain(
            root, place, place.images(root), title
        )
    root = place.folder
    images = sorted({name for source in sources for name in _listed(source, root, place)})
    if not images:
        raise InputError(
            f"None of the images that {sources[0].name} names is below {root}.",
            "Choose the folder with the images itself.",
        )
    labels = labels_folder(root, images, inside=True)
    if labels is None:
        return _plain(root, place, tuple(images), title)
    return make(root, tuple(images), labels, place, names, title)


def _listed(source: Path, root: Path, place: Place) -> list[str]:
    """Images of a folder or of a list, relative to `root`; those elsewhere are left out."""
    if source.is_dir():
        inside = os.path.relpath(source, root).replace(os.sep, "/")
        return [f"{inside}/{n}" for n in place.images(source)] if ".." not in inside else []
    index = NameIndex(place.images(root))
    names = {normal(line) for line in read_lines(source, MAX_LIST_BYTES)}
    beside = os.path.relpath(source.parent, root).replace(os.sep, "/")
    found = {
        number
        for name in names  # relative to the list, or to the dataset
        if (number := index.exactly(f"{beside}/{name}")) is not None
        or (number := index.find(name)) is not None
    }
    missing = len(names) - len(found)
    if missing > 0:
        place.warnings.append(
            remark(
                "images_missing",
                missing=missing,
                images=len(names),
                file=source.name,
                folder=root,
            )
        )
    return [index.names[number] for number in found]


def _plain(root: Path, place: Place, images: tuple[str, ...], title: str) -> Dataset:
    if not images:
        raise InputError(f"There are no images in {root}.", "Choose the folder with the images.")
    none = remark("no_labels_below", folder=root)
    warnings = (*place.warnings, none, *annotations_not_read(place))
    return Dataset(name=title, root=root, kind="folder", images=images, warnings=warnings)
