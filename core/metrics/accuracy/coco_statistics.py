"""The twelve COCO statistics, by faster-coco-eval."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.arrays import Real

STATISTICS = (
    "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl",
)  # fmt: skip
LIMIT = 100  # detections of one image and class that COCO looks at


@dataclass(frozen=True, eq=False)
class CocoStatistics:
    """What COCO's evaluation says of one model.

    Attributes:
        values: the twelve statistics by name; None where there is no ground truth to tell by.
        class_ids: int64 ``[K]``: the classes that were evaluated.
        precision: float64 ``[10, 101, K]``: at each IoU threshold and recall 0, .01, ... 1, over
            boxes of all sizes; NaN for a class without ground truth.
    """

    values: dict[str, float | None]
    class_ids: NDArray[np.int64]
    precision: Real

    def class_ap(self) -> dict[int, tuple[float, float]]:
        """AP@[.50:.95] and AP50 by class id, of the classes with ground truth."""
        mean, half = self.precision.mean(axis=(0, 1)), self.precision[0].mean(axis=0)
        return {
            int(class_id): (float(mean[place]), float(half[place]))
            for place, class_id in enumerate(self.class_ids)
            if not np.isnan(mean[place])
        }


def coco_statistics(truth: GroundTruth, detections: DetectionTable) -> CocoStatistics:
    """Evaluate detections on the images of `truth`, in the classes that it knows."""
    class_ids = np.flatnonzero(truth.mapped)
    described = {
        "images": [{"id": image} for image in range(len(detections))],
        "categories": [{"id": class_id} for class_id in class_ids.tolist()],
    }
    with _without_collection():
        objects = _entries(truth.table, truth.areas, 1, crowd=0)
        objects += _entries(truth.ignored, truth.ignored_areas, len(objects) + 1, crowd=1)
        found = _entries(truth.judged(detections), None, 1, crowd=0)
        return evaluate_coco(
            {**described, "annotations": objects}, {**described, "annotations": found}
        )


@contextmanager
def _without_collection() -> Iterator[None]:
    """Hundreds of thousands of dicts are made, and none is garbage: searching them takes long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def evaluate_coco(truth: dict[str, Any], found: dict[str, Any]) -> CocoStatistics:
    """Evaluate two COCO datasets whose annotations are numbered from 1: a 0 corrupts it."""
    import faster_coco_eval

    def dataset(content: dict[str, Any]) -> Any:
        made = faster_coco_eval.COCO()
        made.dataset = content
        made.createIndex()
        return made

    evaluation = faster_coco_eval.COCOeval_faster(
        dataset(truth), dataset(found), "bbox", print_function=lambda *_: None
    )
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    precision = np.asarray(evaluation.eval["precision"], np.float64)[:, :, :, 0, -1]
    return CocoStatistics(
        {
            name: float(value) if value > -1 else None
            for name, value in zip(STATISTICS, evaluation.stats, strict=False)
        },
        np.array(evaluation.params.catIds, np.int64),
        np.where(precision > -1, precision, np.nan),
    )


def _entries(
    table: DetectionTable, areas: Real | None, first: int, crowd: int
) -> list[dict[str, Any]]:
    corners = table.boxes.astype(np.float64)
    sizes = corners[:, 2:] - corners[:, :2]
    boxes = np.concatenate([corners[:, :2], sizes], axis=1)
    rows = zip(
        range(first, first + len(boxes)),
        table.image_indices.tolist(),
        table.class_ids.tolist(),
        boxes.tolist(),
        (sizes.prod(axis=1) if areas is None else areas).tolist(),
        table.scores.tolist(),
        strict=True,
    )
    return [
        {
            "id": number,
            "image_id": image,
            "category_id": class_id,
            "bbox": box,
            "area": area,
            "score": score,
            "iscrowd": crowd,
        }
        for number, image, class_id, box, area, score in rows
    ]
