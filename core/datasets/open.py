"""Opening whatever dataset a folder holds, or a file describes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from core.datasets import folder
from core.datasets.dataset import Dataset
from core.datasets.files import opener, refusal
from core.datasets.passed_over import (
    annotations_empty,
    annotations_not_read,
    archives_inside,
    called_otherwise,
    images_not_read,
)
from core.datasets.reader import Finder, Place
from core.datasets.reading import files_in, folders_in
from core.datasets.registry import ANNOTATED, LAST
from core.datasets.splits import best_first, is_split
from core.errors import InputError
from core.remarks.remark import Remark
from core.remarks.sentences import sentences

_WRAPPERS = 4  # folders with nothing but a folder in them that are looked through
_ABOVE = ("annotations", "labels", "data", "cfg")  # folders of files whose images lie beside


def open_dataset(
    path: Path, role: str = "validation", found: Callable[[int], None] = lambda count: None
) -> Dataset:
    """The dataset in a folder, or that a file describes; raises InputError if there is none.

    `role`, ``calibration`` or ``validation``, decides which split is taken if there are several.
    `found` gets how many images were found so far, and may raise to stop.
    """
    if not path.exists():
        raise InputError(f"There is no folder {path}.", "Check the path of the dataset.")
    if not path.is_dir():
        return _described(path, role, found)
    top = path.resolve()
    places = [Place(inner, role, found) for inner in _places(top)]
    inner = [(f.name, f) for f in folders_in(places[-1].folder) if is_split(f.name)]
    splits = [Place(one, role, found) for one in best_first(inner, role)]
    asked: list[tuple[Place, Finder]] = [
        (place, reader) for place in (*places, *splits) for reader in ANNOTATED
    ]
    asked += [(place, reader) for place in reversed(places) for reader in LAST]
    for place, reader in asked:
        place.warnings.clear()
        dataset = reader.find(place)
        if dataset is not None:
            if place in splits and dataset.name == place.folder.name:
                name = f"{place.folder.parent.name} ({dataset.name})"
                dataset = msgspec.structs.replace(dataset, name=name)
            return _with(dataset, images_not_read(place, dataset.root))
    return _plain(places[0], path)


def _plain(place: Place, path: Path) -> Dataset:
    """The images alone, with a word of all else that lies there."""
    place.warnings.clear()
    plain = folder.find(place)
    others = images_not_read(place, place.folder)
    if plain is None:
        raise InputError(
            f"There are no images in {path}.",
            " ".join(sentences((*place.warnings, *others, *archives_inside(place))))
            or "Choose a folder with JPEG, PNG, BMP, WebP or TIFF files in it.",
        )
    said = (*annotations_not_read(place), *annotations_empty(place), *called_otherwise(plain))
    return _with(plain, (*said, *others))


def _with(dataset: Dataset, more: tuple[Remark, ...]) -> Dataset:
    return msgspec.structs.replace(dataset, warnings=(*dataset.warnings, *more))


def _described(path: Path, role: str, found: Callable[[int], None]) -> Dataset:
    """The dataset that a file describes."""
    open_file = opener(path)
    if open_file is None:
        raise refusal(path)
    path = path.resolve()
    above = path.parent.parent if path.parent.name.lower() in _ABOVE else path.parent
    place = Place(above, role, found)
    dataset = open_file(path, place)
    return _with(dataset, images_not_read(place, dataset.root))


def _places(top: Path) -> list[Path]:
    """The folder, and the ones inside it as long as there is nothing else in them."""
    places = [top]
    while len(places) <= _WRAPPERS:
        inner = folders_in(places[-1])
        if len(inner) != 1 or any(not f.name.startswith(".") for f in files_in(places[-1], "")):
            break
        places.append(inner[0])
    return places
