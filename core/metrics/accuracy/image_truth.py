"""The ground truth of one image beside what models found there, for looking at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import Detections, DetectionTable
from core.detection.stored_table import StoredTable
from core.metrics.accuracy.truth import GroundTruth
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
