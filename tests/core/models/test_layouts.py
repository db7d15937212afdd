"""Every output layout: networks that find known boxes, decoded to within 1e-3 pixels."""

from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from core.datasets.open import open_dataset
from core.errors import InputError
from core.inference.predicting import predict
from core.models.adjusting import Overrides
from core.models.importing import Evidence, import_model
from tests.core.models.layout_cases import CASES, FOUND, assert_found, imported, retinanet, yolov5
from tests.support import layouts, models
from tests.support.images import write_image
from tests.support.models import SIZE


@pytest.mark.parametrize("name", CASES)
def test_known_boxes_come_out(tmp_path: Path, name: str) -> None:
    assert_found(CASES[name].make(), CASES[name], tmp_path)


@pytest.mark.parametrize("name", CASES)
def test_outputs_need_no_batch_axis(tmp_path: Path, name: str) -> None:
    assert_found(layouts.without_batch(CASES[name].make()), CASES[name], tmp_path)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("case", ["yolov5", "yolov8"])
def test_raw_heads_beside_the_table_are_left_out(tmp_path: Path, case: str, first: bool) -> None:
    model = layouts.with_heads(CASES[case].make(), channels=144, first=first)
    assert_found(model, CASES[case], tmp_path)


def test_distances_from_unknown_anchors_are_no_boxes(tmp_path: Path) -> None:
    """An SSD of which neither its anchors nor its post-processing were exported."""
    random = np.random.default_rng(0)
    outputs = {
        "raw_boxes": random.normal(0, 1, (1, 1917, 4)),
        "scores": random.uniform(0, 1, (1, 1917, 91)),
    }
    path = models.save(layouts.emitting(outputs), tmp_path, "ssd")
    with pytest.raises(InputError, match="boxes are not decoded") as refused:
        import_model(path, tmp_path)
    assert "with its post-processing" in refused.value.next_step


def test_one_batch_axis_too_many(tmp_path: Path) -> None:
    assert_found(layouts.with_another_axis(yolov5()), CASES["yolov5"], tmp_path)


@pytest.mark.parametrize("scheme", ["torch", "keras", "plain"])
def test_other_anchors_and_deltas_can_be_chosen(tmp_path: Path, scheme: str) -> None:
    path = models.save(retinanet(scheme), tmp_path / "model", "known", models.CLASSES)
    evidence = Evidence(overrides=Overrides(options={"scheme": scheme}))
    (tmp_path / "stored").mkdir()
    stored = import_model(path, tmp_path / "stored", evidence=evidence)
    write_image(tmp_path / "images" / "one.png", SIZE, SIZE)
    dataset = open_dataset(tmp_path / "images")
    table = predict(stored.xml, stored.card.detector, dataset).table
    assert np.abs(table.boxes - np.array([one.box for one in FOUND])).max() < 1e-3


def faces(unit: bool) -> ov.Model:
    boxes, scores = layouts.dense([FOUND[0]], 200, classes=3)
    likely = np.stack([1 - scores[:, 2], scores[:, 2]], axis=1)
    return layouts.emitting({"scores": likely[None], "boxes": boxes[None] / (SIZE if unit else 1)})


@pytest.mark.parametrize("unit", [True, False])
def test_faces_have_one_class_and_a_background(tmp_path: Path, unit: bool) -> None:
    path = models.save(faces(unit), tmp_path / "model", "faces", ["face"])
    (tmp_path / "stored").mkdir()
    stored = import_model(path, tmp_path / "stored")
    detector = stored.card.detector
    assert (detector.decoder, detector.class_names) == ("boxes-scores", ("face",))
    assert detector.options["coordinates"] == ("unit" if unit else "input")
    assert detector.preprocessing.describe() == (
        "RGB mean 127/127/127, scale 128/128/128, 64x64, stretch"
    )
    write_image(tmp_path / "images" / "one.png", SIZE, SIZE)
    table = predict(stored.xml, detector, open_dataset(tmp_path / "images")).table
    assert np.abs(table.boxes - FOUND[0].box).max() < 1e-3
    assert table.scores.tolist() == pytest.approx([0.9], abs=1e-4)


@pytest.mark.parametrize(
    ("shape", "kind", "expected"),
    [
        ((1, SIZE, SIZE, 3), np.uint8, "image [1,64,64,3] u8"),
        ((1, SIZE, SIZE, 3), np.float32, "image [1,64,64,3] f32"),
        ((1, 3, SIZE, SIZE), np.uint8, "image [1,3,64,64] u8"),
        ((-1, 3, SIZE, SIZE), np.float32, "image [1,3,64,64] f32"),
        ((-1, 3, -1, -1), np.float32, "image [1,3,640,640] f32"),
        ((3, SIZE, SIZE), np.float32, "image [1,3,64,64] f32"),
        ((1, 3, SIZE, SIZE), np.float16, "image [1,3,64,64] f32"),
        ((4, 3, SIZE, SIZE), np.float32, "image [1,3,64,64] f32"),
    ],
)
def test_inputs_of_any_form(
    tmp_path: Path, shape: tuple[int, ...], kind: type[np.generic], expected: str
) -> None:
    rows = np.zeros((1, 20, 6), np.float32)
    for row, one in zip(rows[0], FOUND, strict=False):
        row[:] = [*one.box, one.score, one.class_id]
    xml, card = imported(layouts.emitting({"output": rows}, shape=shape, kind=kind), tmp_path)
    assert card.info.inputs[0].describe() == expected
    write_image(tmp_path / "images" / "one.png", 64, 64)
    table = predict(xml, card.detector, open_dataset(tmp_path / "images")).table
    placement = card.detector.preprocessing.place(64, 64)
    wanted = placement.to_original(np.array([one.box for one in FOUND], np.float32))
    assert np.abs(table.boxes - wanted).max() < 1e-3
