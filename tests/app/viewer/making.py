"""Images and scenes for the viewer's tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from app.viewer.scene.scene import BoxStatus, Overlay, Side, ViewedImage

RED, GREEN, BLUE = QColor(220, 20, 20), QColor(20, 200, 20), QColor(20, 20, 220)


def write_image_file(path: Path, width: int = 320, height: int = 240) -> Path:
    """Red, with a green left half of its upper half: what is up and what is left can be seen."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(RED)
    painter = QPainter(image)
    painter.fillRect(0, 0, width // 2, height // 2, GREEN)
    painter.end()
    path.parent.mkdir(parents=True, exist_ok=True)
    assert image.save(str(path), quality=95), path
    return path


def turn_by_exif(path: Path, orientation: int) -> None:
    """Insert an EXIF orientation into a JPEG file."""
    data = path.read_bytes()
    assert data.startswith(b"\xff\xd8")
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    path.write_bytes(data[:2] + segment + data[2:])


def overlay(
    *boxes: Sequence[float],
    status: BoxStatus = BoxStatus.MATCHED,
    label: str = "person",
    class_id: int = 0,
    links: Mapping[Side, Sequence[int]] | None = None,
) -> Overlay:
    """Boxes of one status, with scores .90, .89 ..."""
    scores = [0.9 - 0.01 * i for i in range(len(boxes))]
    labels = tuple(f"{label} {score:.2f}" for score in scores)
    return Overlay(
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        names=(label,) * len(boxes),
        labels=labels,
        statuses=np.full(len(boxes), int(status), np.uint8),
        hints=tuple(f"{text}\nIoU 0.83" for text in labels),
        class_ids=np.full(len(boxes), class_id, np.int32),
        scores=np.array(scores, np.float32),
        rows=np.arange(len(boxes)),
        links={side: np.array(places, np.int32) for side, places in (links or {}).items()},
        ious={side: np.full(len(places), 0.83) for side, places in (links or {}).items()},
    )


def viewed(
    path: Path,
    parent: Overlay | None = None,
    optimized: Overlay | None = None,
    truth: Overlay | None = None,
    *,
    size: tuple[int, int] = (320, 240),
    position: int = 2,
    total: int = 128,
    name: str | None = None,
    mark: int = 0,
) -> ViewedImage:
    """A scene on the image at `path`."""
    return ViewedImage(
        name if name is not None else path.name,
        path,
        position,
        total,
        *size,
        parent or Overlay.none(),
        optimized or Overlay.none(),
        truth,
        number=position,
        class_names=("person", "car", "dog"),
        class_order=(1, 0),
        mark=mark,
    )


def with_columns(
    *rows: tuple[BoxStatus, int, float], links: Mapping[Side, Sequence[int]]
) -> Overlay:
    """Boxes beside each other, from their status, class id and score."""
    names = ("person", "car", "dog")
    return Overlay(
        boxes=np.array([[40 * i, 20, 40 * i + 30, 90] for i in range(len(rows))], np.float32),
        names=tuple(names[class_id] for _, class_id, _ in rows),
        labels=tuple(f"{names[class_id]} {score:.2f}" for _, class_id, score in rows),
        statuses=np.array([int(status) for status, _, _ in rows], np.uint8),
        hints=tuple(f"{names[class_id]}, score {score:.3f}" for _, class_id, score in rows),
        class_ids=np.array([class_id for _, class_id, _ in rows], np.int32),
        scores=np.array([score for _, _, score in rows], np.float32),
        rows=np.arange(len(rows)) + 7,
        links={side: np.array(places, np.int32) for side, places in links.items()},
        ious={side: np.full(len(places), 0.83) for side, places in links.items()},
    )
