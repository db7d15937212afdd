"""Yolo-FastestV2 (dog-qiuqiu, 2021): two strides, three anchors a cell that share its classes.

Of every cell come four values of each anchor's box, each anchor's objectness, and one set of
classes. With r the values after their sigmoid, c the cell's column and row:

    centre = (2 r - .5 + c) * stride        size = (2 r)^2 * anchor
"""

from __future__ import annotations

import numpy as np

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.errors import InputError
from core.images.placement import Placement
from core.models.choices import SIGMOID, Choice, nms_iou
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import are_scores, changed, sigmoid, softmax, suppressed
from core.models.decoders.grids import grid
from core.models.decoders.heads import Head, heads_of
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

NMS_IOU = 0.4
ANCHORS = 3  # a cell
STRIDES = (16, 32)
_ROLES = ("three boxes", "their objectness", "classes that they share")
COCO_ANCHORS = "12.64,19.39 37.88,51.48 55.71,138.31 126.91,78.23 131.57,214.55 279.92,258.87"


class YoloFastestDecoder(Decoder):
    """Two maps of 12+3+C values at strides 16 and 32, or one table of all their cells."""

    id = "yolo-fastestv2"
    title = "Yolo-FastestV2, cells with shared classes at strides 16 and 32"
    choices = (
        Choice(key="anchors", title="Anchors, width and height in pixels", default=COCO_ANCHORS),
        SIGMOID,
        nms_iou(NMS_IOU),
    )

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for both strides, and for 12, 3 and C values that the graph joins."""
        length = _length(facts)
        if length is None:
            return None
        parts = facts.outputs[0].parts(length)
        if len(parts) != 3 or parts[:2] != (4 * ANCHORS, ANCHORS):
            return None
        reasons = (
            remark("cell_values", length=length, strides=STRIDES),
            remark("joined_roles", parts=parts, roles=_ROLES),
            remark("anchors_assumed", anchors="COCO"),
            usual_input("Yolo-FastestV2", "bgr", "unit", "stretch"),
        )
        return Recognition(
            confidence=0.95,
            reasons=reasons,
            preprocessing=facts.image_input.preprocessing(scale=UNIT_SCALE),
            class_count=parts[2],
            options={"anchors": COCO_ANCHORS, "sigmoid": False},
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Objectness beyond 0..1 is a logit, and so is the rest."""
        rows = _rows(outputs, claim.preprocessing)
        if are_scores(rows[:, 4 * ANCHORS : 5 * ANCHORS]):
            return claim
        return changed(claim, remark("scores_outside"), sigmoid=True)

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Every anchor of every cell with the cell's classes, then NMS for each class."""
        rows = _rows(outputs, preprocessing)
        inside, classes = rows[:, : 5 * ANCHORS], rows[:, 5 * ANCHORS :]
        if options.get("sigmoid"):
            inside, classes = sigmoid(inside), softmax(classes)
        cells, sizes = grid(preprocessing.width, preprocessing.height, STRIDES)
        anchors = anchors_in(str(options.get("anchors", COCO_ANCHORS)))[
            (sizes[:, 0] == 32).astype(int)
        ]
        boxes = inside[:, : 4 * ANCHORS].reshape(-1, ANCHORS, 4)
        centres = (2 * boxes[..., :2] - 0.5 + cells[:, None]) * sizes[:, None]
        sides = (2 * boxes[..., 2:]) ** 2 * anchors
        table = np.concatenate([centres, sides], axis=2).reshape(-1, 4).astype(np.float32)
        likely = inside[:, 4 * ANCHORS :, None] * classes[:, None]
        scores = likely.reshape(len(table), -1).astype(np.float32)
        return suppressed(from_centres(table), scores, options, placement, NMS_IOU)


def _length(facts: Facts) -> int | None:
    """Values a cell; None where the outputs are not those of both strides."""
    if len(facts.outputs) == 1:
        shape = facts.outputs[0].shape
        cells = facts.cells(*STRIDES)
        return shape[2] if len(shape) == 3 and shape[1] == cells else None
    heads = heads_of(facts)
    if heads is None or tuple(head.stride for head in heads) != STRIDES:
        return None
    same = {head.channels for head in heads}
    return same.pop() if len(same) == 1 and not heads[0].anchors else None


def _rows(outputs: Outputs, preprocessing: Preprocessing) -> Floats:
    """``[N,15+C]`` of all cells, stride 16 first."""
    if len(outputs) == 1:
        return np.asarray(as_floats(outputs[0])[0])
    tables = []
    for output in outputs:
        head = Head.of_shape(output.shape, preprocessing.width, preprocessing.height)
        if head is None:
            raise ValueError(f"no map of cells: {output.shape}")
        tables.append(head.by_cell(as_floats(output)))
    return np.concatenate(sorted(tables, key=len, reverse=True))


def anchors_in(text: str) -> Floats:
    """``[2,3,2]``: of each stride three widths and heights; raises InputError for other text."""
    try:
        sides = [float(side) for side in text.replace(",", " ").split()]
        return np.asarray(np.reshape(sides, (len(STRIDES), ANCHORS, 2)), np.float32)
    except ValueError as error:
        raise InputError(
            f"'{text}' are not the anchors of Yolo-FastestV2.",
            "Give six pairs of width and height in pixels, such as those of its .data file.",
        ) from error
