"""One meaning in many forms: turned, apart, stride by stride, without what NMS has chosen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from core.datasets.open import open_dataset
from core.errors import InputError
from core.inference.predicting import predict
from core.models.adjusting import Overrides
from core.models.decoders.yolo_anchors import ANCHORS
from core.models.importing import Evidence, import_model
from tests.core.models.layout_cases import CASES, CELLS, FOUND, Case, assert_found, pairs
from tests.support import layouts, models
from tests.support.images import write_image
from tests.support.layouts import Array
from tests.support.models import SIZE

YOLOX = Case(CASES["yolov5"].make, "yolox-raw", {"grid": True, "sigmoid": False}, "bgr")
BOXES = CASES["boxes-scores"]
STRIDES = (8, 16, 32)


def rows(grid: bool) -> tuple[Array, Array, Array]:
    """What YOLOX gives for each cell: a box, objectness and classes; `grid`: in cells of it."""
    boxes, scores = layouts.dense(FOUND, CELLS)
    table = layouts.centres(boxes)
    if grid:
        start = 0
        for stride in STRIDES:
            side = SIZE // stride
            y, x = np.mgrid[:side, :side]
            end = start + side * side
            corners = np.stack([x, y], axis=-1).reshape(-1, 2)
            table[start:end, :2] = table[start:end, :2] / stride - corners
            table[start:end, 2:] = np.log(table[start:end, 2:] / stride)
            start = end
    return table, np.full((CELLS, 1), 0.9999), scores / 0.9999


def maps(parts: tuple[Array, ...]) -> list[list[Array]]:
    """Of each stride its maps ``[1,C,H,W]``."""
    found, start = [], 0
    for stride in STRIDES:
        side = SIZE // stride
        end = start + side * side
        found.append([part[start:end].T.reshape(1, -1, side, side) for part in parts])
        start = end
    return found


def turned() -> ov.Model:
    return layouts.joined([part.T[None] for part in rows(grid=True)], 1)


def apart() -> ov.Model:
    box, objectness, classes = (part[None] for part in rows(grid=True))
    return layouts.emitting({"cls": classes, "reg": box, "obj": objectness})


def by_stride(joined: bool) -> ov.Model:
    """Of each stride three maps, or one that the graph joins from them."""
    found = maps(rows(grid=True))
    if joined:
        return layouts.joined_maps(found, table=False, axis=1)
    return layouts.emitting(
        {
            f"{name}{n}": part
            for n, parts in enumerate(found)
            for name, part in zip("boc", parts, strict=True)
        }
    )


def decoded(pieces: int) -> ov.Model:
    """YOLOX whose graph has decoded the boxes: objectness by itself, or with the classes."""
    box, objectness, classes = (part[None] for part in rows(grid=False))
    others = [objectness, classes] if pieces == 4 else [np.concatenate([objectness, classes], 2)]
    return layouts.joined_exponential(box[..., :2], box[..., 2:], others)


@pytest.mark.parametrize("form", ["turned", "apart", "maps in pieces", "maps"])
def test_yolox_in_any_form(tmp_path: Path, form: str) -> None:
    made: dict[str, Callable[[], ov.Model]] = {
        "turned": turned,
        "apart": apart,
        "maps in pieces": lambda: by_stride(joined=False),
        "maps": lambda: by_stride(joined=True),
    }
    assert_found(made[form](), YOLOX, tmp_path)


@pytest.mark.parametrize("pieces", [3, 4])
def test_yolox_with_its_boxes_decoded(tmp_path: Path, pieces: int) -> None:
    case = Case(YOLOX.make, "yolox-raw", {"grid": False, "sigmoid": False}, "bgr")
    assert_found(decoded(pieces), case, tmp_path)


def test_yolov5_turned(tmp_path: Path) -> None:
    boxes, scores = layouts.dense(FOUND, 3 * CELLS)
    likely = np.full((len(boxes), 1), 0.9999)
    table = np.concatenate([layouts.centres(boxes), likely, scores / 0.9999], axis=1)
    assert_found(layouts.emitting({"output": table.T[None]}), CASES["yolov5"], tmp_path)


@pytest.mark.parametrize("form", ["scores", "both", "four", "chosen"])
def test_boxes_and_scores_of_any_form(tmp_path: Path, form: str) -> None:
    """Turned; boxes ``[1,N,1,4]``; with what ONNX's NMS has chosen beside them."""
    boxes, scores = (part[None] for part in layouts.dense(FOUND, CELLS))
    turned_scores = scores.transpose(0, 2, 1)
    outputs: dict[str, dict[str, Array]] = {
        "scores": {"boxes": boxes, "scores": turned_scores},
        "both": {"boxes": boxes.transpose(0, 2, 1), "scores": turned_scores},
        "four": {"boxes": boxes[:, :, None], "confs": scores},
        "chosen": {
            "boxes": boxes,
            "scores": turned_scores,
            "indices": np.array([[0, 2, 0], [0, 0, 1]], np.int64),
        },
    }
    assert_found(layouts.emitting(outputs[form]), BOXES, tmp_path)


@pytest.mark.parametrize("columns", [False, True])
def test_rows_of_queries_with_all_classes(tmp_path: Path, columns: bool) -> None:
    """RT-DETR as Ultralytics exports it."""
    case = Case(YOLOX.make, "detr-table", {"coordinates": "unit", "sigmoid": False})
    assert_found(rtdetr(columns), case, tmp_path)


def rtdetr(columns: bool = False) -> ov.Model:
    boxes, scores = layouts.dense(FOUND, 100)
    parts = [layouts.centres(boxes) / SIZE, scores]
    turned_parts = [part.T[None] if columns else part[None] for part in parts]
    return layouts.joined(turned_parts, 1 if columns else 2)


@pytest.mark.parametrize("form", ["flat", "channels last", "five"])
def test_yolov2_has_one_map_of_five_anchors(tmp_path: Path, form: str) -> None:
    """Classes go through a softmax, of which 0.9999 is left to the one that is found."""
    case = Case(YOLOX.make, "yolo-anchor-heads", {"formula": "v2", "anchors": "yolov2"})
    assert_found(yolov2(form), case, tmp_path)


def yolov2(form: str = "flat") -> ov.Model:
    anchors = pairs(ANCHORS["yolov2"])
    table: Array = np.full((1, 5, 8, 2, 2), -12.0)
    for number, one in enumerate(FOUND):
        cx, cy, width, height = layouts.centres(np.array(one.box))
        x, y = int(cx // 32), int(cy // 32)
        place = table[0, number, :, y, x]
        place[:2] = layouts.logit(np.array([cx / 32 - x, cy / 32 - y]))
        place[2:4] = np.log(np.array([width, height]) / anchors[number])
        place[4] = layouts.logit(one.score)
        place[5 + one.class_id] = 12.0
    head: Array = table.reshape(1, 40, 2, 2)
    if form == "channels last":
        head = head.transpose(0, 2, 3, 1)
    if form == "five":
        head = table.transpose(0, 3, 4, 1, 2)
    return layouts.emitting({"grid": head})


def test_yolov2_of_voc_has_the_anchors_of_its_size(tmp_path: Path) -> None:
    head = np.random.default_rng(0).normal(-3, 1, (1, 125, 2, 2))
    path = models.save(layouts.emitting({"grid": head}), tmp_path, "model")
    detector = import_model(path, tmp_path / "stored").card.detector
    assert detector.options["anchors"] == "yolov2-tiny-voc"
    assert detector.class_count == 20


def test_labels_of_floats_are_told_from_scores(tmp_path: Path) -> None:
    """Of two columns without a telling name, whole numbers are the labels."""
    table = layouts.listed(FOUND, 100)
    found = {"a": table["boxes"][None], "b": table["labels"][None].astype(np.float32)}
    found["c"] = table["scores"][None]
    path = models.save(layouts.emitting(found), tmp_path, "model", models.CLASSES)
    detector = import_model(path, tmp_path / "stored").card.detector
    assert (detector.options["labels"], detector.options["scores"]) == (1, 2)


def test_anchors_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    head = np.random.default_rng(0).normal(-3, 1, (1, 5, 2, 2, 8)).transpose(0, 2, 3, 1, 4)
    path = models.save(layouts.emitting({"grid": head}), tmp_path, "model", models.CLASSES)
    changed = Evidence(overrides=Overrides(options={"anchors": "yolov3"}))
    stored = import_model(path, tmp_path / "stored", evidence=changed)
    write_image(tmp_path / "images" / "one.png", 64, 64)
    with pytest.raises(InputError, match="5 anchors a cell"):
        predict(stored.xml, stored.card.detector, open_dataset(tmp_path / "images"))
