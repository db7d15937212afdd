"""YOLOv5 and YOLOv7, decoded in the graph: rows [cx, cy, w, h, objectness, classes...]."""

from __future__ import annotations

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import COORDINATES, SIGMOID, nms_iou
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import (
    in_input_pixels,
    likely_rows,
    sigmoid,
    suppressed,
    with_activation,
    with_coordinates,
)
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

ANCHORS = 3  # boxes in every cell
STRIDES = ((8, 16, 32), (8, 16, 32, 64), (16, 32))
NMS_IOU = 0.45


class Yolov5Decoder(Decoder):
    """``[1,N,5+C]`` with three rows a cell of the grids at strides 8, 16, 32 (and 64)."""

    id = "yolov5"
    title = "YOLOv5 and YOLOv7, decoded [1,N,5+C]"
    choices = (COORDINATES, SIGMOID, nms_iou(NMS_IOU))

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for three rows a grid cell, each a box, objectness and classes."""
        output = facts.outputs[0]
        if len(output.shape) != 3 or None in output.shape:
            return None
        _, rows, row_length = output.shape
        assert rows is not None
        assert row_length is not None
        if row_length <= 5 or rows <= row_length:
            return None
        strides = next((s for s in STRIDES if ANCHORS * facts.cells(*s) == rows), None)
        if strides is None:
            return None
        reasons = (
            remark("objectness_rows", rows=rows, length=row_length),
            remark("anchor_rows", strides=strides),
            usual_input("YOLOv5", "rgb", "unit", "letterbox"),
        )
        preprocessing = facts.image_input.preprocessing("rgb", "letterbox", scale=UNIT_SCALE)
        return Recognition(
            confidence=0.95,
            reasons=reasons,
            preprocessing=preprocessing,
            class_count=row_length - 5,
            options={"coordinates": "input", "sigmoid": False},
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Tells 0..1 from pixels, and logits from scores, by the values."""
        rows = as_floats(outputs[0])[0]
        return with_activation(with_coordinates(claim, rows[:, :4]), rows[:, 4:])

    def score_rows(self, outputs: Outputs, claim: Recognition) -> tuple[Floats, int] | None:
        """After the box and objectness."""
        return as_floats(outputs[0])[0], 5

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Score is objectness times class; NMS for each class."""
        rows = likely_rows(as_floats(outputs[0])[0], options)
        scores = sigmoid(rows[:, 4:]) if options.get("sigmoid") else rows[:, 4:]
        boxes = in_input_pixels(from_centres(rows[:, :4]), options, preprocessing)
        return suppressed(boxes, scores[:, :1] * scores[:, 1:], options, placement, NMS_IOU)
