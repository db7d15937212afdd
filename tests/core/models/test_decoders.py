"""From a network's outputs to boxes in pixels of the original image."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest

from core.datasets.open import open_dataset
from core.detection.detections import DetectionTable
from core.errors import WorkbenchError
from core.images.placement import Placement
from core.inference.predicting import predict
from core.models.decoders.base import MAX_DETECTIONS
from core.models.decoders.registry import LAYOUTS, decoder_by_id, recognise
from core.models.decoders.ssd import SsdDecoder
from core.models.decoders.yolox import YoloxDecoder
from core.models.importing import import_model
from core.models.preprocessing import Preprocessing
from core.remarks.sentences import sentences
from tests.support import models
from tests.support.checkout import ROOT
from tests.support.images import write_image
from tests.support.models import Known

FOUND = [
    Known((8.25, 10.5, 40.125, 30.75), 0.9, 2),
    Known((1, 2, 20, 60), 0.5, 0),
    Known((30, 5, 60, 25), 0.25, 1),
]
ITSELF = Placement(64, 64, 1, 1)
INPUT = Preprocessing(width=64, height=64)


def test_every_decoder_has_its_line_in_the_table() -> None:
    assert [decoder_by_id(layout).id for layout in LAYOUTS] == list(LAYOUTS)
    folder = ROOT / "core/models/decoders"
    written = re.findall(
        r"^    id = \"(.+)\"", "".join(map(Path.read_text, folder.glob("*.py"))), re.M
    )
    assert sorted(written) == sorted(LAYOUTS)


def found_by(model: ov.Model, folder: Path, width: int, height: int) -> DetectionTable:
    path = models.save(model, folder / "model", "known", models.CLASSES)
    (folder / "stored").mkdir()
    stored = import_model(path, folder / "stored")
    write_image(folder / "images" / "one.png", width, height)
    dataset = open_dataset(folder / "images")
    return predict(stored.xml, stored.card.detector, dataset).table


@pytest.mark.parametrize("size", [(64, 64), (640, 480), (333, 77), (31, 400)])
def test_ssd_boxes_are_stretched_back(tmp_path: Path, size: tuple[int, int]) -> None:
    table = found_by(models.known_ssd(FOUND), tmp_path, *size)
    width, height = size
    scale = [width / 64, height / 64] * 2
    expected = np.array([one.box for one in FOUND]) * scale
    assert np.abs(table.boxes - expected).max() < 1e-3
    assert table.class_ids.tolist() == [2, 0, 1]
    assert table.scores.tolist() == pytest.approx([0.9, 0.5, 0.25])
    assert table.image_sizes.tolist() == [[width, height]]
    assert table.class_names == models.CLASSES


@pytest.mark.parametrize("size", [(64, 64), (640, 480), (480, 640), (333, 401)])
def test_yolox_boxes_come_out_of_the_letterbox(tmp_path: Path, size: tuple[int, int]) -> None:
    table = found_by(models.known_yolox(FOUND), tmp_path, *size)
    width, height = size
    scale = min(64 / width, 64 / height)
    expected = np.array([one.box for one in FOUND]) / scale
    expected = np.minimum(expected, [width, height] * 2)
    assert np.abs(table.boxes - expected).max() < 1e-3
    assert table.class_ids.tolist() == [2, 0, 1]
    assert table.scores.tolist() == pytest.approx([0.9, 0.5, 0.25], abs=1e-5)


def test_yolox_with_an_input_that_is_not_square(tmp_path: Path) -> None:
    model = models.known_yolox(FOUND, width=96, height=64)
    table = found_by(model, tmp_path, 192, 128)
    expected = np.array([one.box for one in FOUND]) * 2
    assert np.abs(table.boxes - expected).max() < 1e-3


def test_ssd_is_recognised_and_says_why() -> None:
    decoder, claim = recognise(models.facts(models.ssd(classes=3)))[0]
    assert isinstance(decoder, SsdDecoder)
    assert (claim.class_count, claim.options["first_label"]) == (3, 1)
    assert claim.preprocessing == Preprocessing(width=64, height=64)
    assert any("DetectionOutput" in reason for reason in sentences(claim.reasons))
    assert claim.confidence > 0.9


@pytest.mark.parametrize("sigmoid", [True, False])
def test_yolox_is_recognised_and_says_why(sigmoid: bool) -> None:
    model = models.yolox(width=96, height=64, classes=4, sigmoid=sigmoid)
    decoder, claim = recognise(models.facts(model))[0]
    assert isinstance(decoder, YoloxDecoder)
    assert claim.class_count == 4
    assert claim.options == {"grid": True, "sigmoid": not sigmoid, "largest": 32}
    wanted = claim.preprocessing
    assert (wanted.width, wanted.height) == (96, 64)
    assert (wanted.resize, wanted.color_order, wanted.pad_value) == (
        "letterbox_top_left", "bgr", 114
    )  # fmt: skip
    assert any("strides 8, 16, 32" in reason for reason in sentences(claim.reasons))


def test_no_decoder_claims_an_embedding() -> None:
    assert SsdDecoder().recognise(models.facts(models.embedding())) is None
    assert YoloxDecoder().recognise(models.facts(models.embedding())) is None
    assert SsdDecoder().recognise(models.facts(models.yolox())) is None
    assert YoloxDecoder().recognise(models.facts(models.ssd())) is None


def test_a_decoder_of_a_newer_program_is_named() -> None:
    assert decoder_by_id("yolox-raw").title.startswith("YOLOX")
    with pytest.raises(WorkbenchError, match="'detr-2030' is not known to this version"):
        decoder_by_id("detr-2030")


def ssd_rows(*rows: tuple[float, ...]) -> list[Any]:
    return [np.array(rows, np.float32).reshape(1, 1, -1, 7)]


def test_ssd_rows_end_at_the_mark_and_start_at_the_first_label() -> None:
    outputs = ssd_rows(
        (0, 1, 0.5, 0, 0, 0.5, 0.5),
        (0, 2, 0.9, 0, 0, 0.5, 0.5),
        (0, 0, 0.8, 0, 0, 0.5, 0.5),  # the background
        (0, 1, 0.005, 0, 0, 0.5, 0.5),  # below the floor
        (0, 1, 0.9, 0.5, 0.5, 0.5, 0.9),  # without width
        (0, 1, np.nan, 0, 0, 0.5, 0.5),
        (0, 1, 0.9, np.nan, 0, 0.5, 0.5),
        (-1, 0, 0, 0, 0, 0, 0),
        (0, 1, 0.99, 0, 0, 0.5, 0.5),  # stale
    )
    found = SsdDecoder().decode(outputs, INPUT, {"first_label": 1}, ITSELF)
    assert found.class_ids.tolist() == [1, 0]
    assert found.scores.tolist() == pytest.approx([0.9, 0.5])
    assert found.boxes.tolist() == [[0, 0, 32, 32]] * 2


def test_ssd_boxes_beyond_the_image_are_cut() -> None:
    found = SsdDecoder().decode(
        ssd_rows((0, 0, 0.9, -0.5, 0.5, 1.5, 2)), INPUT, {"first_label": 0}, ITSELF
    )
    assert found.boxes.tolist() == [[0, 32, 64, 64]]


def yolox_rows(**cells: list[float]) -> list[Any]:
    """84 rows for 64 x 64; the named ones (c0, c1, ...) are filled."""
    rows = np.zeros((1, 84, 7), np.float32)
    for name, row in cells.items():
        rows[0, int(name[1:])] = row
    return [rows]


OPTIONS = {"grid": True, "sigmoid": False, "largest": 32}


def decoded(**cells: list[float]) -> Any:
    return YoloxDecoder().decode(yolox_rows(**cells), INPUT, OPTIONS, ITSELF)


def test_yolox_cells_lie_in_rows_of_three_grids() -> None:
    found = decoded(
        c9=[0.5, 0.5, 0, 0, 1, 0.9, 0],  # stride 8: second row, second column
        c65=[0.5, 0.5, 0, 0, 1, 0.8, 0],  # stride 16: first row, second column
        c83=[0.5, 0.5, 0, 0, 1, 0.7, 0],  # stride 32: the last
    )
    assert found.boxes.tolist() == [[8, 8, 16, 16], [16, 0, 32, 16], [32, 32, 64, 64]]


def test_yolox_score_is_objectness_times_class_for_every_class() -> None:
    found = decoded(c0=[0.5, 0.5, 0, 0, 0.5, 0.8, 0.4])
    assert found.scores.tolist() == pytest.approx([0.4, 0.2])
    assert found.class_ids.tolist() == [0, 1]


def test_yolox_logits_go_through_a_sigmoid() -> None:
    rows = np.full((1, 84, 7), -20, np.float32)
    rows[0, 0] = [0.5, 0.5, 0, 0, 0, np.log(3), -20]
    found = YoloxDecoder().decode([rows], INPUT, {**OPTIONS, "sigmoid": True}, ITSELF)
    assert found.scores.tolist() == pytest.approx([0.5 * 0.75])


def test_yolox_rows_that_are_no_numbers_are_left_out() -> None:
    found = decoded(
        c0=[np.nan, 0.5, 0, 0, 1, 0.9, 0],
        c1=[0.5, 0.5, 0, 0, np.nan, 0.9, 0],
        c2=[0.5, 0.5, 500, 0, 1, 0.9, 0],  # exp overflows
        c83=[0.5, 0.5, 0, 0, 1, 0.7, 0],
    )
    assert found.boxes.tolist() == [[32, 32, 64, 64]]


def test_detections_of_an_image_are_limited() -> None:
    rows = np.zeros((1, 84, 85), np.float32)
    rows[0, :, :2] = 0.5
    rows[0, :, 4:] = 0.9
    found = YoloxDecoder().decode([rows], INPUT, OPTIONS, ITSELF)
    assert len(found) == MAX_DETECTIONS
