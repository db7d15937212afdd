"""Images of a report with both models' boxes: as SVG over an embedded JPEG, or as files."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from core.documents.html import filled
from core.documents.status_colours import (
    CLASS_CHANGED,
    DRIFTED,
    EXTRA,
    MATCHED,
    MISSED,
    SHIFTED,
)
from core.images.decode import ImageError, decode_image, read_file
from core.images.encode import jpeg
from core.images.marks import change_of, mark_at, mark_of
from core.metrics.comparison.large import of_image
from core.metrics.matching.statuses import Status
from core.remarks.remark import Remark
from core.remarks.sentences import sentence
from core.reports.filters import AnyComparison
from core.reports.kind import BOTH_MODELS, Called, ReportImages

Image = NDArray[np.uint8]
EMBEDDED_SIDE = 640
WORST_IMAGES = 12  # on a page
_QUALITY = 80


@dataclass(frozen=True)
class Look:
    """How boxes of a status are drawn, and what they are called."""

    status: Status
    colour: str
    dashed: bool
    word: str


LOOKS = (
    Look(Status.CLASS_CHANGED, CLASS_CHANGED, True, "class changed"),
    Look(Status.MISSED, MISSED, True, "missed"),
    Look(Status.EXTRA, EXTRA, True, "extra"),
    Look(Status.SHIFTED, SHIFTED, False, "shifted"),
    Look(Status.DRIFTED, DRIFTED, False, "score drift"),
    Look(Status.MATCHED, MATCHED, False, "matched"),
)


@dataclass(frozen=True)
class Box:
    """One box to be drawn: corners in pixels of the original, label, and look."""

    corners: tuple[float, float, float, float]
    label: str
    look: Look


def boxes_on(compared: AnyComparison, number: int, *, of_parent: bool) -> list[Box]:
    """One model's boxes on an image, those that agree first, so that others lie on top."""
    comparison, image = of_image(compared, number)
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


@dataclass(frozen=True)
class Read:
    """The pixels of an image, and what is to be said where it was changed since."""

    pixels: Image
    changed: Remark | None


def read_drawn(images: ReportImages, image: int) -> Read:
    """An image of a report as it is by now; raises ImageError where it cannot be read."""
    table = images.comparison.parent
    name, (width, height) = table.image_names[image], table.image_sizes[image].tolist()
    path = images.root / name
    data = read_file(path)
    pixels = decode_image(data, str(path))
    now = (pixels.shape[1], pixels.shape[0]), mark_of(data)
    then = (width, height), mark_at(table.image_marks, image)
    return Read(pixels, change_of(name, then, now))


def as_svg(pixels: Image | None, boxes: list[Box], title: str) -> Markup:
    """SVG of the image with these boxes; a grey sheet where it could not be read.

    The JPEG inside is at most `EMBEDDED_SIDE` pixels wide and high.
    """
    if pixels is not None:
        height, width = pixels.shape[:2]
        seen = filled(
            '<image width="{width}" height="{height}" href="data:image/jpeg;base64,{data}" '
            'preserveAspectRatio="none"/>',
            width=width,
            height=height,
            data=base64.b64encode(jpeg(_smaller(pixels), _QUALITY)).decode(),
        )
    else:
        width, height = 640, 480
        seen = Markup('<text x="20" y="40">The image cannot be read.</text>')
    unit = max(width, height) / EMBEDDED_SIDE
    return filled(
        '<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {width} {height}" '
        'role="img" aria-label="{title}" font-family="system-ui, sans-serif">{seen}{boxes}</svg>',
        width=width,
        height=height,
        title=title,
        seen=seen,
        boxes=Markup().join(_drawn(box, unit, width) for box in boxes),
    )


@dataclass(frozen=True)
class ShownImage:
    """An image of the page: how its boxes differ, and SVG of it with each model's boxes.

    `changed` says that it is another image by now, where it is.
    """

    name: str
    missed: int
    extra: int
    class_changed: int
    shifted: int
    drifted: int
    parent: Markup
    optimized: Markup
    changed: str


@dataclass(frozen=True)
class WorstImages:
    """What ``worst_images.html.j2`` shows; `filter` in words, empty for none."""

    images: tuple[ShownImage, ...]
    filter: str = ""
    looks: tuple[Look, ...] = LOOKS[::-1]
    called: Called = BOTH_MODELS


def worst_images(images: ReportImages, count: int) -> WorstImages:
    """The worst of the images that are chosen, each with both models' boxes."""
    comparison, rows = images.comparison, images.comparison.images
    place_of = np.empty(len(rows.image), np.int64)
    place_of[rows.image] = np.arange(len(rows.image))
    shown = []
    for image in images.chosen[:count].tolist():
        place, name = place_of[image], comparison.parent.image_names[image]
        read = None
        with suppress(ImageError):
            read = read_drawn(images, image)
        parent, optimized = (
            as_svg(
                read.pixels if read else None,
                boxes_on(comparison, image, of_parent=of_parent),
                name,
            )
            for of_parent in (True, False)
        )
        shown.append(
            ShownImage(
                name=name,
                missed=int(rows.missed[place]),
                extra=int(rows.extra[place]),
                class_changed=int(rows.class_changed[place]),
                shifted=int(rows.shifted[place]),
                drifted=int(rows.drifted[place]),
                parent=parent,
                optimized=optimized,
                changed=sentence(read.changed) if read and read.changed else "",
            )
        )
    called = images.called
    words = {"missed": called.missed, "extra": called.extra}
    looks = tuple(replace(one, word=words.get(one.word, one.word)) for one in LOOKS[::-1])
    return WorstImages(tuple(shown), images.filter, looks, called)


def write_images(
    images: ReportImages,
    folder: Path,
    count: int,
    done: Callable[[int], None] = lambda count: None,
) -> tuple[list[Path], list[Remark]]:
    """JPEGs of the worst `count` that are chosen, parent left and optimized right.

    Gives their files, and why images that cannot be read are left out, or may be drawn with boxes
    of another image. `done` gets how many were handled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    comparison, written, problems = images.comparison, list[Path](), list[Remark]()
    for number, image in enumerate(images.chosen[:count].tolist(), start=1):
        name = comparison.parent.image_names[image]
        try:
            read = read_drawn(images, image)
        except ImageError as error:
            problems.append(error.remark)
            continue
        if read.changed is not None:
            problems.append(read.changed)
        sides = [
            _painted(read.pixels.copy(), boxes_on(comparison, image, of_parent=of_parent))
            for of_parent in (True, False)
        ]
        stem = PurePosixPath(name).stem.encode("utf-8", "replace").decode()
        path = folder / f"{number:03d}-{stem}.jpg"
        path.write_bytes(jpeg(np.concatenate(sides, axis=1), _QUALITY))
        written.append(path)
        done(number)
    return written, problems


def _drawn(box: Box, unit: float, width: int) -> Markup:
    x1, y1, x2, y2 = box.corners
    size = 13 * unit
    wide = len(box.label) * size * 0.56 + 6 * unit
    top = y1 - size * 1.25 if y1 > size * 1.3 else y1
    left = max(0.0, min(x1, width - wide))
    dash = filled(' stroke-dasharray="{on:.1f} {off:.1f}"', on=6 * unit, off=4 * unit)
    return filled(
        '<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="none" '
        'stroke="{colour}" stroke-width="{line:.1f}"{dash}><title>{label}, {word}</title></rect>'
        '<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" '
        'fill="{colour}"/>'
        '<text x="{start:.1f}" y="{base:.1f}" font-size="{size:.1f}" fill="#fff">{label}</text>',
        x=x1, y=y1, width=x2 - x1, height=y2 - y1, colour=box.look.colour, line=2.5 * unit,
        dash=dash if box.look.dashed else "", label=box.label, word=box.look.word, left=left,
        top=top, wide=wide, high=size * 1.25,
        start=left + 3 * unit, base=top + size, size=size,
    )  # fmt: skip


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
