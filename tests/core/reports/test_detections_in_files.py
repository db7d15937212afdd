"""Detections and truth of a large report stay in their files, and are looked at all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import WorkbenchError
from core.metrics.accuracy.image_truth import truth_of_image
from core.metrics.accuracy.truth import GroundTruth
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE
from core.reports.detections import TRUTH_FILE, are_large, open_pair, open_truth
from tests.support.tables import random_pair


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    parent, optimized = random_pair(3)
    parent.save(tmp_path / PARENT_DETECTIONS_FILE)
    optimized.save(tmp_path / OPTIMIZED_DETECTIONS_FILE)
    truth().save(tmp_path / TRUTH_FILE)
    return tmp_path


def truth() -> GroundTruth:
    """What both models found, the optimized one's as crowds."""
    parent, optimized = random_pair(3)
    areas = [np.arange(len(one.scores), dtype=np.float64) for one in (parent, optimized)]
    mapped = np.ones(len(parent.class_names), bool)
    return GroundTruth(parent, areas[0], optimized, areas[1], mapped)


def test_the_truth_of_an_image(folder: Path) -> None:
    pair = open_pair(folder)
    stored, whole = open_truth(folder, pair), truth()
    assert stored is not None
    assert stored.table.image_names is pair.parent.image_names
    for image in range(len(pair.parent)):
        found, wanted = (truth_of_image(one, image, 0.5) for one in (stored, whole))
        assert found.names == wanted.names
        assert found.boxes.tobytes() == wanted.boxes.tobytes()
        assert found.ignored.tolist() == wanted.ignored.tolist()
    (folder / TRUTH_FILE).unlink()
    assert open_truth(folder, pair) is None


@pytest.mark.parametrize("name", [OPTIMIZED_DETECTIONS_FILE, TRUTH_FILE])
def test_of_other_images(folder: Path, name: str) -> None:
    parent, _ = random_pair(3)
    names = (*parent.image_names[:-1], "another.jpg")
    other = replace(parent, image_names=names)
    if name == TRUTH_FILE:
        replace(truth(), table=other).save(folder / name)
    else:
        other.save(folder / name)
    with pytest.raises(WorkbenchError, match="other images or classes than parent"):
        open_truth(folder, open_pair(folder))


def test_no_image_lies_outside(folder: Path) -> None:
    for table, name in zip(
        random_pair(3), (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE), strict=True
    ):
        names = ("../secret.jpg", *table.image_names[1:])
        replace(table, image_names=names).save(folder / name)
    with pytest.raises(WorkbenchError, match="outside the dataset"):
        open_pair(folder)


def test_few_detections_are_not_large(folder: Path) -> None:
    assert not are_large(folder)
    with (folder / PARENT_DETECTIONS_FILE).open("r+b") as file:
        file.truncate(60_000_000)
    assert are_large(folder)
