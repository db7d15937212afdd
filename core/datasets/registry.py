"""The readers; each is asked whether a folder is its own."""

from __future__ import annotations

from collections.abc import Callable

from core.datasets import (
    coco,
    createml,
    cvat,
    folder,
    open_images,
    paired,
    tables,
    voc,
    webdataset,
    yolo,
    yolo_described,
)
from core.datasets.annotations import Annotations
from core.datasets.dataset import Dataset
from core.datasets.reader import Finder, Reader
from core.errors import InputError

# A data.yaml is the surest sign; label files without one know no names, so a file that has them,
# which some programs write beside, goes first.
ANNOTATED: tuple[Reader, ...] = (
    yolo_described, coco, voc, open_images, cvat, createml, tables, webdataset, yolo
)  # fmt: skip
# Asked where none of these knows the folder.
LAST: tuple[Finder, ...] = (paired,)
READERS: tuple[Reader, ...] = (*ANNOTATED, folder)
KINDS = frozenset(reader.KIND for reader in READERS)


def read_annotations(
    dataset: Dataset, done: Callable[[int], None] = lambda images: None
) -> Annotations:
    """The ground truth of a dataset.

    `done` gets how many images were read, and may raise to stop. Raises InputError where
    there is none, or its files are gone or damaged.
    """
    for reader in READERS:
        if dataset.kind == reader.KIND:
            return reader.read(dataset, done)
    raise InputError(f"Datasets of the kind {dataset.kind} are not known.", "Import it again.")
