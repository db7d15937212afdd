"""Files that can be chosen as datasets, and the words for those that cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.datasets import coco, createml, cvat, tables, yolo_described
from core.datasets.coco_file import looks_like_coco
from core.datasets.createml import looks_like_createml
from core.datasets.cvat import looks_like_cvat
from core.datasets.dataset import Dataset
from core.datasets.reader import Place
from core.datasets.reading import read_start
from core.datasets.tables import looks_like_table
from core.datasets.yolo_data import is_data_file
from core.errors import InputError
from core.files import open_regular, sentence
from core.images.foreign import foreign_format
from core.images.listing import IMAGE_SUFFIXES

Opener = Callable[[Path, Place], Dataset]

# Whether a file is of a kind, and what opens it.
_KINDS: tuple[tuple[Callable[[Path], bool], Opener], ...] = (
    (lambda path: path.suffix.lower() == ".json" and looks_like_coco(path), coco.open_file),
    (lambda path: path.suffix.lower() == ".json" and looks_like_createml(path), createml.open_file),
    (lambda path: path.suffix.lower() == ".xml" and looks_like_cvat(path), cvat.open_file),
    (lambda path: path.suffix.lower() == ".csv" and looks_like_table(path), tables.open_file),
    (is_data_file, yolo_described.open_file),
)
# Archives that are not unpacked, by their first bytes or their endings.
_STARTS = ((b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!", "RAR"), (b"\x28\xb5\x2f\xfd", "Zstandard"))
_ARCHIVES = {".7z": "7-Zip", ".rar": "RAR", ".zst": "Zstandard", ".lz4": "LZ4", ".cab": "CAB",
             ".iso": "ISO", ".zip": "damaged zip", ".tar": "damaged tar"}  # fmt: skip


def opener(path: Path) -> Opener | None:
    """What opens a file that describes a dataset; None where it is no such file."""
    return next((open_file for is_one, open_file in _KINDS if is_one(path)), None)


def refusal(path: Path) -> InputError:
    """What a file is that describes no dataset, and what to choose instead."""
    try:
        open_regular(path).close()
    except OSError as error:
        return InputError(sentence(path, error), "Choose the folder with the images.")
    start = read_start(path, 512)
    packed = next((name for mark, name in _STARTS if start.startswith(mark)), "")
    packed = packed or _ARCHIVES.get(path.suffix.lower(), "")
    if packed:
        return InputError(
            f"{path} is a {packed} archive, which cannot be read.",
            "Unpack it and choose the folder, or pack it as .zip or .tar.",
        )
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return InputError(f"{path} is one image.", "Choose the folder that it is in.")
    kind = foreign_format(start)
    return InputError(
        f"{path} is {f'a {kind} file' if kind else 'not a folder'}, and describes no dataset that "
        "is known.",
        "Choose the folder with the images, or the data.yaml, JSON, XML or CSV file of them.",
    )
