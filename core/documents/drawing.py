"""Detections drawn into an image, for the terminal. (The window draws its own.)"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.detection.detections import Detections
from core.errors import WorkbenchError
from core.images.decode import Image

# Wong's colours for the colour-blind, BGR; classes take them in turns.
COLORS = (
    (0, 159, 230), (233, 180, 86), (115, 158, 0), (66, 228, 240),
    (178, 114, 0), (0, 94, 213), (167, 121, 204),
)  # fmt: skip


def draw_detections(image: Image, found: Detections, class_names: Sequence[str]) -> Image:
    """A copy of `image` (BGR) with each box, and its class and score above it."""
    from core.images.opencv import cv2

    drawn = image.copy()
    thickness = max(1, round(max(image.shape[:2]) / 500))
    size = thickness * 0.45
    for box, score, class_id in zip(found.boxes, found.scores, found.class_ids, strict=True):
        left, top, right, bottom = (round(float(side)) for side in box)
        color = COLORS[int(class_id) % len(COLORS)]
        cv2.rectangle(drawn, (left, top), (right, bottom), color, thickness)
        text = f"{printable(class_names[int(class_id)])} {score:.2f}"
        (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thickness)
        base = max(height + below, top)
        cv2.rectangle(drawn, (left, base - height - below), (left + width, base), color, -1)
        place = (left, base - below // 2 - 1)
        cv2.putText(
            drawn, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), thickness, cv2.LINE_AA
        )
    return np.asarray(drawn, np.uint8)


def printable(name: str) -> str:
    """`name` in the letters that OpenCV's font has; others (some crash it) become ``?``."""
    plain = name.encode("ascii", "replace").decode("ascii")
    return "".join(letter if letter.isprintable() else "?" for letter in plain)[:60]


def write_image_file(path: Path, image: Image) -> None:
    """Write an image in the format of its suffix; raises WorkbenchError where that fails."""
    from core.images.opencv import cv2

    try:
        made, data = cv2.imencode(path.suffix.lower(), image)
    except cv2.error:
        made = False
    if not made:
        raise WorkbenchError(
            f"{path} has a suffix that no image can be written with.", "Name it .png or .jpg."
        )
    path.write_bytes(data.tobytes())
