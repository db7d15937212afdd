"""What another input size keeps, by the annotations of the images."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.detection.detections import Detections, DetectionTable
from core.search.judging_sizes import ByTruth, estimated
from tests.support.blobs import blob_images

SIDE, IMAGES, OBJECTS = 20.0, 4, 3  # small ones


def boxes(image: int) -> np.ndarray:
    """Corners ``[3,4]`` of the objects of an image."""
    left = 2 + 20 * np.arange(OBJECTS, dtype=np.float32)
    top = np.full(OBJECTS, 5 + image, np.float32)
    return np.stack([left, top, left + SIDE - 2, top + SIDE], axis=1)


def annotated(folder: Path, name: str = "red") -> Dataset:
    paths = blob_images(folder)
    entries = [
        {"image_id": image, "category_id": 1, "iscrowd": 0,
         "bbox": [float(a), float(b), float(c - a), float(d - b)], "area": float((c - a) * (d - b))}
        for image in range(IMAGES)
        for a, b, c, d in boxes(image)
    ]  # fmt: skip
    content = {
        "images": [
            {"id": n, "file_name": path.name, "width": 64, "height": 64}
            for n, path in enumerate(paths)
        ],
        "categories": [{"id": 1, "name": name}],
        "annotations": [{**one, "id": n} for n, one in enumerate(entries, start=1)],
    }
    (folder / "instances_val.json").write_text(json.dumps(content))
    return open_dataset(folder)


def found(dataset: Dataset, most: int, moved: float = 0.0) -> DetectionTable:
    """The first so many objects of each image, scored alike but moved by so many pixels."""
    each = [
        Detections(
            boxes(image)[:most] + np.float32(moved),
            np.linspace(0.9, 0.8, OBJECTS, dtype=np.float32)[:most],
            np.zeros(most, np.int32),
        )
        for image in range(IMAGES)
    ]
    return DetectionTable.build(dataset.images, [(64, 64)] * IMAGES, each, ["red"])


def test_what_is_found_counts_and_not_what_merely_differs(tmp_path: Path) -> None:
    dataset = annotated(tmp_path / "images")
    parent = found(dataset, 3, moved=1.5)
    judge = ByTruth(parent, dataset)
    same = judge.measured(parent)
    assert same is not None
    assert (same.share, same.at_least, same.small, same.measured) == (1.0, 1.0, 1.0, True)
    better = judge.measured(found(dataset, 3))
    assert better is not None
    assert better.share == 1.0, "no more than all of it is kept"
    assert better.small is not None
    assert better.small > 1.0
    assert estimated(parent, found(dataset, 3)).share < 1.0, "without annotations that is a loss"
    half = judge.measured(found(dataset, 1, moved=1.5))
    assert half is not None
    assert half.share < 0.5
    assert half.small is not None
    assert half.small < 0.5


def test_annotations_of_something_else_measure_nothing(tmp_path: Path) -> None:
    dataset = annotated(tmp_path / "images", name="zebra")
    parent = found(dataset, 3)
    assert ByTruth(parent, dataset).measured(parent) is None
    plain = open_dataset(blob_images(tmp_path / "plain")[0].parent)
    assert ByTruth(found(plain, 3), plain).measured(found(plain, 3)) is None
