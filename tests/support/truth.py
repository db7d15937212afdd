"""Ground truth made of a table of boxes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.detection.boxes import area
from core.detection.detections import DetectionTable
from core.metrics.accuracy.truth import GroundTruth


def truth_of(boxes: DetectionTable) -> GroundTruth:
    """The boxes as objects of their classes; nothing is ignored, every class is known."""
    whole = np.ones(len(boxes.scores), np.float32)
    nothing = replace(
        boxes,
        offsets=np.zeros(len(boxes) + 1, np.int64),
        boxes=boxes.boxes[:0],
        scores=boxes.scores[:0],
        class_ids=boxes.class_ids[:0],
    )
    known = np.ones(len(boxes.class_names), bool)
    return GroundTruth(replace(boxes, scores=whole), area(boxes.boxes), nothing, np.zeros(0), known)
