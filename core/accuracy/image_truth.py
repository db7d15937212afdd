"""The ground truth of one image beside what models found there, for looking at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.accuracy.matching import match, rank
from core.accuracy.truth import GroundTruth
from core.datasets.class_mapping import ClassMapping
from core.detection.detections import Detections, DetectionTable

NONE = -1


@dataclass(frozen=True, eq=False)
class ImageTruth:
    """The objects of one image.

    Attributes:
        boxes: float32 ``[N,4]``, x1 y1 x2 y2 in pixels of the EXIF-turned image.
        class_ids: int32 ``[N]``, the model's, -1 for a class that it does not know.
        names: of the dataset's class of each.
        ignored: bool ``[N]``: crowds, difficult ones, and classes that the model does not know.
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
class TruthByImage:
    """The ground truth of a dataset, image by image.

    Attributes:
        table: boxes in the dataset's classes; the score is 0 for what does not count (crowds,
            and what VOC calls difficult), else 1.
        model_ids: int32 ``[C]``: the model's class id of each class, or -1.
        places: the number of each image, by name.
    """

    table: DetectionTable
    model_ids: NDArray[np.int32]
    places: Mapping[str, int]

    @staticmethod
    def of(table: DetectionTable, mapping: ClassMapping) -> TruthByImage:
        """With the classes mapped to a model's."""
        places = {name: number for number, name in enumerate(table.image_names)}
        return TruthByImage(table, mapping.model_ids(table.class_names), places)

    def of_image(self, name: str, iou: float) -> ImageTruth | None:
        """The objects of an image; None where the annotations do not know it."""
        number = self.places.get(name)
        if number is None:
            return None
        found = self.table[number]
        class_ids = self.model_ids[found.class_ids]
        return ImageTruth(
            found.boxes,
            class_ids,
            tuple(self.table.class_names[class_id] for class_id in found.class_ids.tolist()),
            (found.scores == 0) | (class_ids < 0),
            iou,
        )


def truth_of_image(truth: GroundTruth, image: int, iou: float) -> ImageTruth:
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
