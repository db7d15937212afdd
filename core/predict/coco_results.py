"""Detections as COCO results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from core.detection.detections import DetectionTable
from core.detection.labels import coco_category_ids, label_map
from core.predict.found import Found
from core.values import to_json


def coco_results(table: DetectionTable) -> list[dict[str, Any]]:
    """One entry a detection: bbox is x, y, width, height in pixels of the original image.

    ``image_id`` is the number that the file is named by where all are (as in COCO), else the
    place in the dataset from 1 on; ``category_id`` is the official one for the 80 COCO classes,
    else the class id plus 1. ``file_name`` and ``category_name`` are there to be sure.
    """
    return list(_entries(table, _image_ids(table.image_names)))


def write_coco_results(found: Found, path: Path) -> None:
    """The file that `coco_results` of the whole would be written to, part by part."""
    names = list(chain.from_iterable(one.names(found.dataset) for one in found.shards))
    ids, before = _image_ids(names), 0
    with path.open("wb") as file:
        file.write(b"[")
        between = b"\n"
        for table in found.tables():
            entries = _entries(table, ids[before : before + len(table)])
            before += len(table)
            for entry in entries:
                file.write(between + b" " + _indented(entry))
                between = b",\n"
        file.write(b"]\n" if between == b"\n" else b"\n]\n")


def _indented(entry: dict[str, Any]) -> bytes:
    """As `core.values.write_json` lays an entry of a list out."""
    line = to_json(entry)
    try:
        return msgspec.json.format(line, indent=1).replace(b"\n", b"\n ")
    except msgspec.DecodeError:  # a name that is not UTF-8: it stays on one line
        return line


def _entries(table: DetectionTable, image_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    category_ids = _category_ids(table.class_names)
    corners = table.boxes.astype(float)
    entries = zip(
        table.image_indices.tolist(),
        table.class_ids.tolist(),
        corners.tolist(),
        table.scores.tolist(),
        strict=True,
    )
    for image, class_id, (x1, y1, x2, y2), score in entries:
        yield {
            "image_id": image_ids[image],
            "file_name": table.image_names[image],
            "category_id": category_ids[class_id],
            "category_name": table.class_names[class_id],
            "bbox": [round(v, 3) for v in (x1, y1, x2 - x1, y2 - y1)],
            "score": round(score, 6),
        }


def _image_ids(names: Sequence[str]) -> list[int]:
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
