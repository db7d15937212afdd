"""Pictures and scenes for the viewer's tests."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from app.viewer.scene import BoxStatus, Overlay, ViewedImage

RED, GREEN, BLUE = QColor(220, 20, 20), QColor(20, 200, 20), QColor(20, 20, 220)


def write_picture(path: Path, width: int = 320, height: int = 240) -> Path:
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
    *boxes: Sequence[float], status: BoxStatus = BoxStatus.MATCHED, label: str = "person"
) -> Overlay:
    """Boxes of one status, with scores .90, .89 ..."""
    labels = tuple(f"{label} {0.9 - 0.01 * i:.2f}" for i in range(len(boxes)))
    return Overlay(
        np.array(boxes, np.float32).reshape(-1, 4),
        labels,
        np.full(len(boxes), int(status), np.uint8),
        tuple(f"{text}\nIoU 0.83" for text in labels),
    )


def viewed(
    path: Path,
    parent: Overlay | None = None,
    optimized: Overlay | None = None,
    *,
    size: tuple[int, int] = (320, 240),
    position: int = 2,
    total: int = 128,
    name: str | None = None,
) -> ViewedImage:
    """A scene on the picture at `path`."""
    return ViewedImage(
        name if name is not None else path.name,
        path,
        position,
        total,
        *size,
        parent or Overlay.none(),
        optimized or Overlay.none(),
    )
