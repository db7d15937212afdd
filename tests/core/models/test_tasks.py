"""More columns are not more classes: points, angles and masks are known for what they are."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset8 as ops

from core.errors import InputError
from core.models.importing import import_model
from core.models.stored import ModelCard
from core.remarks.sentences import sentences
from tests.support import layouts, models
from tests.support.models import SIZE

CELLS = 84  # of a 64 x 64 input at strides 8, 16 and 32
POINTS = "beside boxes it finds points"
ANGLES = "it finds rotated boxes"
MASKS = "it segments"
Floats = NDArray[Any]


def cells(per_cell: int = 1) -> Floats:
    """Boxes cx cy w h of all cells, near them."""
    random = np.random.default_rng(0)
    places = []
    for stride in (8, 16, 32):
        y, x = np.mgrid[: SIZE // stride, : SIZE // stride] * stride + stride / 2
        places.append(np.stack([x, y], axis=-1).reshape(-1, 2))
    centres = np.repeat(np.concatenate(places), per_cell, axis=0)
    centres = centres + random.normal(0, 2, centres.shape)
    return np.concatenate([centres, random.uniform(4, 30, centres.shape)], axis=1)


def scores(rows: int, classes: int) -> Floats:
    """As networks give them: next to nothing almost everywhere."""
    return np.random.default_rng(1).beta(0.1, 20, (rows, classes))


def points(boxes: Floats, number: int, seen: bool) -> Floats:
    """x and y around the boxes' centres, and how visible each is."""
    random = np.random.default_rng(2)
    places = (
        boxes[:, None, :2] + random.normal(0, 0.2, (len(boxes), number, 2)) * boxes[:, None, 2:]
    )
    if seen:
        places = np.concatenate([places, random.uniform(0, 1, (*places.shape[:2], 1))], axis=2)
    return places.reshape(len(boxes), -1)


def pose(unit: bool = False, joined: bool = True, rows: bool = False) -> ov.Model:
    """YOLOv8-pose: a box, one class, 17 points of x, y and visibility."""
    boxes = cells()
    parts = [boxes, scores(CELLS, 1), points(boxes, 17, seen=True)]
    if unit:
        places = np.resize([1, 1, 0], parts[2].shape[1]).astype(bool)
        parts = [boxes / SIZE, parts[1], np.where(places, parts[2] / SIZE, parts[2])]
    return table(parts, joined, rows)


def table(parts: list[Floats], joined: bool = True, rows: bool = False) -> ov.Model:
    """One output of boxes, in columns or rows; `joined` in the graph, or by nobody knows whom."""
    turned = [part[None] if rows else part.T[None] for part in parts]
    if joined:
        return layouts.joined(turned, 2 if rows else 1)
    return layouts.emitting({"output0": np.concatenate(turned, axis=2 if rows else 1)})


def rotated(classes: int = 15) -> ov.Model:
    """YOLOv8-obb: a box, classes, and an angle."""
    angles = np.random.default_rng(3).uniform(-0.78, 2.3, (CELLS, 1))
    return table([cells(), scores(CELLS, classes), angles])


def segmenting(old: bool = False) -> ov.Model:
    """YOLOv8-seg and, as `old`, YOLOv5-seg: 32 coefficients for 32 maps."""
    random = np.random.default_rng(4)
    boxes = cells(3) if old else cells()
    parts = [boxes, scores(len(boxes), 6 if old else 5), random.normal(0, 1, (len(boxes), 32))]
    rows = np.concatenate(parts, axis=1)
    return layouts.emitting(
        {
            "output0": rows[None] if old else rows.T[None],
            "output1": random.normal(0, 1, (1, 32, SIZE // 4, SIZE // 4)),
        }
    )


def coefficients() -> ov.Model:
    """YOLOv8-seg of which only the rows were exported."""
    random = np.random.default_rng(4)
    return table([cells(), scores(CELLS, 3), random.normal(0, 1, (CELLS, 32))])


def faces(unit: bool = False, points_last: bool = False) -> ov.Model:
    """YOLOv5-face, decoded: a box, objectness, five points, one class. YOLOv7's has them last."""
    boxes = cells(3)
    likely = scores(len(boxes), 1)
    five = points(boxes, 5, seen=False)
    parts = [boxes / (SIZE if unit else 1), likely]
    ends = [five / (SIZE if unit else 1), np.full((len(boxes), 1), 0.98)]
    rows = np.concatenate([*parts, *(reversed(ends) if points_last else ends)], axis=1)
    return layouts.emitting({"output": rows[None]})


def raw_heads(columns: Floats) -> ov.Model:
    """YOLOv5's raw heads, of which everything after the objectness is given: ``[252,N]``."""
    random = np.random.default_rng(5)
    boxes = random.normal(0, 1, (len(columns), 4))
    nothing = random.normal(-11, 2, (len(columns), 1))
    rows = np.concatenate([boxes, nothing, columns], axis=1)
    outputs, start = {}, 0
    for stride in (8, 16, 32):
        side = SIZE // stride
        end = start + 3 * side * side
        outputs[f"stride_{stride}"] = rows[start:end].reshape(1, 3, side, side, -1)
        start = end
    return layouts.emitting(outputs, swish=1)


def raw_faces() -> ov.Model:
    random = np.random.default_rng(6)
    rows = 3 * CELLS
    offsets = random.normal(0.4, 0.8, (rows, 10))
    return raw_heads(np.concatenate([offsets, random.normal(4.1, 0.05, (rows, 1))], axis=1))


def imported(model: ov.Model, folder: Path) -> ModelCard:
    return import_model(models.save(model, folder / "model", "model"), folder).card


@pytest.mark.parametrize(
    ("model", "task"),
    [
        (pose(), POINTS),
        (pose(unit=True), POINTS),
        (pose(joined=False), POINTS),
        (pose(rows=True), POINTS),
        (rotated(), ANGLES),
        (rotated(classes=1), ANGLES),
        (segmenting(), MASKS),
        (segmenting(old=True), MASKS),
        (coefficients(), MASKS),
        (faces(), POINTS),
        (faces(unit=True), POINTS),
        (faces(points_last=True), POINTS),
        (raw_faces(), POINTS),
    ],
)
def test_models_of_other_tasks_are_refused_by_name(
    tmp_path: Path, model: ov.Model, task: str
) -> None:
    with pytest.raises(InputError) as refused:
        imported(model, tmp_path)
    assert f"model.xml was made for another task: {task}" in refused.value.what
    assert "upright boxes" in refused.value.next_step


def test_rows_of_seven_with_an_angle_are_no_detections_of_a_batch(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = np.concatenate(
        [
            cells()[:20],
            np.sort(random.uniform(0.1, 0.9, (20, 1)))[::-1],
            random.integers(0, 15, (20, 1)),
            random.uniform(-0.78, 2.3, (20, 1)),
        ],
        axis=1,
    )
    path = models.save(layouts.emitting({"output": rows[None]}), tmp_path, "model", ["x"] * 15)
    with pytest.raises(InputError, match=ANGLES):
        import_model(path, tmp_path)


@pytest.mark.parametrize(("length", "more"), [(38, "a mask"), (57, "a pose")])
def test_listed_rows_with_more_than_a_box_are_told_as_such(
    tmp_path: Path, length: int, more: str
) -> None:
    rows = np.random.default_rng(0).uniform(0, 60, (1, 300, length))
    with pytest.raises(InputError, match=f"rows of {length} values, a box.* of {more}"):
        imported(layouts.emitting({"output0": rows}), tmp_path)


def one_map(channels: int, spread: float, middle: float, activation: str = "") -> ov.Model:
    """A convolution that strides 32 pixels and may have an activation, on a 64 x 64 input."""
    random = np.random.default_rng(8)
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="image")
    weights = random.normal(0, spread / 1000, (channels, 3, 32, 32)).astype(np.float32)
    made = ops.convolution(image, ops.constant(weights), [32, 32], [0, 0], [0, 0], [1, 1])
    made = ops.add(made, ops.constant(np.full((1, channels, 1, 1), middle, np.float32)))
    if activation:
        made = {"relu": ops.relu, "swish": ops.swish}[activation](made)
    return ov.Model([made], [image], "net")


@pytest.mark.parametrize("channels", [40, 125, 320, 425, 1280])
@pytest.mark.parametrize(("middle", "activation"), [(0, ""), (0, "relu"), (-3, "swish")])
def test_a_map_of_features_is_no_yolov2(
    tmp_path: Path, channels: int, middle: float, activation: str
) -> None:
    with pytest.raises(InputError, match=r"model\.xml is not recognized\. No known detector has"):
        imported(one_map(channels, 1, middle, activation), tmp_path)


@pytest.mark.parametrize(("channels", "confidence"), [(40, 0.3), (125, 0.6), (425, 0.6)])
def test_one_map_of_an_unusual_length_is_not_sure(
    tmp_path: Path, channels: int, confidence: float
) -> None:
    """As YOLOv2 trained on other classes, and as segmentation without its last step."""
    found = imported(one_map(channels, 1, -4), tmp_path).detector
    assert (found.decoder, found.confidence) == ("yolo-anchor-heads", confidence)
    doubt = "One map of features or of segmented classes can look so"
    assert (doubt in " ".join(sentences(found.reasons))) == (confidence < 0.5)


@pytest.mark.parametrize("classes", [1, 2, 11, 15, 16, 51, 52])
def test_as_many_classes_remain_classes(tmp_path: Path, classes: int) -> None:
    boxes = cells()
    yolov8 = table([boxes, scores(CELLS, classes)])
    assert imported(yolov8, tmp_path / "8").detector.class_count == classes
    dense = cells(3)
    rows = np.concatenate([dense, scores(len(dense), 1 + classes)], axis=1)
    yolov5 = layouts.emitting({"output": rows[None]})
    assert imported(yolov5, tmp_path / "5").detector.class_count == classes
    logits = np.random.default_rng(7).normal(-5, 2, (3 * CELLS, classes))
    raw = imported(raw_heads(logits), tmp_path / "raw").detector
    assert (raw.decoder, raw.class_count) == ("yolo-anchor-heads", classes)


def angle_classes(classes: int, smooth: bool) -> ov.Model:
    """YOLOv5-OBB: after its classes one for every degree, likely around that of the box."""
    boxes = cells(3)
    random = np.random.default_rng(8)
    away = np.abs(np.arange(180) - random.integers(0, 180, (len(boxes), 1)))
    near = np.exp(-(np.minimum(away, 180 - away) ** 2) / 72)
    angles = near if smooth else random.uniform(0, 1, near.shape)
    rows = np.concatenate([boxes, scores(len(boxes), 1 + classes), angles], axis=1)
    return layouts.emitting({"output": rows[None]})


@pytest.mark.parametrize(("classes", "smooth"), [(15, False), (1, False), (7, True), (60, True)])
def test_classes_that_are_angles_are_no_classes(tmp_path: Path, classes: int, smooth: bool) -> None:
    with pytest.raises(InputError, match="last 180 are taken for angles") as refused:
        imported(angle_classes(classes, smooth), tmp_path)
    assert f"labels.txt with their names beside it: {classes + 180}." in refused.value.next_step


def test_many_classes_are_classes_where_they_have_names_or_no_order(tmp_path: Path) -> None:
    model = angle_classes(15, smooth=True)
    names = [f"kind {number}" for number in range(195)]
    path = models.save(model, tmp_path / "named", "model", names)
    assert import_model(path, tmp_path / "named").card.detector.class_names == tuple(names)
    path = models.save(angle_classes(60, smooth=False), tmp_path / "more", "model")
    assert import_model(path, tmp_path / "more").card.detector.class_count == 240


def test_objectness_of_one_everywhere_is_no_class(tmp_path: Path) -> None:
    """YOLOv6: rows of a box that the graph has scaled, a one, and classes."""
    boxes = cells()
    parts = [boxes[None] / 8, np.ones((1, CELLS, 1)), scores(CELLS, 10)[None]]
    card = imported(layouts.joined_scaled(parts, 8.0), tmp_path)
    assert (card.detector.decoder, card.detector.class_count) == ("yolox-raw", 10)
    assert card.detector.options["grid"] is False
    assert card.detector.preprocessing.describe() == "RGB 0..1, 64x64, letterbox with 114"
