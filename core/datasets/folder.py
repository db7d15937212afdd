"""A folder of images without annotations."""

from __future__ import annotations

from collections.abc import Callable

from core.datasets.annotations import Annotations
from core.datasets.dataset import Dataset
from core.datasets.foreign import READ
from core.datasets.reader import Place
from core.errors import InputError

KIND = "folder"


def find(place: Place) -> Dataset | None:
    """Every image below the folder; None where there is none."""
    images = place.images(place.folder)
    if not images:
        return None
    return Dataset(
        name=place.folder.name,
        root=place.folder,
        kind=KIND,
        images=images,
        warnings=tuple(place.warnings),
    )


def read(dataset: Dataset, done: Callable[[int], None]) -> Annotations:
    """There is no ground truth: raises InputError."""
    raise InputError(
        f"{dataset.name} has no annotations.",
        f"Choose a dataset in a supported format: {READ}.",
    )
