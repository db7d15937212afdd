"""Opening whatever dataset a folder holds."""

from __future__ import annotations

from pathlib import Path

from core.datasets.dataset import Dataset
from core.datasets.folder import read_folder
from core.datasets.yolo import read_yolo
from core.errors import InputError


def open_dataset(folder: Path, role: str = "validation") -> Dataset:
    """The dataset in `folder`; raises InputError where there is none.

    `role`, ``calibration`` or ``validation``, decides which split is taken if there are several.
    """
    if not folder.exists():
        raise InputError(f"There is no folder {folder}.", "Check the path of the dataset.")
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.", "Name the folder that holds the images.")
    folder = folder.resolve()
    dataset = read_yolo(folder, role) or read_folder(folder)
    if not dataset.images:
        raise InputError(
            f"There are no images in {folder}.",
            "Name a folder with JPEG, PNG, BMP, WebP or TIFF files in it.",
        )
    return dataset
