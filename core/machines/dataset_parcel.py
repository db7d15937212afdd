"""A dataset as it is sent with a job: its images and annotations, where they lie to each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from core.datasets.archives.limits import USEFUL_SUFFIXES
from core.datasets.dataset import Dataset
from core.datasets.reading import files_in
from core.datasets.source import DatasetSource
from core.images.listing import IMAGE_SUFFIXES
from core.machines.parcel import Packing
from core.values import to_json

_FOLDER = PurePosixPath("data")
_DESCRIPTIONS = (".yaml", ".yml")
_ABOVE = 3  # folders above annotations in which a description is looked for


def pack_dataset(packing: Packing, dataset: Dataset) -> DatasetSource:
    """Pack an opened dataset; it is found there as it is here, from the same files.

    Raises InputError where one of its files has no name that every system takes.
    """
    places = [dataset.root.absolute(), *(one.absolute() for one in dataset.annotations)]
    base = Path(os.path.commonpath(places))
    if base.is_file():
        base = base.parent

    def place(path: Path) -> PurePosixPath:
        return _FOLDER / path.absolute().relative_to(base).as_posix()

    for path in dataset.files():
        if path.is_file():  # what is not there is said there
            packing.file(place(path), path)
    for path in _annotation_files(dataset, base):
        packing.file(place(path), path)
    described = replace(
        dataset,
        root=places[0].relative_to(base),
        annotations=tuple(one.relative_to(base) for one in places[1:]),
    )
    name = _FOLDER / "dataset.json"
    if (base / name.name).is_file():
        name = name.with_name("sent-dataset.json")
    packing.content(name, to_json(described))
    return DatasetSource(path=Path(name))


def _annotation_files(dataset: Dataset, base: Path) -> Iterator[Path]:
    for one in dataset.annotations:
        if one.is_file():
            yield one
            continue
        for folder, _, names in os.walk(one):
            for name in names:
                path = Path(folder) / name
                if path.suffix.lower() in USEFUL_SUFFIXES - IMAGE_SUFFIXES:
                    yield path
        for above in list(one.parents)[:_ABOVE]:
            if above.is_relative_to(base):
                yield from files_in(above, *_DESCRIPTIONS)
