"""Detections as COCO results."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from core.detection.detections import DetectionTable
from core.detection.labels import coco_category_ids, label_map


def coco_results(table: DetectionTable) -> list[dict[str, Any]]:
    """One entry a detection: bbox is x, y, width, height in pixels of the original image.

    ``image_id`` is the number that the file is named by where all are (as in COCO), else the
    place in the dataset from 1 on; ``category_id`` is the official one for the 80 COCO classes,
    else the class id plus 1. ``file_name`` and ``category_name`` are there to be sure.
    """
    image_ids = _image_ids(table.image_names)
    category_ids = _category_ids(table.class_names)
    corners = table.boxes.astype(float)
    entries = zip(
        table.image_indices.tolist(),
        table.class_ids.tolist(),
        corners.tolist(),
        table.scores.tolist(),
        strict=True,
    )
    return [
        {
            "image_id": image_ids[image],
            "file_name": table.image_names[image],
            "category_id": category_ids[class_id],
            "category_name": table.class_names[class_id],
            "bbox": [round(v, 3) for v in (x1, y1, x2 - x1, y2 - y1)],
            "score": round(score, 6),
        }
        for image, class_id, (x1, y1, x2, y2), score in entries
    ]


def _image_ids(names: tuple[str, ...]) -> list[int]:
    stems = [PurePosixPath(name).stem for name in names]
    if all(stem.isascii() and stem.isdigit() for stem in stems):
        numbers = [int(stem) for stem in stems]
        if len(set(numbers)) == len(numbers):
            return numbers
    return list(range(1, len(names) + 1))


def _category_ids(class_names: tuple[str, ...]) -> tuple[int, ...]:
    if class_names == label_map("coco-80"):
        return coco_category_ids()
    return tuple(range(1, len(class_names) + 1))
