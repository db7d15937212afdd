"""Whether two machines find the same in the same images."""

from __future__ import annotations

import hashlib

from core.detection.detections import DetectionTable


def found(table: DetectionTable) -> str:
    """A hash of detections, whatever the images are called."""
    digest = hashlib.sha256()
    for column in (table.image_sizes, table.offsets, table.boxes, table.scores, table.class_ids):
        digest.update(f"\0{column.shape}\0".encode())
        digest.update(column.tobytes())
    return digest.hexdigest()
