"""The ground truth of one image beside what models found there, for looking at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.arrays import StoredColumn, expect, stored_columns
from core.detection.detections import Detections, DetectionTable
from core.detection.stored_table import StoredTable
from core.metrics.accuracy.truth import IGNORED, GroundTruth, unreadable_truth
from core.metrics.matching.matching import match, rank

NONE = -1


@dataclass(frozen=True, eq=False)
class ImageTruth:
    """The objects of one image.

    Attributes:
        boxes: float32 ``[N,4]``, x1 y1 x2 y2 in pixels of the EXIF-turned image.
        class_ids: int32 ``[N]``, the model's.
        names: class name of each.
        ignored: bool ``[N]``: crowds, and what VOC calls difficult.
        iou: overlap from which an object counts as found.
    """

    boxes: NDArray[np.float32]
    class_ids: NDArray[np.int32]
    names: tuple[str, ...]
    ignored: NDArray[np.bool_]
    iou: float

    def __len__(self) -> int:
        return len(self.names)

    def partners(
        self,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        class_ids: NDArray[np.int32],
    ) -> NDArray[np.int32]:
        """Int32 ``[M]``: the object that each of a model's boxes finds, or -1.

        By COCO's rule, as everywhere: by falling score, the free one of its class that it
        overlaps most.
        """
        result = np.full(len(scores), NONE, np.int32)
        judged = np.flatnonzero(~self.ignored)
        classes = int(max(class_ids.max(initial=0), self.class_ids.max(initial=0))) + 1
        objects = _table(self.boxes[judged], self.class_ids[judged], None, classes)
        found = _table(boxes, class_ids, scores, classes)
        a, b = rank(found, 0.0, len(scores)), rank(objects, 0.0, len(judged))
        matches = match(found, a, objects, b, np.array([self.iou]))
        places = np.flatnonzero(matches.partner_of_a[0] >= 0)
        result[a.rows[places]] = judged[b.rows[matches.partner_of_a[0][places]]]
        return result


@dataclass(frozen=True, eq=False)
class StoredTruth:
    """A ground truth that stays in its file: see `GroundTruth`."""

    table: StoredTable
    ignored: StoredTable
    areas: StoredColumn
    ignored_areas: StoredColumn
    mapped: NDArray[np.bool_]

    @staticmethod
    def open(path: Path, alike: StoredTable) -> StoredTruth:
        """What `GroundTruth.save` wrote, with names that `alike` has; raises WorkbenchError."""
        table, ignored = (StoredTable.open(path, alike, prefix) for prefix in ("", IGNORED))
        try:
            columns = stored_columns(path)
            mapped = columns["mapped"].rows(0, columns["mapped"].shape[0])
            areas, ignored_areas = (
                _areas(columns[name], int(one.offsets[-1]), name)
                for name, one in (("areas", table), ("ignored_areas", ignored))
            )
            expect("mapped", mapped, (len(table.class_names),), np.bool_)
        except (OSError, ValueError, KeyError) as error:
            raise unreadable_truth(path, error) from error
        return StoredTruth(table, ignored, areas, ignored_areas, mapped)

    def part(self, images: range) -> GroundTruth:
        """That of some images, one after the other; raises WorkbenchError."""
        tables = self.table, self.ignored
        parts = [one.part(images) for one in tables]
        try:
            areas = [
                column.rows(*one.offsets[[images.start, images.stop]].tolist())
                for one, column in zip(tables, (self.areas, self.ignored_areas), strict=True)
            ]
        except (OSError, ValueError) as error:
            raise unreadable_truth(self.table.path, error) from error
        return GroundTruth(parts[0], areas[0], parts[1], areas[1], self.mapped)


def _areas(column: StoredColumn, rows: int, name: str) -> StoredColumn:
    """The column, which has so many rows; raises ValueError."""
    if column.kind != np.float64 or column.shape != (rows,):
        raise ValueError(f"{name} are {column.kind} {list(column.shape)}")
    return column


def truth_of_image(truth: GroundTruth | StoredTruth, image: int, iou: float) -> ImageTruth:
    """What a report kept of an image: the objects of the model's classes, and what is ignored."""
    judged, ignored = truth.table[image], truth.ignored[image]
    class_ids = np.concatenate([judged.class_ids, ignored.class_ids])
    return ImageTruth(
        np.concatenate([judged.boxes, ignored.boxes]),
        class_ids,
        tuple(truth.table.class_names[class_id] for class_id in class_ids.tolist()),
        np.arange(len(class_ids)) >= len(judged),
        iou,
    )


def _table(
    boxes: NDArray[np.float32],
    class_ids: NDArray[np.int32],
    scores: NDArray[np.float32] | None,
    classes: int,
) -> DetectionTable:
    scores = np.ones(len(boxes), np.float32) if scores is None else scores
    one = Detections(boxes, scores, class_ids.astype(np.int32))
    return DetectionTable.build(["image"], [(1, 1)], [one], [str(n) for n in range(classes)])
