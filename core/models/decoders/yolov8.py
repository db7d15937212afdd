"""YOLOv8, YOLOv9 and YOLO11: columns [cx, cy, w, h, classes...], without objectness."""

from __future__ import annotations

import numpy as np

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import COORDINATES, SIGMOID, nms_iou
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import (
    in_input_pixels,
    sigmoid,
    suppressed,
    with_activation,
    with_coordinates,
)
from core.models.decoders.yolox import has_objectness
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

STRIDES = ((8, 16, 32), (8, 16, 32, 64), (4, 8, 16, 32))
NMS_IOU = 0.7


class Yolov8Decoder(Decoder):
    """``[1,4+C,N]`` (or transposed), one box a cell of the grids at strides 8, 16, 32."""

    id = "yolov8"
    title = "YOLOv8, YOLOv9, YOLO11 [1,4+C,N]"
    choices = (COORDINATES, SIGMOID, nms_iou(NMS_IOU))

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for one box a grid cell, in columns or in rows."""
        output = facts.outputs[0]
        if len(facts.outputs) != 1 or len(output.shape) != 3:
            return None
        _, first, second = output.shape
        if first is None or second is None or min(first, second) <= 4:
            return None
        transposed = first > second
        boxes, length = (first, second) if transposed else (second, first)
        strides = next((s for s in STRIDES if facts.cells(*s) == boxes), None)
        if strides is None:
            return None
        parts = output.parts(length)
        if has_objectness(facts, output, length):
            return None  # as YOLOX and YOLOv6 have
        reasons = [
            remark("box_rows", boxes=boxes, length=length),
            remark("grid_rows", strides=strides),
        ]
        if parts:
            reasons.append(remark("joined", parts=parts))
        reasons.append(usual_input("YOLOv8 and related models", "rgb", "unit", "letterbox"))
        distribution = "Softmax" in facts.operations  # which YOLOX has not
        sure = 0.95 if not transposed else (0.9 if distribution else 0.45)
        return Recognition(
            confidence=sure,
            reasons=tuple(reasons),
            preprocessing=facts.image_input.preprocessing("rgb", "letterbox", scale=UNIT_SCALE),
            class_count=length - 4,
            options={"coordinates": "input", "sigmoid": False, "rows": transposed},
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Tells 0..1 from pixels, and logits from scores, by the values."""
        rows = _rows(outputs, claim.options)
        return with_activation(with_coordinates(claim, rows[:, :4]), rows[:, 4:])

    def score_rows(self, outputs: Outputs, claim: Recognition) -> tuple[Floats, int] | None:
        """After the box."""
        return _rows(outputs, claim.options), 4

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Every class of every box that is likely enough, then NMS for each class."""
        rows = _rows(outputs, options)
        scores = sigmoid(rows[:, 4:]) if options.get("sigmoid") else rows[:, 4:]
        boxes = in_input_pixels(from_centres(rows[:, :4]), options, preprocessing)
        return suppressed(boxes, scores, options, placement, NMS_IOU)


def _rows(outputs: Outputs, options: Options) -> Floats:
    """A box a row: ``[N,4+C]``."""
    table = as_floats(outputs[0])[0]
    return table if options.get("rows") else np.asarray(table.T)
