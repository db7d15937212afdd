"""The readers; each is asked whether a folder is its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.datasets import (
    coco,
    createml,
    cvat,
    folder,
    open_images,
    paired,
    tables,
    voc,
    yolo,
    yolo_described,
)
from core.datasets.annotations import Annotations
from core.datasets.coco_file import looks_like_coco
from core.datasets.createml import looks_like_createml
from core.datasets.cvat import looks_like_cvat
from core.datasets.dataset import Dataset
from core.datasets.reader import Finder, Place, Reader
from core.datasets.tables import looks_like_table
from core.datasets.yolo_data import is_data_file
from core.errors import InputError

# A data.yaml is the surest sign; label files without one know no names, so a file that has them,
# which some programs write beside, goes first.
ANNOTATED: tuple[Reader, ...] = (
    yolo_described, coco, voc, open_images, cvat, createml, tables, yolo
)  # fmt: skip
# Asked where none of these knows the folder.
LAST: tuple[Finder, ...] = (paired,)
# Files that can be chosen themselves: whether one is of a kind, and what opens it.
FILES: tuple[tuple[Callable[[Path], bool], Callable[[Path, Place], Dataset]], ...] = (
    (lambda path: path.suffix.lower() == ".json" and looks_like_coco(path), coco.open_file),
    (lambda path: path.suffix.lower() == ".json" and looks_like_createml(path), createml.open_file),
    (lambda path: path.suffix.lower() == ".xml" and looks_like_cvat(path), cvat.open_file),
    (lambda path: path.suffix.lower() == ".csv" and looks_like_table(path), tables.open_file),
    (is_data_file, yolo_described.open_file),
)
READERS: tuple[Reader, ...] = (*ANNOTATED, folder)


def read_annotations(
    dataset: Dataset, done: Callable[[int], None] = lambda images: None
) -> Annotations:
    """The ground truth of a dataset.

    `done` is told how many images were read, and may raise to stop. Raises InputError where
    there is none, or its files are gone or damaged.
    """
    for reader in READERS:
        if dataset.kind == reader.KIND:
            return reader.read(dataset, done)
    raise InputError(f"Datasets of the kind {dataset.kind} are not known.", "Import it again.")
