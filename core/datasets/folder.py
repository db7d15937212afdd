"""A folder of images without annotations."""

from __future__ import annotations

from pathlib import Path

from core.datasets.dataset import Dataset
from core.images.listing import list_images


def read_folder(folder: Path) -> Dataset:
    """Every image below `folder`."""
    return Dataset(name=folder.name, root=folder, kind="folder", images=tuple(list_images(folder)))
