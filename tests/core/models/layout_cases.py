"""A network of every output layout, which finds known boxes, and how they must come out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest

from core.datasets.open import open_dataset
from core.inference.predicting import predict
from core.models.decoders.anchors import SCHEMES, anchors
from core.models.decoders.yolo_anchors import ANCHORS
from core.models.decoders.yolo_fastest import COCO_ANCHORS
from core.models.importing import import_model
from core.models.stored import ModelCard
from core.remarks.sentences import sentences
from tests.support import layouts, models, packages
from tests.support.images import write_image
from tests.support.models import SIZE, Known

FOUND = [
    Known((8.25, 10.5, 40.125, 30.75), 0.9, 2),
    Known((1, 2, 20, 60), 0.5, 0),
    Known((30, 5, 60, 25), 0.25, 1),
]
CELLS = 84  # of a 64 x 64 input at strides 8, 16 and 32


def pairs(text: str) -> list[tuple[float, float]]:
    """Anchors, from ``10,13 16,30``."""
    sides = [float(side) for side in text.replace(",", " ").split()]
    return list(zip(sides[::2], sides[1::2], strict=True))


V3, V4 = pairs(ANCHORS["yolov3"]), pairs(ANCHORS["yolov4"])


def yolov5(unit: bool = False, logits: bool = False) -> ov.Model:
    boxes, scores = layouts.dense(FOUND, 3 * CELLS)
    objectness = np.full((len(boxes), 1), 0.9999, np.float32)
    likely = np.concatenate([objectness, scores / 0.9999], axis=1)
    rows = np.concatenate([layouts.centres(boxes) / (SIZE if unit else 1), likely], axis=1)
    if logits:
        rows[:, 4:] = layouts.logit(likely)
    return layouts.emitting({"output": rows[None]})


def yolov8(unit: bool = False, rows: bool = False) -> ov.Model:
    boxes, scores = layouts.dense(FOUND, CELLS)
    table = np.concatenate([layouts.centres(boxes) / (SIZE if unit else 1), scores], axis=1)
    return layouts.emitting({"output0": table[None] if rows else table.T[None]})


def end_to_end(order: str = "box score class") -> ov.Model:
    rows = np.zeros((1, 20, 7 if "batch" in order else 6), np.float32)
    for row, one in zip(rows[0], FOUND, strict=False):
        parts: dict[str, list[float]] = {
            "box": list(one.box), "score": [one.score], "class": [one.class_id], "batch": [0]
        }  # fmt: skip
        row[:] = [value for part in order.split() for value in parts[part]]
    outputs = {"output": rows if "batch" not in order else rows[0]}
    if order == "class score box":
        outputs["bbox_num"] = np.array([3], np.int32)
    return layouts.emitting(outputs)


def yolov3(channels_last: bool = False) -> ov.Model:
    heads = layouts.yolo_heads(FOUND, V3)
    maps = [head.reshape(1, 24, *head.shape[3:]) for head in heads]
    if channels_last:
        maps = [head.transpose(0, 2, 3, 1) for head in maps]
    return layouts.emitting({f"head{n}": head for n, head in enumerate(reversed(maps))})


def yolov4() -> ov.Model:
    heads = layouts.yolo_heads(FOUND, V4, growth=(1.2, 1.1, 1.05))
    maps = [head.reshape(1, 24, *head.shape[3:]) for head in heads]
    return layouts.emitting({f"head{n}": head for n, head in enumerate(maps)}, mish=True)


def yolov5_heads() -> ov.Model:
    heads = layouts.yolo_heads(FOUND, V3, growth=(2.0, 2.0, 2.0), squared=True)
    maps = [head.transpose(0, 1, 3, 4, 2) for head in heads]
    return layouts.emitting({f"head{n}": head for n, head in enumerate(maps)}, swish=1)


def region() -> ov.Model:
    heads = [head.reshape(1, 24, *head.shape[3:]) for head in layouts.yolo_heads(FOUND, V3)]
    return layouts.region_yolo(heads, [side for pair in V3 for side in pair], classes=3)


def nanodet(plus: bool = False) -> ov.Model:
    strides = (8, 16, 32, 64) if plus else (8, 16, 32)
    scores, logits = layouts.distances(FOUND, strides, half=not plus)
    return layouts.joined([np.concatenate(scores)[None], np.concatenate(logits)[None]], 2)


def picodet() -> ov.Model:
    scores, logits = layouts.distances(FOUND, (8, 16, 32, 64), half=True)
    outputs = {f"cls{n}": table[None] for n, table in enumerate(scores)}
    return layouts.emitting(outputs | {f"reg{n}": t[None] for n, t in enumerate(logits)})


def nanodet_apart() -> ov.Model:
    """NanoDet exports of OpenCV's and ncnn's examples: each stride by itself."""
    scores, logits = layouts.distances(FOUND, (8, 16, 32), half=True)
    outputs = {f"cls{n}": table[None] for n, table in enumerate(scores)}
    return layouts.emitting(outputs | {f"reg{n}": t[None] for n, t in enumerate(logits)})


def fastestdet() -> ov.Model:
    cells, stride = SIZE // 16, 16
    likely = np.full((1, 1, cells, cells), 1e-6)
    boxes = np.zeros((1, 4, cells, cells))
    classes = np.full((1, 3, cells, cells), 1e-6)
    for one in FOUND:
        cx, cy, width, height = layouts.centres(np.array(one.box))
        x, y = int(cx // stride), int(cy // stride)
        likely[0, 0, y, x] = classes[0, one.class_id, y, x] = one.score
        boxes[0, :2, y, x] = np.arctanh([cx / stride - x, cy / stride - y])
        boxes[0, 2:, y, x] = layouts.logit(np.array([width, height]) / SIZE)
    return layouts.joined([likely, boxes, classes], 1)


def yolo_fastest(joined: bool = False) -> ov.Model:
    anchors = pairs(COCO_ANCHORS)
    maps = []
    for stride in (16, 32):
        cells = SIZE // stride
        parts = [np.zeros((1, length, cells, cells)) for length in (12, 3, 3)]
        for one in FOUND if stride == 16 else []:
            cx, cy, width, height = layouts.centres(np.array(one.box))
            x, y = int(cx // stride), int(cy // stride)
            inside = (np.array([cx / stride - x, cy / stride - y]) + 0.5) / 2
            sides = np.sqrt(np.array([width, height]) / anchors[1]) / 2
            parts[0][0, 4:8, y, x] = [*inside, *sides]
            parts[1][0, 1, y, x] = 1
            parts[2][0, one.class_id, y, x] = one.score
        maps.append([part.transpose(0, 2, 3, 1) for part in parts])
    return layouts.joined_maps(maps, table=joined)


def detr_raw(softmax: bool) -> ov.Model:
    logits = np.full((1, 100, 4 if softmax else 3), -20.0)
    boxes = np.tile(np.array([0.5, 0.5, 0.2, 0.2]), (1, 100, 1))
    if softmax:
        logits[..., 3] = 0
    for row, one in enumerate(FOUND):
        logits[0, row, one.class_id] = layouts.logit(one.score)
        boxes[0, row] = layouts.centres(np.array(one.box)) / SIZE
    return layouts.emitting({"pred_logits": logits, "pred_boxes": boxes})


def boxes_labels() -> ov.Model:
    table = layouts.listed(FOUND, len(FOUND))
    boxes = np.concatenate([table["boxes"][0], table["scores"][0][:, None]], axis=1)
    return layouts.open_count({"boxes": boxes, "labels": table["labels"][0]})


def torchvision(rows: int = 3) -> ov.Model:
    table = layouts.listed(FOUND, rows, first_label=1)
    return layouts.open_count({name: values[0] for name, values in table.items()})


def tf_detection() -> ov.Model:
    table = layouts.listed(FOUND, 100, first_label=1)
    return layouts.emitting(
        {
            "detection_boxes": table["boxes"][..., [1, 0, 3, 2]] / SIZE,
            "detection_classes": table["labels"].astype(np.float32),
            "detection_scores": table["scores"],
            "num_detections": np.array([3], np.float32),
        },
        shape=(1, SIZE, SIZE, 3),
        kind=np.uint8,
    )


def anchor_tables(
    scheme: str, size: int = SIZE
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Scores and deltas of all anchors, the known boxes at every 100th."""
    fixed = anchors(scheme, size, size)
    plan = SCHEMES[scheme]
    scores = np.full((len(fixed), 3), 1e-4, np.float32)
    deltas = np.zeros((len(fixed), 4))
    for place, one in enumerate(FOUND):
        anchor = fixed[100 * place]
        sides = anchor[2:] - anchor[:2]
        if plan.corners:
            delta = (np.array(one.box) - anchor) / np.tile(sides, 2)
        else:
            wanted, known = layouts.centres(np.array(one.box)), layouts.centres(anchor)
            delta = np.concatenate([(wanted[:2] - known[:2]) / sides, np.log(wanted[2:] / sides)])
        deltas[100 * place, plan.order] = delta / np.array(plan.spread)
        scores[100 * place, one.class_id] = one.score
    return scores, deltas.astype(np.float32)


def retinanet(scheme: str = "torch") -> ov.Model:
    scores, deltas = anchor_tables(scheme)
    return layouts.emitting({"classification": scores[None], "regression": deltas[None]})


def efficientdet_maps() -> ov.Model:
    size = 128  # so that each of the strides has a map of its own size
    scores, deltas = anchor_tables("efficientdet", size)
    outputs, start = {}, 0
    for stride in (8, 16, 32, 64, 128):
        cells = size // stride
        rows = slice(start, start + 9 * cells * cells)
        start = rows.stop
        logits = layouts.logit(scores[rows]).reshape(1, cells, cells, 27)
        outputs[f"class_{stride}"] = logits
        outputs[f"box_{stride}"] = deltas[rows].reshape(1, cells, cells, 36)
    return layouts.emitting(outputs, shape=(1, 3, size, size), swish=21)


def faster_rcnn() -> ov.Model:
    rois = np.tile(np.array([0.0, 10, 10, 30, 30]), (20, 1))
    scores = np.tile(np.array([1.0, 0, 0, 0]), (20, 1))
    deltas = np.zeros((20, 4, 4))
    for row, one in enumerate(FOUND):
        wanted = layouts.centres(np.array(one.box))
        scores[row] = [1 - one.score, 0, 0, 0]
        scores[row, 1 + one.class_id] = one.score
        deltas[row, 1 + one.class_id] = [
            *((wanted[:2] - 20) / 20), *np.log(wanted[2:] / 20)
        ]  # fmt: skip
    outputs = {"rois": rois, "cls_prob": scores, "bbox_pred": deltas.reshape(20, 16)}
    return layouts.emitting(outputs)


def centernet() -> ov.Model:
    heat = np.full((1, 3, 16, 16), -12.0)
    size, offset = np.full((1, 2, 16, 16), 3.0), np.zeros((1, 2, 16, 16))
    for one in FOUND:
        cx, cy, width, height = layouts.centres(np.array(one.box)) / 4
        x, y = int(cx), int(cy)
        heat[0, one.class_id, y, x] = layouts.logit(one.score)
        size[0, :, y, x], offset[0, :, y, x] = (width, height), (cx - x, cy - y)
    return layouts.emitting({"hm": heat, "wh": size, "reg": offset})


def boxes_scores() -> ov.Model:
    boxes, scores = layouts.dense(FOUND, CELLS)
    return layouts.emitting({"boxes": boxes[None], "scores": scores[None]})


@dataclass(frozen=True)
class Case:
    """A network and what the import must make of it; [] of options are not looked at."""

    make: Callable[[], ov.Model]
    decoder: str
    options: dict[str, Any] = field(default_factory=dict)
    color_order: str = "rgb"


CASES = {
    "yolov5": Case(yolov5, "yolov5", {"coordinates": "input", "sigmoid": False}),
    "yolov5-unit": Case(lambda: yolov5(unit=True), "yolov5", {"coordinates": "unit"}),
    "yolov5-logits": Case(lambda: yolov5(logits=True), "yolov5", {"sigmoid": True}),
    "yolov8": Case(yolov8, "yolov8", {"coordinates": "input", "sigmoid": False}),
    "yolov8-unit": Case(lambda: yolov8(unit=True), "yolov8", {"coordinates": "unit"}),
    "end-to-end": Case(end_to_end, "end-to-end", {"order": "box score class"}),
    "yolov7-nms": Case(
        lambda: end_to_end("batch box class score"), "end-to-end",
        {"order": "batch box class score"},
    ),
    "paddle-nms": Case(
        lambda: end_to_end("class score box"), "end-to-end", {"order": "class score box"}
    ),
    "yolov3": Case(yolov3, "yolo-anchor-heads", {"anchors": "yolov3", "sigmoid": True}),
    "yolov3-nhwc": Case(lambda: yolov3(channels_last=True), "yolo-anchor-heads"),
    "yolov4": Case(yolov4, "yolo-anchor-heads", {"anchors": "yolov4", "formula": "v4"}),
    "yolov5-heads": Case(yolov5_heads, "yolo-anchor-heads", {"formula": "v5"}),
    "region-yolo": Case(region, "yolo-anchor-heads", {"anchors": "graph", "sigmoid": False}),
    "nanodet": Case(nanodet, "distribution-heads", {"half": True}, "bgr"),
    "nanodet-plus": Case(
        lambda: nanodet(plus=True), "distribution-heads", {"half": False}, "bgr"
    ),
    "nanodet-apart": Case(nanodet_apart, "distribution-heads", {"half": True}, "bgr"),
    "fastestdet": Case(fastestdet, "fastestdet", {}, "bgr"),
    "yolo-fastestv2": Case(yolo_fastest, "yolo-fastestv2", {"sigmoid": False}, "bgr"),
    "yolo-fastestv2-table": Case(lambda: yolo_fastest(True), "yolo-fastestv2", {}, "bgr"),
    "picodet": Case(picodet, "distribution-heads", {"half": True}),
    "detr-sizes": Case(lambda: layouts.sized(FOUND), "detr-boxes", {"coordinates": "input"}),
    "detr-softmax": Case(lambda: detr_raw(True), "detr-raw", {"activation": "softmax"}),
    "detr-sigmoid": Case(lambda: detr_raw(False), "detr-raw", {"activation": "sigmoid"}),
    "boxes-labels": Case(boxes_labels, "boxes-labels", {"first_label": 0}, "bgr"),
    "torchvision": Case(torchvision, "boxes-labels", {"first_label": 1}),
    "tf-detection": Case(tf_detection, "tf-detection-api", {"first_label": 1}),
    "retinanet": Case(retinanet, "retinanet-heads", {"scheme": "torch"}),
    "efficientdet": Case(efficientdet_maps, "efficientdet-heads", {"sigmoid": True}),
    "faster-rcnn": Case(faster_rcnn, "faster-rcnn-heads", {}, "bgr"),
    "centernet": Case(centernet, "centernet", {"sigmoid": True}, "bgr"),
    "boxes-scores": Case(boxes_scores, "boxes-scores", {"coordinates": "input"}),
}  # fmt: skip


def imported(model: ov.Model, folder: Path) -> tuple[Path, ModelCard]:
    path = models.save(model, folder / "model", "known", models.CLASSES)
    (folder / "stored").mkdir()
    stored = import_model(path, folder / "stored")
    return stored.xml, stored.card


def assert_found(model: ov.Model, case: Case, folder: Path) -> None:
    """The known boxes come out, in the program and in a package made with it."""
    xml, card = imported(model, folder)
    detector = card.detector
    assert detector.decoder == case.decoder, sentences(detector.reasons)
    assert {key: detector.options[key] for key in case.options} == case.options
    assert detector.preprocessing.color_order == case.color_order
    write_image(folder / "images" / "one.png", 640, 480)
    table = predict(xml, detector, open_dataset(folder / "images")).table
    placement = detector.preprocessing.place(640, 480)
    expected = placement.to_original(np.array([one.box for one in FOUND], np.float32))
    assert table.class_ids[:3].tolist() == [2, 0, 1]
    assert table.scores[:3].tolist() == pytest.approx([0.9, 0.5, 0.25], abs=1e-4)
    assert np.abs(table.boxes[:3] - expected).max() < 1e-3
    assert len(table.scores) == 3
    assert table.class_names == models.CLASSES
    packaged = packages.detections(xml, detector, folder / "images" / "one.png")
    assert packaged.class_ids.tolist() == table.class_ids.tolist()
    assert np.abs(packaged.boxes - table.boxes).max() < 1e-3
    assert packaged.scores.tolist() == pytest.approx(table.scores.tolist(), abs=1e-6)
