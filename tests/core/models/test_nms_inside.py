"""NMS inside the network: the same detections for each layout, and everything that reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from openvino import opset9 as ops

from core.datasets.open import open_dataset
from core.deployment.model_info import NMS_INSIDE, note_model_info
from core.detection.detections import Detections
from core.errors import InputError
from core.inference.predicting import predict
from core.metrics.matching.thresholds import ScoreThresholds
from core.models.decoders.base import MAX_DETECTIONS, SCORE_FLOOR
from core.models.decoders.registry import decoder_of
from core.models.decoders.yolo_anchors import anchor_table
from core.models.detector import Detector
from core.models.differences import differences, require_same_ports, used_as_before
from core.models.importing import import_model
from core.models.inside.nms import FLOOR, HEADS, MOST
from core.models.nms_inside import can_have_nms_inside, nms_code, require_nms, with_nms_inside
from core.models.stored import StoredModel, store_model
from core.runtime import openvino_core
from tests.core.models.layout_cases import CASES, imported
from tests.support import models
from tests.support.images import write_image, write_images

TOLERANCE = 1e-3  # of scores, and pixels of boxes: docs/decisions/0049
FITTING = sorted(name for name, case in CASES.items() if case.decoder in HEADS)
OTHERS = sorted(set(CASES) - set(FITTING))
ANCHORED = [name for name in FITTING if CASES[name].decoder == "yolo-anchor-heads"]
Outputs = list[NDArray[Any]]


class Reader:
    """What a detector's network gives, read by its decoder and by the operations in a network."""

    def __init__(self, detector: Detector, shapes: list[list[int]], kind: str = "f32") -> None:
        given = [ops.parameter(shape, np.float32) for shape in shapes]
        values = [ops.convert(one, kind) if kind != "f32" else one for one in given]
        model = ov.Model([ops.result(one) for one in values], given, "read")
        model, self.inside = with_nms_inside(model, detector)
        config = {"INFERENCE_PRECISION_HINT": "f32"}
        self.request = openvino_core().compile_model(model, "CPU", config).create_infer_request()
        self.outside = detector

    def compare(self, outputs: Outputs) -> int:
        """Both find the same; how many that are."""
        self.request.infer(outputs)
        listed = [np.array(tensor.data) for tensor in self.request.output_tensors]
        mine, others = self._read(self.outside, outputs), self._read(self.inside, listed)
        assert_same(mine, others)
        return len(mine)

    def _read(self, detector: Detector, outputs: Outputs) -> Detections:
        image = detector.preprocessing
        place = image.place(image.width, image.height)
        with np.errstate(all="ignore"):
            return decoder_of(detector).decode(outputs, image, detector.options, place)


def assert_same(mine: Detections, others: Detections) -> None:
    """Each detection has a counterpart; those of nearly one score may stand in another order."""
    assert len(mine) == len(others)
    alike = mine.class_ids[:, None] == others.class_ids
    alike &= np.abs(mine.scores[:, None] - others.scores) <= TOLERANCE
    alike &= np.abs(mine.boxes[:, None] - others.boxes).max(axis=2, initial=0) <= TOLERANCE
    assert alike.any(axis=0).all() and alike.any(axis=1).all()
    np.testing.assert_allclose(mine.scores, others.scores, atol=TOLERANCE)


def shapes_of(xml: Path) -> list[list[int]]:
    ports = openvino_core().read_model(xml).outputs
    return [[int(side) for side in port.get_shape()] for port in ports]


def crowd(detector: Detector, shapes: list[list[int]], seed: int) -> Outputs:
    """Values with many boxes over each other, of all scores; some boxes are none."""
    random = np.random.default_rng(seed)
    if detector.options.get("sigmoid"):
        return [random.normal(-1, 3, shape).astype(np.float32) for shape in shapes]
    return [(random.uniform(0, 1, shape) ** 3).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("name", FITTING)
def test_each_layout_lists_what_its_decoder_finds(tmp_path: Path, name: str) -> None:
    xml, card = imported(CASES[name].make(), tmp_path)
    shapes = shapes_of(xml)
    reader = Reader(card.detector, shapes)
    for seed in range(3):
        assert reader.compare(crowd(card.detector, shapes, seed)) > 4
    silent = -50 if card.detector.options.get("sigmoid") else 0
    assert reader.compare([np.full(shape, silent, np.float32) for shape in shapes]) == 0
    assert reader.compare(crowd(card.detector, shapes, 0)) > 4, "after an image with none"


@pytest.mark.parametrize("name", ANCHORED)
def test_anchors_of_a_graph_keep_all_their_digits(tmp_path: Path, name: str) -> None:
    xml, card = imported(CASES[name].make(), tmp_path)
    count = len(anchor_table(card.detector.options, 1))
    sides = np.random.default_rng(0).uniform(100, 200, (count, 2)).astype(np.float32).tolist()
    own = " ".join(f"{width:.9g},{height:.9g}" for width, height in sides)
    options = {**card.detector.options, "anchors": "graph", "anchor_list": own}
    detector = replace(card.detector, options=options)
    assert own in nms_code(detector)
    shapes = shapes_of(xml)
    assert Reader(detector, shapes).compare(crowd(detector, shapes, 0)) > 4


@pytest.mark.parametrize("name", FITTING)
def test_the_network_itself_finds_the_same(tmp_path: Path, name: str) -> None:
    xml, card = imported(CASES[name].make(), tmp_path)
    write_image(tmp_path / "images" / "one.png", 640, 480)
    images = open_dataset(tmp_path / "images")
    model, detector = with_nms_inside(openvino_core().read_model(xml), card.detector)
    mine, others = predict(xml, card.detector, images), predict(model, detector, images)
    assert mine.table.class_ids.tolist() == others.table.class_ids.tolist() == [2, 0, 1]
    np.testing.assert_allclose(mine.table.scores, others.table.scores, atol=TOLERANCE)
    np.testing.assert_allclose(mine.table.boxes, others.table.boxes, atol=TOLERANCE)


def test_what_is_no_box_suppresses_none(tmp_path: Path) -> None:
    """Corners the wrong way round, no area, and numbers that are none."""
    xml, card = imported(CASES["boxes-scores"].make(), tmp_path)
    shapes = shapes_of(xml)
    boxes, scores = crowd(card.detector, shapes, 0)
    boxes[0, :40, 2:] = boxes[0, :40, :2] + 0.5
    boxes[0, 40:50] = boxes[0, :10, [2, 3, 0, 1]].T
    boxes[0, 50:60, 2:] = boxes[0, 50:60, :2]
    boxes[0, 60:64] = [[np.nan, 0, 1, 1], [0, 0, np.inf, 1], [-np.inf, 0, 1, 1], [np.inf] * 4]
    scores[0, 40:64] = 1
    assert Reader(card.detector, shapes).compare([boxes, scores]) > 4


def test_halves_are_read_as_floats(tmp_path: Path) -> None:
    xml, card = imported(CASES["yolov8"].make(), tmp_path)
    shapes = shapes_of(xml)
    values = [one.astype(np.float16) for one in crowd(card.detector, shapes, 0)]
    reader = Reader(card.detector, shapes, "f16")
    assert reader.compare([one.astype(np.float32) for one in values]) > 4


def test_boxes_at_the_limit_of_overlap_stay_and_the_limits_are_those_outside(
    tmp_path: Path,
) -> None:
    """IoU .5 exactly is not above .5; a score of .01 is kept; at most 300 are."""
    assert (FLOOR, MOST) == (SCORE_FLOOR, MAX_DETECTIONS)
    _, card = imported(CASES["boxes-scores"].make(), tmp_path)
    corner = np.stack(np.divmod(np.arange(400), 20), axis=1) * 3  # apart from each other
    boxes = np.concatenate([corner, corner + 1], axis=1, dtype=np.float32)[None]
    boxes[0, 1] = [0, 0, 1, 0.5]  # in half of the first
    boxes[0, 2] = [0, 0, 1, 0.75]
    scores = np.zeros((1, 400, 3), np.float32)
    scores[0, :3, 0] = [0.9, 0.8, 0.7]
    scores[0, 3, 1] = SCORE_FLOOR
    reader = Reader(card.detector, [[1, 400, 4], [1, 400, 3]])
    assert reader.compare([boxes, scores]) == 3
    scores[0, 3:, 2] = np.linspace(0.2, 0.6, 397)
    assert reader.compare([boxes, scores]) == MAX_DETECTIONS


@pytest.mark.parametrize("name", OTHERS)
def test_other_layouts_are_refused(tmp_path: Path, name: str) -> None:
    _, card = imported(CASES[name].make(), tmp_path)
    assert not can_have_nms_inside(card.detector)
    overlapping = any(one.key == "nms_iou" for one in decoder_of(card.detector).choices)
    with pytest.raises(InputError, match="fox") as refused:
        require_nms(card.detector, "fox")
    assert ("cannot be put" if overlapping else "detections already") in refused.value.what


def listing(parent: StoredModel, folder: Path) -> StoredModel:
    folder.mkdir()
    made, detector = with_nms_inside(openvino_core().read_model(parent.xml), parent.card.detector)
    return store_model(
        made, folder / "listing.xml", name="listing", source=parent.xml, framework="openvino",
        detector=detector,
    )  # fmt: skip


def test_a_copy_without_its_card_is_known_for_what_it_is(tmp_path: Path) -> None:
    """As openvino-model-api reads it: an SSD that lists boxes and labels."""
    (tmp_path / "parent").mkdir()
    path = models.save(models.yolox(), tmp_path / "model", "fox", models.CLASSES)
    parent = import_model(path, tmp_path / "parent")
    own = listing(parent, tmp_path / "own")
    model = openvino_core().read_model(own.xml)
    note_model_info(model, own.card.detector, ScoreThresholds())
    told = {key: model.get_rt_info(["model_info", key]).astype(str) for key in (
        "model_type", "labels", NMS_INSIDE,
    )}  # fmt: skip
    assert told == {
        "model_type": "ssd", "labels": "cat dog bird", NMS_INSIDE: "of each class, IoU 0.6"
    }  # fmt: skip
    assert not model.has_rt_info(["model_info", "iou_threshold"])
    assert [port.get_any_name() for port in model.outputs] == ["boxes", "labels"]
    (tmp_path / "copy").mkdir()
    ov.save_model(model, tmp_path / "copy" / "x.xml", compress_to_fp16=False)
    (tmp_path / "again").mkdir()
    again = import_model(tmp_path / "copy" / "x.xml", tmp_path / "again")
    assert again.card.detector.decoder == "boxes-labels"
    assert again.card.detector.options == own.card.detector.options
    assert again.card.detector.class_names == models.CLASSES
    assert again.card.outputs_before == own.card.outputs_before
    for one in (own, again):
        require_same_ports(parent, one)
        assert differences(parent.card.detector, used_as_before(one, parent.card.detector)) == ()
    images = open_dataset(write_images(tmp_path / "images", 3))
    mine, others = (predict(one.xml, one.card.detector, images).table for one in (parent, again))
    np.testing.assert_array_equal(mine.offsets, others.offsets)
    np.testing.assert_allclose(mine.boxes, others.boxes, atol=TOLERANCE)
    assert len(mine.scores) > 0


def test_a_model_made_of_one_that_lists_is_used_as_that_is(tmp_path: Path) -> None:
    """What the parent has inside itself is no difference between the two."""
    (tmp_path / "parent").mkdir()
    path = models.save(models.yolox(), tmp_path / "model", "fox", models.CLASSES)
    own = listing(import_model(path, tmp_path / "parent"), tmp_path / "own")
    child = StoredModel(xml=own.xml, card=own.card)
    require_same_ports(own, child)
    assert differences(own.card.detector, used_as_before(child, own.card.detector)) == ()
