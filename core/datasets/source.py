"""Where a job's images come from.

Readers of archives and of annotations are imported where a dataset is opened: of most jobs one
face needs to know no more than where the images are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.datasets.stored import is_stored, load_dataset
from core.errors import InputError
from core.values import Value

if TYPE_CHECKING:
    from core.datasets.dataset import Dataset
    from core.progress import Step

LOOKING = "Looking at the images"


class DatasetSource(Value):
    """Where images come from.

    Attributes:
        path: a folder, an archive, a file that describes a dataset, or a ``dataset.json`` that an
            import wrote.
        role: ``calibration`` or ``validation``; decides which split of several is taken.
    """

    path: Path
    role: str = "validation"


def may_be_dataset(path: Path) -> bool:
    """Whether it could be opened as a dataset, by its kind; the job finds out what is in it."""
    if path.is_dir():  # for which nothing need be imported
        return True
    from core.datasets.archives.unpacking import is_archive
    from core.datasets.files import opener

    return is_archive(path) or (path.is_file() and (opener(path) is not None or is_stored(path)))


def require_dataset(path: Path) -> None:
    """Raises InputError where `path` is not there, or no dataset by its kind."""
    if not path.exists():
        raise InputError(f"There is no folder {path}.", "Check the path of the dataset.")
    if not may_be_dataset(path):
        from core.datasets.files import refusal

        raise refusal(path)


def dataset_problem(path: Path) -> str:
    """What `require_dataset` would say; "" where it says nothing."""
    try:
        require_dataset(path)
    except InputError as error:
        return str(error)
    return ""


def open_source(source: DatasetSource, unpack_into: Path, step: Step) -> Dataset:
    """The images; those of an archive lie below `unpack_into` afterwards."""
    from core.datasets.archives.unpacking import archive_title, is_archive

    if is_archive(source.path):
        folder = unpack_into / archive_title(source.path)
        return open_archive(source.path, folder, source.role, step)
    return open_folder(source.path, source.role, step)


def open_archive(archive: Path, folder: Path, role: str, step: Step) -> Dataset:
    """The images of an archive, unpacked into `folder`, with a word of those that were not."""
    from core.datasets.archives.unpacking import unpack

    left_out = unpack(archive, folder, step).left_out
    dataset = open_folder(folder, role, step)
    return msgspec.structs.replace(dataset, warnings=(*dataset.warnings, *left_out))


def open_folder(path: Path, role: str, step: Step) -> Dataset:
    """The images of a folder or a stored dataset."""
    if is_stored(path):
        return load_dataset(path)
    from core.datasets.open import open_dataset

    return open_dataset(path, role, lambda found: step(LOOKING, found, None))
