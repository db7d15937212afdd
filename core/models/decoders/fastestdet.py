"""FastestDet (dog-qiuqiu, 2022): one map of cells, in each objectness, a box and classes.

With t the raw values and c the cell's column and row:

    centre = (tanh(t) + c) * stride        size = sigmoid(t) * size of the input
    score  = objectness ^ 0.6 * (largest class probability) ^ 0.4
"""

from __future__ import annotations

import numpy as np

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import nms_iou
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import sigmoid, suppressed
from core.models.decoders.heads import Head, heads_of
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

NMS_IOU = 0.45
OBJECTNESS = 0.6  # exponents of the score's parts
CLASS = 0.4


class FastestDetDecoder(Decoder):
    """``[1,1+4+C,H,W]``: objectness and classes through a sigmoid and a softmax, the box raw."""

    id = "fastestdet"
    title = "FastestDet, objectness, box and classes of cells [1,5+C,H,W]"
    choices = (nms_iou(NMS_IOU),)

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for one map of cells that the graph joins from objectness, a box and classes."""
        heads = heads_of(facts)
        if heads is None or len(heads) != 1 or heads[0].anchors:
            return None
        head = heads[0]
        parts = facts.outputs[0].parts(head.channels)
        if len(parts) != 3 or parts[:2] != (1, 4):
            return None
        reasons = (
            remark("cell_map", stride=head.stride, channels=head.channels),
            remark("joined_roles", parts=parts, roles=("objectness", "box", "classes")),
            usual_input("FastestDet", "bgr", "unit", "stretch"),
        )
        return Recognition(
            confidence=0.95,
            reasons=reasons,
            preprocessing=facts.image_input.preprocessing(scale=UNIT_SCALE),
            class_count=parts[2],
            unsure=("values", "colors", "resize"),
        )

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """The likeliest class of every cell, then NMS for each class."""
        width, height = preprocessing.width, preprocessing.height
        head = Head.of_shape(outputs[0].shape, width, height)
        if head is None:
            raise ValueError(f"no map of cells: {outputs[0].shape}")
        rows = head.by_cell(as_floats(outputs[0]))
        y, x = np.mgrid[: head.rows, : head.columns]
        cells = np.stack([x.ravel(), y.ravel()], axis=-1)
        pixels = np.array([width / head.columns, height / head.rows])
        centres = (np.tanh(rows[:, 1:3]) + cells) * pixels
        sides = sigmoid(rows[:, 3:5]) * np.array([width, height])
        boxes = from_centres(np.concatenate([centres, sides], axis=1).astype(np.float32))
        return suppressed(boxes, _scores(rows), options, placement, NMS_IOU)


def _scores(rows: Floats) -> Floats:
    """``[N,C]``, all but the likeliest class of a row 0."""
    classes = rows[:, 5:].clip(0, 1)
    likely = rows[:, :1].clip(0, 1) ** OBJECTNESS * classes**CLASS
    best = classes == classes.max(axis=1, keepdims=True)
    return np.where(best, likely, 0).astype(np.float32)
