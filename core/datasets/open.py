"""Opening whatever dataset a folder holds, or a file describes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from core.datasets import folder
from core.datasets.dataset import Dataset
from core.datasets.passed_over import annotations_not_read, images_not_read
from core.datasets.reader import Finder, Place
from core.datasets.reading import files_in, folders_in, read_start
from core.datasets.registry import ANNOTATED, FILES, LAST
from core.errors import InputError
from core.files import open_regular, sentence
from core.images.foreign import foreign_format
from core.images.listing import IMAGE_SUFFIXES

_WRAPPERS = 4  # folders with nothing but a folder in them that are looked through
_ABOVE = ("annotations", "labels", "data", "cfg")  # folders of files whose images lie beside
# Archives that are not unpacked, by their endings or their first bytes.
_ARCHIVES = {".7z": "7-Zip", ".rar": "RAR", ".zst": "Zstandard", ".lz4": "LZ4", ".xar": "XAR",
             ".cab": "CAB", ".iso": "ISO"}  # fmt: skip
_STARTS = ((b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!", "RAR"), (b"\x28\xb5\x2f\xfd", "Zstandard"))
_UNPACK = "Unpack it and choose the folder, or pack it as .zip or .tar."


def open_dataset(
    path: Path, role: str = "validation", found: Callable[[int], None] = lambda count: None
) -> Dataset:
    """The dataset in a folder, or that a file describes; raises InputError if there is none.

    `role`, ``calibration`` or ``validation``, decides which split is taken if there are several.
    `found` is told how many images were found so far, and may raise to stop.
    """
    if not path.exists():
        raise InputError(f"There is no folder {path}.", "Check the path of the dataset.")
    if not path.is_dir():
        return _described(path, role, found)
    top = path.resolve()
    places = [Place(inner, role, found) for inner in _places(top)]
    asked: list[tuple[Place, Finder]] = [(p, reader) for p in places for reader in ANNOTATED]
    asked += [(place, reader) for place in reversed(places) for reader in LAST]
    for place, reader in asked:
        place.warnings.clear()
        dataset = reader.find(place)
        if dataset is not None:
            return _told(dataset, images_not_read(place, dataset.root))
    return _plain(places[0], path)


def _plain(place: Place, path: Path) -> Dataset:
    """The images alone, with a word of all else that lies there."""
    place.warnings.clear()
    plain = folder.find(place)
    others = images_not_read(place, place.folder)
    if plain is None:
        raise InputError(
            f"There are no images in {path}" + (f": {' '.join(others)}" if others else "."),
            "Choose a folder with JPEG, PNG, BMP, WebP or TIFF files in it.",
        )
    return _told(plain, (*annotations_not_read(place), *others))


def _told(dataset: Dataset, more: tuple[str, ...]) -> Dataset:
    return msgspec.structs.replace(dataset, warnings=(*dataset.warnings, *more))


def _described(path: Path, role: str, found: Callable[[int], None]) -> Dataset:
    """The dataset that a file describes."""
    try:
        open_regular(path).close()
    except OSError as error:
        raise InputError(sentence(path, error), "Choose the folder with the images.") from error
    path = path.resolve()
    above = path.parent.parent if path.parent.name.lower() in _ABOVE else path.parent
    for is_one, open_file in FILES:
        if is_one(path):
            place = Place(above, role, found)
            dataset = open_file(path, place)
            return _told(dataset, images_not_read(place, dataset.root))
    start = read_start(path, 512)
    packed = next((name for mark, name in _STARTS if start.startswith(mark)), "")
    packed = packed or _ARCHIVES.get(path.suffix.lower(), "")
    if packed:
        raise InputError(f"{path} is a {packed} archive, which is not read.", _UNPACK)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise InputError(f"{path} is one image.", "Choose the folder that it is in.")
    kind = foreign_format(start)
    raise InputError(
        f"{path} is {f'a {kind} file' if kind else 'not a folder'}, and describes no dataset that "
        "is known.",
        "Choose the folder with the images, or the data.yaml, JSON, XML or CSV file of them.",
    )


def _places(top: Path) -> list[Path]:
    """The folder, and the ones inside it as long as there is nothing else in them."""
    places = [top]
    while len(places) <= _WRAPPERS:
        inner = folders_in(places[-1])
        if len(inner) != 1 or any(not f.name.startswith(".") for f in files_in(places[-1], "")):
            break
        places.append(inner[0])
    return places
