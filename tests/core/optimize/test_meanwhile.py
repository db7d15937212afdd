"""The parent is tried while something else goes on; what it tells comes before what is next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.errors import JobCancelled, WorkbenchError
from core.models.calibration_warnings import CalibrationWarning, OtherValuesBetter
from core.models.importing import Evidence, import_model
from core.models.running import FirstRuns
from core.optimize.checks import TRYING, Calibration, try_parent
from core.optimize.meanwhile import parent_tried
from core.runtime import openvino_core
from tests.support.blobs import blob_finder, blob_images
from tests.support.models import save

PREPARING, NEXT = "preparing", "next"


@pytest.fixture(scope="module")
def about(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """A detector that is fed with other values than it wants."""
    folder = tmp_path_factory.mktemp("blobs")
    images = blob_images(folder / "images")
    model = save(blob_finder(rgb=True, unit=True), folder / "model", "blobs", ["red"])
    stored = import_model(model, folder, evidence=Evidence(images=images))
    wrong = msgspec.structs.replace(stored.card.detector.preprocessing, scale=(1.0,) * 3)
    detector = msgspec.structs.replace(stored.card.detector, preprocessing=wrong, reasons=())
    dataset = open_dataset(folder / "images", "calibration")
    return Calibration(stored.xml, detector, dataset, np.arange(len(images)))


def test_it_is_told_before_the_next_stage(about: Calibration) -> None:
    said: list[str] = []

    def tell(warnings: tuple[CalibrationWarning, ...]) -> None:
        assert [type(one) for one in warnings] == [OtherValuesBetter]
        said.append("told")

    def hear(stage: str, done: int, total: int | None) -> None:
        if said[-1:] != [stage]:
            said.append(stage)

    with parent_tried(about, hear, PREPARING, tell) as step:
        step(PREPARING, 0, None)
        assert said == [TRYING, PREPARING]
        step(NEXT, 0, 3)
        step(NEXT, 1, 3)
    assert [one for one in said[2:] if one != TRYING] == ["told", NEXT]


def test_nothing_need_come_after_it(about: Calibration) -> None:
    told: list[CalibrationWarning] = []
    with parent_tried(about, lambda *_: None, PREPARING, told.extend) as step:
        step(PREPARING, 0, None)
    assert told == list(try_parent(about, lambda: None))


def test_what_fails_in_it_fails_at_the_next_stage(about: Calibration, tmp_path: Path) -> None:
    gone = replace(about, xml=tmp_path / "gone.xml")
    reached = False
    with (
        pytest.raises(WorkbenchError, match=r"gone\.xml is missing"),
        parent_tried(gone, lambda *_: None, PREPARING, lambda _: None) as step,
    ):
        step(PREPARING, 0, None)
        reached = True
        step(NEXT, 0, None)
    assert reached


def test_it_stops_with_whom_it_works_beside(about: Calibration) -> None:
    told: list[object] = []

    def hear(stage: str, done: int, total: int | None) -> None:
        if stage == PREPARING:
            raise JobCancelled

    with (
        pytest.raises(JobCancelled),
        parent_tried(about, hear, PREPARING, told.append) as step,
    ):
        step(PREPARING, 0, None)
    assert told == []


def test_images_side_by_side_are_found_as_one_by_one(about: Calibration) -> None:
    model = openvino_core().read_model(about.xml)
    images = [np.full((64, 64, 3), level, np.uint8) for level in (0, 60, 120)]
    images[1][8:16, 8:16] = 0, 0, 255
    together = FirstRuns(model, "blobs", at_once=2).detections(about.detector, *images)
    alone = FirstRuns(model, "blobs")
    assert len(together) == len(images)
    for image, found in zip(images, together, strict=True):
        (expected,) = alone.detections(about.detector, image)
        assert np.array_equal(found.boxes, expected.boxes)
        assert np.array_equal(found.scores, expected.scores)
    assert len({len(one) for one in together}) > 1, "or the order would not be seen"
