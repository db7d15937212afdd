"""Non-maximum suppression."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.detection.detections import Detections


def suppress(detections: Detections, iou_threshold: float, limit: int) -> Detections:
    """Class-aware greedy NMS: of overlapping boxes of one class the best score stays.

    Gives at most `limit` detections, best first.
    """
    if not len(detections):
        return detections
    from core.images.opencv import cv2  # here, so that a window that only names us needs none

    # OpenCV keeps classes apart by moving each beyond the largest coordinate of the one before:
    # right only where no coordinate is negative.
    corners = detections.boxes.astype(np.float64) - min(0.0, float(detections.boxes.min()))
    rectangles = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    suppress_batched: Any = cv2.dnn.NMSBoxesBatched  # its stubs know lists, it takes arrays
    kept = suppress_batched(
        rectangles,
        detections.scores,
        detections.class_ids,
        0.0,
        iou_threshold,
    )
    return detections.where(np.asarray(kept, np.intp)).best(limit)
