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
ROWS = 2_000
"""Boxes that are evaluated together, or those of one class where it has more.

The evaluation takes time for each pair of an image and a class of those that it is given, found or
not: few classes have fewer such pairs.
"""


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
    """Evaluate detections on the images of `truth`, in the classes that it knows.

    Some classes at a time: the evaluation takes a kilobyte for each box, and no class has to do
    with another.
    """
    found = truth.judged(detections)
    tables = truth.table, truth.ignored, found
    classes = len(truth.mapped)
    rows = np.sum([np.bincount(one.class_ids, minlength=classes) for one in tables], axis=0)
    parts: list[tuple[Any, Any]] = []
    class_ids: list[int] = []
    with _without_collection():
        for group in _groups(np.flatnonzero(truth.mapped), rows):
            evaluation = _evaluated(*_described(truth, found, group))
            parts.append((evaluation.eval["precision"], evaluation.eval["recall"]))
            class_ids += evaluation.params.catIds
    precision, recall = zip(*parts, strict=True)
    evaluation.eval["precision"] = np.concatenate(precision, axis=2)
    evaluation.eval["recall"] = np.concatenate(recall, axis=1)
    return _statistics(evaluation, np.array(class_ids, np.int64))


def _groups(class_ids: NDArray[np.intp], rows: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Classes that are evaluated together, in their order: at least one group."""
    cuts, together = [], 0
    for place, count in enumerate(rows[class_ids].tolist()):
        if together and together + count > ROWS:
            cuts.append(place)
            together = 0
        together += count
    return np.split(class_ids, cuts)


def _described(
    truth: GroundTruth, found: DetectionTable, group: NDArray[np.intp]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ground truth and detections of some classes, and the images that have any of them."""
    wanted = np.zeros(len(truth.mapped), bool)
    wanted[group] = True
    tables = truth.table, truth.ignored, found
    chosen = [np.flatnonzero(wanted[one.class_ids]) for one in tables]
    numbers = [one.image_indices[rows] for one, rows in zip(tables, chosen, strict=True)]
    images = np.unique(np.concatenate(numbers))
    described = {
        "images": [{"id": image} for image in images.tolist() or [0]],
        "categories": [{"id": class_id} for class_id in group.tolist()],
    }
    objects = _entries(truth.table, chosen[0], truth.areas, 1, crowd=0)
    objects += _entries(truth.ignored, chosen[1], truth.ignored_areas, len(objects) + 1, crowd=1)
    detected = _entries(found, chosen[2], None, 1, crowd=0)
    return {**described, "annotations": objects}, {**described, "annotations": detected}


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
    evaluation = _evaluated(truth, found)
    return _statistics(evaluation, np.array(evaluation.params.catIds, np.int64))


def _evaluated(truth: dict[str, Any], found: dict[str, Any]) -> Any:
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
    evaluation.cocoGt = evaluation.cocoDt = None  # the boxes are needed no more
    return evaluation


def _statistics(evaluation: Any, class_ids: NDArray[np.int64]) -> CocoStatistics:
    evaluation.summarize()
    precision = np.asarray(evaluation.eval["precision"], np.float64)[:, :, :, 0, -1]
    return CocoStatistics(
        {
            name: float(value) if value > -1 else None
            for name, value in zip(STATISTICS, evaluation.stats, strict=False)
        },
        class_ids,
        np.where(precision > -1, precision, np.nan),
    )


def _entries(
    table: DetectionTable,
    chosen: NDArray[np.intp],
    areas: Real | None,
    first: int,
    crowd: int,
) -> list[dict[str, Any]]:
    """Of the chosen rows of a table."""
    corners = table.boxes[chosen].astype(np.float64)
    sizes = corners[:, 2:] - corners[:, :2]
    boxes = np.concatenate([corners[:, :2], sizes], axis=1)
    rows = zip(
        range(first, first + len(boxes)),
        table.image_indices[chosen].tolist(),
        table.class_ids[chosen].tolist(),
        boxes.tolist(),
        (sizes.prod(axis=1) if areas is None else areas[chosen]).tolist(),
        table.scores[chosen].tolist(),
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
