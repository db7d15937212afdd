"""COCO average precision of detections held in memory.

Length: as it ran when the sample model was trained; a change could be checked only by training
again.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster

from .objects import CLASS_NAMES, F32
from .scenes import Annotation


@dataclass(frozen=True)
class Score:
    """Average precision over IoU .50 to .95, and at .50."""

    ap: float
    ap50: float
    per_class: dict[str, float]


def score(
    truth: Sequence[Sequence[Annotation]],
    sizes: Sequence[tuple[int, int]],
    detections: Sequence[F32],
) -> Score:
    """Compare detections with what the scenes hold.

    ``sizes`` are (width, height) in pixels; ``detections[i]`` is ``[K, 6]``: class,
    score, x1, y1, x2, y2 in fractions of the image.
    """
    boxes: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for index, items in enumerate(truth):
        for item in items:
            boxes.append(
                {
                    "id": len(boxes) + 1,
                    "image_id": index + 1,
                    "category_id": item.label + 1,
                    "bbox": [float(value) for value in item.box],
                    "area": float(item.area),
                    "iscrowd": 0,
                }
            )
        width, height = sizes[index]
        for row in detections[index]:
            x1, y1, x2, y2 = (row[2:].clip(0, 1) * [width, height, width, height]).tolist()
            found.append(
                {
                    "image_id": index + 1,
                    "category_id": int(row[0]) + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "score": float(row[1]),
                }
            )
    if not found:
        return Score(0.0, 0.0, {})
    with contextlib.redirect_stdout(io.StringIO()):
        ground = COCO(
            {
                "images": [
                    {"id": index + 1, "width": size[0], "height": size[1]}
                    for index, size in enumerate(sizes)
                ],
                "annotations": boxes,
                "categories": [
                    {"id": index + 1, "name": name} for index, name in enumerate(CLASS_NAMES)
                ],
            }
        )
        evaluation = COCOeval_faster(ground, ground.loadRes(found), "bbox", print_function=_silent)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    # precision is [IoU, recall, class, area, max detections]; -1 marks "no such objects".
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    per_class = {}
    for index, name in enumerate(CLASS_NAMES):
        values = precision[:, :, index]
        per_class[name] = float(np.mean(values[values > -1])) if (values > -1).any() else -1.0
    return Score(float(evaluation.stats[0]), float(evaluation.stats[1]), per_class)


def _silent(*_: object) -> None:
    """The evaluator's progress lines are of no use here."""
