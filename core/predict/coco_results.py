"""Detections as COCO results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import IO, Any

from core.detection.detections import DetectionTable
from core.detection.labels import coco_category_ids, label_map
from core.documents.plain_files import ListInPieces, write_plain
from core.predict.found import Found

_TOGETHER = 5000  # entries, that are written at a time


def write_coco_results(found: Found, path: Path) -> None:
    """What was found as COCO results: see `write_results`."""
    names = list(chain.from_iterable(one.names(found.dataset) for one in found.shards))
    with path.open("w+b") as file:
        write_results(file, names, found.tables)


def write_results(
    file: IO[bytes], image_names: Sequence[str], tables: Callable[[], Iterable[DetectionTable]]
) -> None:
    """One entry a detection: bbox is x, y, width, height in pixels of the original image.

    ``image_id`` is the number that the file is named by where all are (as in COCO), else the
    place in the dataset from 1 on; ``category_id`` is the official one for the 80 COCO classes,
    else the class id plus 1. ``file_name`` and ``category_name`` are there to be sure.

    `tables` gives the detections anew each time, in the images of `image_names` one after the
    other; `file` can be written again from its start.
    """
    ids = _image_ids(image_names)

    def pieces() -> Iterator[list[dict[str, Any]]]:
        before = 0
        for table in tables():
            entries = coco_results(table, ids[before : before + len(table)])
            before += len(table)
            while some := list(islice(entries, _TOGETHER)):
                yield some

    write_plain(file, ListInPieces(pieces))


def coco_results(
    table: DetectionTable, image_ids: Sequence[int] | None = None
) -> Iterator[dict[str, Any]]:
    """The entries of a table: see `write_results`. Its images are all, unless `image_ids` says."""
    image_ids = image_ids or _image_ids(table.image_names)
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
