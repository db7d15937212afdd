"""Where a job's images come from."""

from __future__ import annotations

from pathlib import Path

from core.datasets.archives.unpacking import archive_title, is_archive, unpack
from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.datasets.stored import is_stored, load_dataset
from core.progress import Step
from core.values import Value

LOOKING = "Looking at the images"


class DatasetSource(Value):
    """Where images come from.

    Attributes:
        path: a folder, an archive, a COCO file, or a ``dataset.json`` that an import wrote.
        role: ``calibration`` or ``validation``; decides which split of several is taken.
    """

    path: Path
    role: str = "validation"


def may_be_dataset(path: Path) -> bool:
    """A folder, an archive, or a JSON file; the job finds out what is in it."""
    return path.is_dir() or is_archive(path) or (path.is_file() and path.suffix == ".json")


def open_source(source: DatasetSource, unpack_into: Path, step: Step) -> Dataset:
    """The images; those of an archive lie below `unpack_into` afterwards."""
    path = source.path
    if is_archive(path):
        path = unpack_into / archive_title(source.path)
        unpack(source.path, path, step)
    return open_folder(path, source.role, step)


def open_folder(path: Path, role: str, step: Step) -> Dataset:
    """The images of a folder or a stored dataset."""
    if is_stored(path):
        return load_dataset(path)
    return open_dataset(path, role, lambda found: step(LOOKING, found, None))
