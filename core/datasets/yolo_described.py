"""YOLO-txt with a ``data.yaml``, which names the splits and the classes."""

from __future__ import annotations

import os
from pathlib import Path

from core.datasets import yolo
from core.datasets.dataset import Dataset
from core.datasets.reader import Place
from core.datasets.reading import read_lines
from core.datasets.yolo import labels_folder, make, open_tree
from core.datasets.yolo_data import class_names, data_file, image_sources, parse
from core.errors import InputError

KIND = yolo.KIND
MAX_LIST_BYTES = 256 * 1024 * 1024

read = yolo.read


def find(place: Place) -> Dataset | None:
    """The dataset that a ``data.yaml`` in the folder describes, or None."""
    path = data_file(place.folder)
    return _described(path, place) if path is not None else None


def _described(path: Path, place: Place) -> Dataset:
    described = parse(path)
    split, sources = image_sources(described, path.parent, place.role)
    if not sources:
        raise InputError(
            f"{path} names no folder of images that exists.",
            "Drop the folder with the images itself.",
        )
    names = class_names(described)
    title = f"{place.folder.name} ({split})"
    if len(sources) == 1 and sources[0].is_dir():
        root = Path(os.path.abspath(sources[0]))  # noqa: PTH100  # links are the user's own
        return open_tree(root, place, names, title) or _plain(
            root, place, place.images(root), title
        )
    root = place.folder
    images = sorted({name for source in sources for name in _listed(source, root, place)})
    labels = labels_folder(root, images)
    if labels is None:
        return _plain(root, place, tuple(images), title)
    return make(root, tuple(images), labels, place, names, title)


def _listed(source: Path, root: Path, place: Place) -> list[str]:
    """Images of a folder or of a list, relative to `root`; those elsewhere are left out."""
    if source.is_dir():
        inside = os.path.relpath(source, root).replace(os.sep, "/")
        return [f"{inside}/{n}" for n in place.images(source)] if ".." not in inside else []
    there = set(place.images(root))
    names = [os.path.normpath(line).replace(os.sep, "/") for line in read_lines(source, MAX_LIST_BYTES)]  # fmt: skip  # noqa: E501
    absolute = f"{root}/".replace(os.sep, "/")
    names = [name.removeprefix(absolute) for name in names]
    missing = sum(name not in there for name in names)
    if missing:
        place.warnings.append(
            f"{missing:,} of the {len(names):,} images that {source.name} names are not below "
            f"{root}, and are left out."
        )
    return [name for name in names if name in there]


def _plain(root: Path, place: Place, images: tuple[str, ...], title: str) -> Dataset:
    if not images:
        raise InputError(f"There are no images in {root}.", "Drop the folder with the images.")
    warnings = (*place.warnings, f"There are no labels for the images in {root}.")
    return Dataset(name=title, root=root, kind="folder", images=images, warnings=warnings)
