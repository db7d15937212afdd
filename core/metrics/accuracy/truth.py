"""Ground truth in a model's classes, image for image beside its detections."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.arrays import expect, load_arrays, save_arrays
from core.datasets.annotations import Annotations
from core.detection.detections import DetectionTable
from core.errors import InputError, WorkbenchError
from core.files import why
from core.remarks.of_datasets import NO_BOXES

Mask = NDArray[np.bool_]
IGNORED = "ignored_table_"
"""Begins the names of the columns of what is ignored, in a file."""


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """The boxes that a table of detections is to be measured by.

    Attributes:
        table: boxes of single objects, score 1, on the images and in the classes of the model.
        areas: float64 ``[M]``, of the objects' outlines where they are known, else of the boxes.
        ignored: boxes for which nothing counts, neither found nor missed: crowds, and what VOC
            calls difficult.
        ignored_areas: float64 of those.
        mapped: bool ``[C]``: the classes that the ground truth can have at all. Detections of
            the others cannot be judged, and are left out.
    """

    table: DetectionTable
    areas: NDArray[np.float64]
    ignored: DetectionTable
    ignored_areas: NDArray[np.float64]
    mapped: Mask

    def __post_init__(self) -> None:
        """Raises ValueError where the parts do not fit together: a file may be anyone's."""
        expect("areas", self.areas, (len(self.table.scores),), np.float64)
        expect("ignored_areas", self.ignored_areas, (len(self.ignored.scores),), np.float64)
        expect("mapped", self.mapped, (len(self.table.class_names),), np.bool_)
        if len(self.ignored) != len(self.table) or self.ignored.class_names != self.class_names:
            raise ValueError("what is ignored is of other images")

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the model."""
        return self.table.class_names

    def part(self, images: range) -> GroundTruth:
        """That of some images, one after the other."""
        rows, ignored = (_rows(one, images) for one in (self.table, self.ignored))
        return GroundTruth(
            self.table.part(images),
            self.areas[rows],
            self.ignored.part(images),
            self.ignored_areas[ignored],
            self.mapped,
        )

    def judged(self, detections: DetectionTable) -> DetectionTable:
        """The detections of the classes that the ground truth knows."""
        return judged_by(self.mapped, detections)

    def content(self) -> bytes:
        """A hash of all that detections are measured by; images count by their places."""
        digest = hashlib.sha256()
        arrays = [self.areas, self.ignored_areas, self.mapped]
        for table in (self.table, self.ignored):
            arrays += [table.offsets, table.boxes, table.scores, table.class_ids]
        for one in arrays:
            digest.update(f"\0{one.dtype.str}{one.shape}\0".encode())
            digest.update(np.ascontiguousarray(one).data)
        return digest.digest()

    def save(self, path: Path) -> None:
        """Write it to an ``.npz`` file."""
        columns = self.table.columns() | {
            f"{IGNORED}{name}": column for name, column in self.ignored.columns().items()
        }
        columns |= {
            "areas": self.areas,
            "ignored_areas": self.ignored_areas,
            "mapped": self.mapped,
        }
        save_arrays(path, columns)

    @staticmethod
    def load(path: Path) -> GroundTruth:
        """What `save` wrote; raises WorkbenchError where it is missing or damaged."""
        try:
            columns = load_arrays(path)
            ignored = {
                name.removeprefix(IGNORED): column
                for name, column in columns.items()
                if name.startswith(IGNORED)
            }
            return GroundTruth(
                DetectionTable.of_columns(columns),
                columns["areas"],
                DetectionTable.of_columns(ignored),
                columns["ignored_areas"],
                columns["mapped"],
            )
        except (OSError, ValueError, KeyError) as error:
            raise unreadable_truth(path, error) from error


def unreadable_truth(path: Path, error: Exception) -> WorkbenchError:
    """What is said of a file that is missing or damaged."""
    return WorkbenchError(
        f"The ground truth in {path} cannot be read: {why(error)}.", "Make the report again."
    )


def judged_by(mapped: Mask, detections: DetectionTable) -> DetectionTable:
    """The detections of the classes that are `mapped`, bool ``[C]``: a ground truth knows them."""
    if mapped.all():
        return detections
    return _rows_of(detections, mapped[detections.class_ids])


def require_truth(
    annotations: Annotations, model_ids: NDArray[np.int32], dataset: str, model: str
) -> None:
    """Raises InputError where nothing can be measured by a ground truth; asked before any work.

    `model_ids` as for `ground_truth_for`; `dataset` and `model` are their names.
    """
    if not len(annotations.class_ids):
        raise InputError(NO_BOXES, f"Choose annotated images instead of {dataset}.")
    if not (model_ids >= 0).any():
        raise InputError(
            f"None of the classes of {dataset} is known to {model}.",
            "Give the model its class names, or say which classes are the same.",
        )
    known = model_ids[annotations.class_ids] >= 0
    if not known.any():
        raise InputError(
            f"None of the {len(known):,} boxes of {dataset} has a class that {model} knows.",
            "Say which classes are the same, or choose other images.",
        )
    if (annotations.crowd | annotations.difficult)[known].all():
        raise InputError(
            f"All boxes of {dataset} that could be used are crowds or marked as difficult, which "
            "count for nothing: no accuracy can be measured.",
            "Choose other images.",
        )


def ground_truth_for(
    detections: DetectionTable, annotations: Annotations, model_ids: NDArray[np.int32]
) -> GroundTruth:
    """The ground truth of a dataset for a model.

    `model_ids` int32 ``[classes of the dataset]`` tells the model's class id, or -1 for a class
    that the model does not know; its boxes are left out.
    """
    places = {name: image for image, name in enumerate(detections.image_names)}
    image_of = np.array([places.get(name, -1) for name in annotations.image_names], np.int64)
    images, class_ids = image_of[annotations.image_indices], model_ids[annotations.class_ids]
    rows = np.flatnonzero((images >= 0) & (class_ids >= 0))
    rows = rows[np.argsort(images[rows], kind="stable")]
    images, class_ids = images[rows], class_ids[rows]
    offsets = np.searchsorted(images, np.arange(len(detections) + 1)).astype(np.int64)
    whole = DetectionTable(
        detections.image_names,
        detections.image_sizes,
        offsets,
        annotations.boxes[rows],
        np.ones(len(rows), np.float32),
        class_ids.astype(np.int32),
        detections.class_names,
    )
    ignored = (annotations.crowd | annotations.difficult)[rows]
    areas = annotations.areas[rows]
    mapped = np.zeros(len(detections.class_names), bool)
    mapped[model_ids[model_ids >= 0]] = True
    return GroundTruth(
        _rows_of(whole, ~ignored), areas[~ignored], _rows_of(whole, ignored), areas[ignored], mapped
    )


def _rows(table: DetectionTable, images: range) -> slice:
    return slice(*table.offsets[[images.start, images.stop]].tolist())


def _rows_of(table: DetectionTable, kept: Mask) -> DetectionTable:
    return DetectionTable(
        table.image_names,
        table.image_sizes,
        np.append(0, np.cumsum(kept, dtype=np.int64))[table.offsets],
        table.boxes[kept],
        table.scores[kept],
        table.class_ids[kept],
        table.class_names,
    )
