"""YOLOv2 to YOLOv4 and raw YOLOv5 heads: a map of cells for each stride, some anchors in each.

Of each anchor come x, y, w, h, objectness and classes, before any activation unless the graph
has it (RegionYolo activates all but w and h). With t the raw values, s the sigmoid, c the cell:

    YOLOv2 (Redmon 2016)       as YOLOv3, with a softmax over the classes
    YOLOv3 (Redmon 2018)       centre = (s(t) + c) * stride           size = exp(t) * anchor
    YOLOv4 (Bochkovskiy 2020)  centre = (a s(t) - (a-1)/2 + c) * stride
    YOLOv5 (Jocher 2020)       centre = (2 s(t) - .5 + c) * stride    size = (2 s(t))^2 * anchor
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.errors import InputError
from core.images.placement import Placement
from core.models.choices import SIGMOID, Choice, nms_iou
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import are_scores, changed, sigmoid, softmax, suppressed
from core.models.decoders.heads import Head, heads_of
from core.models.detector import Option, Recognition
from core.models.facts import UNIT_SCALE, Facts
from core.models.preprocessing import Preprocessing
from core.remarks.remark import Remark, remark

NMS_IOU = 0.45
# Widths and heights in pixels, smallest stride first, as the networks' configurations have them.
ANCHORS = {
    "yolov3": "10,13 16,30 33,23 30,61 62,45 59,119 116,90 156,198 373,326",
    "yolov3-tiny": "10,14 23,27 37,58 81,82 135,169 344,319",
    "yolov4": "12,16 19,36 40,28 36,75 76,55 72,146 142,110 192,243 459,401",
    "yolov4-tiny": "23,27 37,58 81,82 81,82 135,169 344,319",
    "yolov2": "18.33,21.66 59.98,66 106.83,175.18 252.25,112.89 312.66,293.38",
    "yolov2-voc": "42.31,55.41 102.17,128.3 161.79,259.17 303.08,154.9 359.56,320.23",
    "yolov2-tiny-voc": "34.56,38.08 109.44,141.12 212.16,364.16 301.44,163.52 531.84,336.64",
    "yolov5": "10,13 16,30 33,23 30,61 62,45 59,119 116,90 156,198 373,326",
}
_V2 = 5  # anchors a cell of YOLOv2, which has one stride, 32
_OF_VOC = 25  # a box, objectness and 20 classes
_PUBLISHED = (_OF_VOC, 85)  # the lengths of YOLOv2 itself, of VOC's classes and COCO's
_FEW = 15  # convolutions; the small YOLOv2 has 9, the other one 23
_CELLS = 30.0  # anchors that are all smaller are given in cells
GROWTH = {8: 1.2, 16: 1.1, 32: 1.05}  # YOLOv4's a, by stride


class YoloAnchorsDecoder(Decoder):
    """One to four outputs ``[1,A*(5+C),H,W]``, ``[1,H,W,A*(5+C)]`` or with five dimensions."""

    id = "yolo-anchor-heads"
    title = "YOLOv2, YOLOv3, YOLOv4 and raw YOLOv5 heads, RegionYolo"
    choices = (
        Choice(key="anchors", title="Anchors", values=(*ANCHORS, "graph"), default="yolov3"),
        Choice(key="formula", title="Formula", values=("v2", "v3", "v4", "v5"), default="v3"),
        SIGMOID,
        nms_iou(NMS_IOU),
    )

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for maps of one to four strides with a multiple of 5+C channels."""
        region = facts.find("RegionYolo")
        heads = heads_of(facts) or _flattened(facts, region)
        if heads is None or len({head.channels for head in heads}) != 1 or len(heads) > 4:
            return None
        strides = tuple(head.stride for head in heads)
        if len(set(strides)) != len(heads):
            return None
        attributes = region.get_attributes() if region is not None else {}
        single = len(heads) == 1 and region is None
        if single and (facts.outputs[0].parts(heads[0].channels) or not facts.outputs[0].linear):
            return None  # a map of anchors is not joined from pieces, and has no activation
        per_cell = _anchors_per_cell(heads, attributes)
        if per_cell is None or any(output.segments for output in facts.outputs):
            return None
        if single and not heads[0].anchors and per_cell != _V2:
            return None  # maps of segmentation look so
        length = heads[0].channels // per_cell
        name, formula = _kind(facts, heads)
        reasons = [
            remark("anchor_maps", strides=strides, per_cell=per_cell),
            remark("anchor_values", length=length, classes=length - 5),
        ]
        options: dict[str, Option] = {"anchors": name, "formula": formula, "sigmoid": True}
        if region is not None:
            reasons.append(remark("region_yolo"))
            options |= {"anchors": "graph", "anchor_list": _from_graph(facts), "sigmoid": False}
            options["formula"] = "v3"
        else:
            reasons.append(remark("anchors_assumed", anchors=name))
        sure, doubts = _sure(heads, region, length)
        return Recognition(
            confidence=sure,
            reasons=(*reasons, *doubts, usual_input("", "rgb", "unit", "letterbox")),
            preprocessing=facts.image_input.preprocessing("rgb", "letterbox", scale=UNIT_SCALE),
            class_count=length - 5,
            options={**options, "per_cell": per_cell, "channels": heads[0].channels},
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Objectness that lies in 0..1 everywhere has been through a sigmoid."""
        if not claim.options["sigmoid"]:
            return claim
        tables = [_table(output, claim.options, claim.preprocessing)[0] for output in outputs]
        scores = np.concatenate([table[:, 4:].reshape(-1) for table in tables])
        if are_scores(scores) and scores.min() < scores.max():
            return changed(claim, remark("scores_inside"), sigmoid=False)
        return claim

    def score_rows(self, outputs: Outputs, claim: Recognition) -> tuple[Floats, int] | None:
        """After the box and objectness, of all heads together."""
        tables = [_table(output, claim.options, claim.preprocessing)[0] for output in outputs]
        return np.concatenate(tables), 5

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """All heads' boxes together, then NMS for each class."""
        per_cell = int(options.get("per_cell", 3))
        tables = [_table(output, options, preprocessing) for output in outputs]
        tables.sort(key=lambda pair: pair[1])
        anchors = anchor_table(options, per_cell)
        boxes, scores = [], []
        for (rows, stride, cells), sizes in zip(tables, anchors, strict=False):
            boxes.append(_boxes(rows, stride, cells, sizes, options))
            likely = sigmoid(rows[:, 4:]) if options.get("sigmoid") else rows[:, 4:]
            if options.get("formula") == "v2" and options.get("sigmoid"):
                likely = np.concatenate([likely[:, :1], softmax(rows[:, 5:])], axis=1)
            scores.append(likely[:, :1] * likely[:, 1:])
        return suppressed(
            np.concatenate(boxes), np.concatenate(scores), options, placement, NMS_IOU
        )


def _boxes(rows: Floats, stride: int, cells: Floats, anchors: Floats, options: Options) -> Floats:
    """Boxes ``[N,4]`` xyxy of one head in pixels of the input; rows go cell by cell."""
    size = np.tile(anchors, (len(cells), 1))
    corner = np.repeat(cells, len(anchors), axis=0)
    formula = options.get("formula", "v3")
    inside = sigmoid(rows[:, :2]) if options.get("sigmoid") else rows[:, :2]
    growth = {"v4": GROWTH.get(stride, 1.0), "v5": 2.0}.get(str(formula), 1.0)
    centres = (inside * growth - (growth - 1) / 2 + corner) * stride
    with np.errstate(over="ignore", invalid="ignore"):
        if formula == "v5":
            raw = sigmoid(rows[:, 2:4]) if options.get("sigmoid") else rows[:, 2:4]
            sides = (2 * raw) ** 2 * size
        else:
            sides = np.exp(rows[:, 2:4]) * size
        return from_centres(np.concatenate([centres, sides], axis=1).astype(np.float32))


def _table(
    output: NDArray[Any], options: Options, preprocessing: Preprocessing
) -> tuple[Floats, int, Floats]:
    """Rows ``[H*W*A, 5+C]`` by cell and anchor, the stride, and the cells' column and row."""
    per_cell = int(options.get("per_cell", 3))
    if output.ndim == 2:
        output = _unflattened(output, int(options.get("channels", 0)), preprocessing)
    head = Head.of_shape(output.shape, preprocessing.width, preprocessing.height)
    if head is None:
        raise ValueError(f"no head of cells: {output.shape}")
    maps = head.by_cell(as_floats(output))
    y, x = np.mgrid[: head.rows, : head.columns]
    cells = np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)
    return maps.reshape(len(cells) * per_cell, -1), head.stride, cells


def _flattened(facts: Facts, region: Any | None) -> tuple[Head, ...] | None:
    """The one head of a network whose RegionYolo gives all its values in a row."""
    if region is None or len(facts.outputs) != 1 or len(facts.outputs[0].shape) != 2:
        return None
    shape = [int(side) for side in region.input_value(0).get_shape()]
    head = Head.of_shape(shape, facts.image_input.width, facts.image_input.height)
    return (head,) if head is not None else None


def _unflattened(output: NDArray[Any], channels: int, preprocessing: Preprocessing) -> NDArray[Any]:
    """``[1,channels,H,W]`` for the stride that the number of values fits."""
    for stride in (32, 16, 8):
        rows, columns = -(-preprocessing.height // stride), -(-preprocessing.width // stride)
        if rows * columns * channels == output.size:
            return output.reshape(1, channels, rows, columns)
    raise ValueError(f"no head of cells: {output.shape}")


def anchor_list(options: Options) -> str:
    """Widths and heights such as ``10,13 16,30``, smallest stride first."""
    name = str(options.get("anchors", "yolov3"))
    return str(options.get("anchor_list", "")) if name == "graph" else ANCHORS[name]


def anchor_table(options: Options, per_cell: int) -> Floats:
    """``[heads,per_cell,2]`` widths and heights, smallest stride first."""
    text = anchor_list(options)
    pairs = [tuple(map(float, pair.split(","))) for pair in text.split()]
    if not pairs or len(pairs) % per_cell:
        raise InputError(
            f"The model has {per_cell} anchors a cell, and the {len(pairs)} of "
            f"{options.get('anchors', 'yolov3')} are not that "
            "many for each of its outputs.",
            "Choose other anchors.",
        )
    return np.array(pairs, np.float32).reshape(-1, per_cell, 2)


def _anchors_per_cell(heads: tuple[Head, ...], attributes: dict[str, Any]) -> int | None:
    mask = attributes.get("mask")
    if mask is not None and len(mask):
        return len(mask)
    if attributes.get("anchors") is not None:
        return len(attributes["anchors"]) // 2
    if heads[0].anchors:
        return heads[0].anchors if heads[0].channels // heads[0].anchors > 5 else None
    if len(heads) == 1 and heads[0].channels % _V2 == 0 and heads[0].channels // _V2 > 5:
        return _V2 if heads[0].stride == 32 else None
    return 3 if heads[0].channels % 3 == 0 and heads[0].channels // 3 > 5 else None


def _sure(
    heads: tuple[Head, ...], region: Any | None, length: int
) -> tuple[float, tuple[Remark, ...]]:
    """How sure an operation, several strides or a published length make it, and what is against."""
    if region is not None:
        return 0.95, ()
    if len(heads) > 1:
        return 0.85, ()
    if heads[0].anchors or length in _PUBLISHED:
        return 0.6, ()
    return 0.3, (remark("one_map"),)


def _kind(facts: Facts, heads: tuple[Head, ...]) -> tuple[str, str]:
    """Whose anchors and formula these heads have: shapes and activations tell."""
    if len(heads) == 1 and (heads[0].anchors or _V2) == _V2 and heads[0].channels % _V2 == 0:
        if heads[0].channels // _V2 != _OF_VOC:
            return "yolov2", "v2"
        tiny = facts.operations["Convolution"] < _FEW
        return ("yolov2-tiny-voc" if tiny else "yolov2-voc"), "v2"
    if len(heads) == 2:
        leaky_mish = facts.operations["Mish"] or facts.operations["SoftPlus"]
        return ("yolov4-tiny" if leaky_mish else "yolov3-tiny"), "v3"
    if facts.operations["Mish"] or facts.operations["SoftPlus"]:
        return "yolov4", "v4"
    swish = facts.operations["Swish"] or facts.operations["Sigmoid"] > 10
    if heads[0].anchors and swish:
        return "yolov5", "v5"
    return "yolov3", "v3"


def _from_graph(facts: Facts) -> str:
    """The anchors that the RegionYolo operations choose, smallest first."""
    found: list[tuple[float, float]] = []
    cells = 1.0
    for op in facts.model.get_ops():
        if op.get_type_name() == "RegionYolo":
            attributes = op.get_attributes()
            values = [float(value) for value in attributes["anchors"]]
            pairs = list(zip(values[::2], values[1::2], strict=True))
            found += [pairs[number] for number in attributes["mask"]] or pairs
            cells = facts.image_input.width / int(op.input_value(0).get_shape()[-1])
    pixels = cells if max(map(max, found), default=0) < _CELLS else 1.0  # YOLOv2 counts in cells
    return " ".join(
        f"{width * pixels:.9g},{height * pixels:.9g}" for width, height in sorted(found, key=_area)
    )


def _area(pair: tuple[float, float]) -> float:
    return pair[0] * pair[1]
