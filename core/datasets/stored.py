"""Datasets as an import stores them: a JSON file, perhaps with the images beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from core.datasets.dataset import Dataset
from core.datasets.reading import read_start
from core.values import read_json, write_json


def store_dataset(path: Path, dataset: Dataset) -> Dataset:
    """Write a dataset; gives it as written.

    Folders below that of `path` are written relative to it, so that the dataset is found again
    where the folder is moved to.
    """
    folder = path.parent.resolve()

    def shorten(place: Path) -> Path:
        return place.relative_to(folder) if place.is_relative_to(folder) else place

    written = _with_places(dataset, shorten)
    write_json(path, written)
    return written


def load_dataset(path: Path) -> Dataset:
    """The dataset that was stored, with absolute folders; raises WorkbenchError if damaged."""
    folder = path.parent.absolute()
    return _with_places(read_json(path, Dataset), lambda place: folder / place)


def is_stored(path: Path) -> bool:
    """Whether this is a file of `store_dataset`, and not some other JSON."""
    return path.suffix == ".json" and read_start(path, 64).lstrip(b"{ \r\n").startswith(b'"name"')


def _with_places(dataset: Dataset, change: Callable[[Path], Path]) -> Dataset:
    return msgspec.structs.replace(
        dataset,
        root=change(dataset.root),
        annotations=tuple(change(place) for place in dataset.annotations),
    )
