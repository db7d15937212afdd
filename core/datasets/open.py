"""Opening whatever dataset a folder holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.datasets import coco, folder
from core.datasets.coco_file import looks_like_coco
from core.datasets.dataset import Dataset
from core.datasets.reader import Finder, Place
from core.datasets.reading import files_in, folders_in
from core.datasets.registry import ANNOTATED, LAST
from core.errors import InputError

_WRAPPERS = 4  # folders with nothing but a folder in them that are looked through


def open_dataset(
    path: Path, role: str = "validation", found: Callable[[int], None] = lambda count: None
) -> Dataset:
    """The dataset in a folder, or that a COCO file describes; raises InputError if there is none.

    `role`, ``calibration`` or ``validation``, decides which split is taken if there are several.
    `found` is told how many images were found so far, and may raise to stop.
    """
    if not path.exists():
        raise InputError(f"There is no folder {path}.", "Check the path of the dataset.")
    if path.is_file() and path.suffix.lower() == ".json" and looks_like_coco(path):
        path = path.resolve()
        above = path.parent.parent if path.parent.name == "annotations" else path.parent
        return coco.open_file(path, Place(above, role, found))
    if not path.is_dir():
        raise InputError(f"{path} is not a folder.", "Name the folder that holds the images.")
    top = path.resolve()
    places = [Place(inner, role, found) for inner in _places(top)]
    asked: list[tuple[Place, Finder]] = [
        (place, reader) for place in places for reader in ANNOTATED
    ]
    asked += [(place, reader) for place in reversed(places) for reader in LAST]
    for place, reader in asked:
        place.warnings.clear()
        dataset = reader.find(place)
        if dataset is not None:
            return dataset
    places[0].warnings.clear()
    plain = folder.find(places[0])
    if plain is None:
        raise InputError(
            f"There are no images in {path}.",
            "Name a folder with JPEG, PNG, BMP, WebP or TIFF files in it.",
        )
    return plain


def _places(top: Path) -> list[Path]:
    """The folder, and the ones inside it as long as there is nothing else in them."""
    places = [top]
    while len(places) <= _WRAPPERS:
        inner = folders_in(places[-1])
        if len(inner) != 1 or any(not f.name.startswith(".") for f in files_in(places[-1], "")):
            break
        places.append(inner[0])
    return places
