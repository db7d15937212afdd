"""pycocotools as the oracle."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

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
        for class_id in range(len(table.class_names)):
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
