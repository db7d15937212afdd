"""Images with both models' boxes: as SVG over an embedded JPEG, or drawn into files."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.documents.charts import BLUE, GREEN, ORANGE, PURPLE, VERMILION
from core.documents.html import text
from core.errors import InputError
from core.images.decode import read_image
from core.images.encode import jpeg
from core.metrics.comparison.comparison import Comparison, Status

Image = NDArray[np.uint8]
EMBEDDED_SIDE = 640
_QUALITY = 80


@dataclass(frozen=True)
class Look:
    """How boxes of a status are drawn, and what they are called."""

    status: Status
    colour: str
    dashed: bool
    word: str


LOOKS = (
    Look(Status.CLASS_CHANGED, ORANGE, True, "class changed"),
    Look(Status.MISSED, VERMILION, True, "missed"),
    Look(Status.EXTRA, PURPLE, True, "extra"),
    Look(Status.SHIFTED | Status.DRIFTED, GREEN, False, "shifted or drifted"),
    Look(Status.MATCHED, BLUE, False, "matched"),
)


@dataclass(frozen=True)
class Box:
    """One box to be drawn: corners in pixels of the original, label, and look."""

    corners: tuple[float, float, float, float]
    label: str
    look: Look


def boxes_on(comparison: Comparison, image: int, *, of_parent: bool) -> list[Box]:
    """One model's boxes on an image, those that agree first, so that others lie on top."""
    table = comparison.parent if of_parent else comparison.optimized
    statuses = comparison.status_of_parent if of_parent else comparison.status_of_optimized
    rows = range(int(table.offsets[image]), int(table.offsets[image + 1]))
    found = []
    for row in rows:
        look = next((one for one in LOOKS if int(statuses[row]) & one.status), None)
        if look is not None:
            x1, y1, x2, y2 = table.boxes[row].tolist()
            name = table.class_names[table.class_ids[row]]
            found.append(Box((x1, y1, x2, y2), f"{name} {table.scores[row]:.2f}", look))
    return sorted(found, key=lambda box: -LOOKS.index(box.look))


def picture(path: Path, boxes: list[Box], title: str) -> str:
    """SVG of the image with these boxes; a grey sheet where it cannot be read.

    The JPEG inside is at most `EMBEDDED_SIDE` pixels wide and high.
    """
    try:
        pixels = read_image(path)
        height, width = pixels.shape[:2]
        data = base64.b64encode(jpeg(_smaller(pixels), _QUALITY)).decode()
        shown = (
            f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{data}" '
            'preserveAspectRatio="none"/>'
        )
    except InputError:
        width, height, shown = 640, 480, '<text x="20" y="40">The image cannot be read.</text>'
    unit = max(width, height) / EMBEDDED_SIDE
    body = "".join(_drawn(box, unit, width) for box in boxes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{text(title)}" font-family="system-ui, sans-serif">'
        f"{shown}{body}</svg>"
    )


def write_pictures(
    comparison: Comparison,
    root: Path,
    images: list[int],
    folder: Path,
    done: Callable[[int], None] = lambda count: None,
) -> list[Path]:
    """JPEGs of these images, parent left and optimized right; gives the files.

    Images that cannot be read are left out. `done` is told how many were handled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for count, image in enumerate(images, start=1):
        name = comparison.parent.image_names[image]
        try:
            pixels = read_image(root / name)
        except InputError:
            continue
        sides = [
            _painted(pixels.copy(), boxes_on(comparison, image, of_parent=of_parent))
            for of_parent in (True, False)
        ]
        stem = PurePosixPath(name).stem.encode("utf-8", "replace").decode()
        path = folder / f"{count:03d}-{stem}.jpg"
        path.write_bytes(jpeg(np.concatenate(sides, axis=1), _QUALITY))
        written.append(path)
        done(count)
    return written


def _drawn(box: Box, unit: float, width: int) -> str:
    x1, y1, x2, y2 = box.corners
    dash = f' stroke-dasharray="{6 * unit:.1f} {4 * unit:.1f}"' if box.look.dashed else ""
    size = 13 * unit
    wide = len(box.label) * size * 0.56 + 6 * unit
    top = y1 - size * 1.25 if y1 > size * 1.3 else y1
    left = max(0.0, min(x1, width - wide))
    return (
        f'<rect x="{x1:.1f}" y="{y1:.1f}" width="{x2 - x1:.1f}" height="{y2 - y1:.1f}" '
        f'fill="none" stroke="{box.look.colour}" stroke-width="{2.5 * unit:.1f}"{dash}>'
        f"<title>{text(f'{box.label}, {box.look.word}')}</title></rect>"
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{size * 1.25:.1f}" '
        f'fill="{box.look.colour}"/>'
        f'<text x="{left + 3 * unit:.1f}" y="{top + size:.1f}" font-size="{size:.1f}" '
        f'fill="#fff">{text(box.label)}</text>'
    )


def _painted(pixels: Image, boxes: list[Box]) -> Image:
    from core.images.opencv import cv2

    unit = max(1, round(max(pixels.shape[:2]) / EMBEDDED_SIDE))
    for box in boxes:
        x1, y1, x2, y2 = (round(side) for side in box.corners)
        red, green, blue = bytes.fromhex(box.look.colour[1:])
        colour: Any = (blue, green, red)
        cv2.rectangle(pixels, (x1, y1), (x2, y2), colour, 2 * unit)
        label = box.label.encode("ascii", "replace").decode()  # others end OpenCV's process
        where = (x1, max(y1 - 4 * unit, 12 * unit))
        cv2.putText(pixels, label, where, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * unit, colour, unit)
    return pixels


def _smaller(pixels: Image) -> Image:
    from core.images.opencv import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, EMBEDDED_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size == (width, height):
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
