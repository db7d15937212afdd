"""pycocotools as the oracle."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.datasets.annotations import Annotations
from core.detection.detections import DetectionTable

EVERYTHING = 100_000


def evaluate(ground_truth: dict[str, Any], results: list[dict[str, Any]], limit: int = 100) -> Any:
    """COCOeval of these boxes, evaluated and accumulated, with `limit` detections an image."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = ground_truth
        truth.createIndex()
        found = truth.loadRes(results) if results else COCO()
        if not results:
            found.dataset = {**ground_truth, "annotations": []}
            found.createIndex()
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.params.maxDets = [limit]
        evaluation.params.areaRng = [[0, 1e10]]
        evaluation.params.areaRngLbl = ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def mean_ap(evaluation: Any) -> float:
    """AP@[.50:.95] over the classes that have ground truth."""
    precision = evaluation.eval["precision"]
    return float(precision[precision > -1].mean())


def class_ap(
    parent: DetectionTable, optimized: DetectionTable, score: float, limit: int
) -> NDArray[np.float64]:
    """AP ``[10, classes]`` of `optimized` with `parent` as ground truth; -1 where it has none.

    `limit` counts the detections of one image and class, of both tables.
    """
    truth = {
        "images": [{"id": image} for image in range(len(parent))],
        "categories": [{"id": number} for number in range(len(parent.class_names))],
        "annotations": [
            {**row, "id": number, "area": row["bbox"][2] * row["bbox"][3], "iscrowd": 0}
            for number, row in enumerate(_rows(parent, score, limit), start=1)
        ],
    }
    evaluation = evaluate(truth, _rows(optimized, score, limit), EVERYTHING)
    precision = evaluation.eval["precision"][:, :, :, 0, 0]  # [T, R, classes]
    return np.asarray(precision.mean(axis=1), np.float64)


def _rows(table: DetectionTable, score: float, limit: int) -> list[dict[str, Any]]:
    rows = []
    for image, found in enumerate(table):
        for class_id in np.unique(found.class_ids).tolist():
            of_class = found.where((found.class_ids == class_id) & (found.scores >= score))
            best = of_class.best(limit)
            for box, value in zip(best.boxes.tolist(), best.scores.tolist(), strict=True):
                left, top, right, bottom = box
                rows.append(
                    {
                        "image_id": image,
                        "category_id": class_id,
                        "bbox": [left, top, right - left, bottom - top],
                        "score": value,
                    }
                )
    return rows


def as_coco(truth: Annotations) -> dict[str, Any]:
    """What COCO's evaluation reads. Annotations are numbered from 1: a 0 corrupts it."""
    boxes = truth.boxes.astype(np.float64)
    boxes[:, 2:] -= boxes[:, :2]
    image_ids, category_ids = truth.image_ids.tolist(), truth.category_ids.tolist()
    rows = zip(
        truth.image_indices.tolist(),
        truth.class_ids.tolist(),
        boxes.tolist(),
        truth.areas.tolist(),
        truth.crowd.tolist(),
        strict=True,
    )
    annotations: list[dict[str, Any]] = [
        {
            "id": number,
            "image_id": image_ids[image],
            "category_id": category_ids[class_id],
            "bbox": box,
            "area": area,
            "iscrowd": int(crowd),
        }
        for number, (image, class_id, box, area, crowd) in enumerate(rows, start=1)
    ]
    for row, region in truth.regions.items():
        counts = region.counts if isinstance(region.counts, str) else list(region.counts)
        annotations[row]["segmentation"] = {
            "size": [region.height, region.width],
            "counts": counts,
        }
    sizes = zip(image_ids, truth.image_names, truth.image_sizes.tolist(), strict=True)
    return {
        "images": [
            {"id": number, "file_name": name, "width": size[0], "height": size[1]}
            for number, name, size in sizes
        ],
        "categories": [
            {"id": number, "name": name}
            for number, name in zip(category_ids, truth.class_names, strict=True)
        ],
        "annotations": annotations,
    }
