"""YOLOX and YOLOv6: one row a grid cell, [x, y, w, h, objectness, classes...], without anchors.

Formula of the grid (Ge et al. 2021, arXiv 2107.08430): centre = (xy + cell) * stride,
size = exp(wh) * stride, both in pixels of the input.
"""

from __future__ import annotations

from itertools import accumulate

import msgspec
import numpy as np

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import SIGMOID, Choice, nms_iou
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import changed, sigmoid, suppressed, with_activation
from core.models.decoders.grids import grid
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts, Output
from core.models.preprocessing import Preprocessing
from core.remarks.remark import Remark, remark

STRIDES = ((8, 16, 32), (8, 16, 32, 64))
NMS_IOU = 0.6
_BOX = 4
_LOGITS = remark("scores_logits")


def has_objectness(facts: Facts, output: Output, length: int) -> bool:
    """Whether the graph tells that a row of `length` has objectness between box and classes.

    It joins the row from pieces of which one is that; or it takes the exponential of sizes, as
    YOLOX does and YOLOv8 does not, and has not multiplied objectness with classes yet.
    """
    pieces = output.pieces(length)
    ends = list(accumulate(size for size, _ in pieces))
    if _BOX in ends and _BOX + 1 in ends[:-1]:
        one_class = ends[-1] == _BOX + 2  # or an angle, which is no plain sigmoid
        return not one_class or all(makers == {"Sigmoid"} for _, makers in pieces[-2:])
    if not pieces or length <= _BOX + 1 or "Multiply" in pieces[-1][1]:
        return False
    return "Exp" in facts.operations and "Softmax" not in facts.operations


class YoloxDecoder(Decoder):
    """``[1,N,5+C]`` with one row a cell of the grids at strides 8, 16, 32 (and 64)."""

    id = "yolox-raw"
    title = "YOLOX and YOLOv6, a row a cell [1,N,5+C]"
    choices = (
        Choice(key="grid", title="Boxes are grid offsets", default=True),
        SIGMOID,
        nms_iou(NMS_IOU),
    )

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for a row a grid cell, and looks in the graph for what is still to be done."""
        output = facts.outputs[0]
        if len(facts.outputs) != 1 or len(output.shape) != 3:
            return None
        _, rows, row_length = output.shape
        if rows is None or row_length is None or row_length <= 5:
            return None
        strides = next((s for s in STRIDES if facts.cells(*s) == rows), None)
        if strides is None:
            return None
        activated = "Sigmoid" in output.makers
        pieces = output.pieces(row_length)
        parts = output.parts(row_length)
        # YOLOX decodes with an exponential, or leaves it; YOLOv6 multiplies with the stride.
        yolov6 = (
            "Exp" not in facts.operations and parts[:2] == (4, 1) and "Multiply" in pieces[0][1]
        )
        in_graph = "Exp" in facts.operations or yolov6
        confidence = 0.95 if activated and not in_graph else 0.8
        distribution = "Softmax" in facts.operations and not yolov6
        recognised = parts[:1] == (_BOX,) or has_objectness(facts, output, row_length)
        if distribution or (parts and not recognised):
            confidence = 0.4  # such as YOLOv8's and NanoDet's
        return Recognition(
            confidence=confidence,
            reasons=_reasons(facts, strides, yolov6, activated, in_graph),
            preprocessing=(
                facts.image_input.preprocessing("rgb", "letterbox", scale=UNIT_SCALE)
                if yolov6
                else facts.image_input.preprocessing(resize="letterbox_top_left")
            ),
            class_count=row_length - 5,
            options={"grid": not in_graph, "sigmoid": not activated, "largest": strides[-1]},
            unsure=("values", "colors", "resize") if yolov6 else ("values", "colors"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Scores beyond 0..1 are logits, and others are none, whatever the graph tells."""
        seen = with_activation(claim, outputs[0][..., 4:])
        if seen.options["sigmoid"] == claim.options["sigmoid"]:
            return claim
        if seen.options["sigmoid"]:
            return changed(claim, remark("scores_outside"), sigmoid=True)
        rest = tuple(reason for reason in seen.reasons if reason != _LOGITS)
        return msgspec.structs.replace(seen, reasons=rest)

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
        """Every class of every cell that is likely enough, then class-aware NMS in input pixels."""
        rows = as_floats(outputs[0])[0]
        scores = sigmoid(rows[:, 4:]) if options.get("sigmoid") else rows[:, 4:]
        boxes = rows[:, :4]
        if options.get("grid"):
            strides = STRIDES[int(options.get("largest", 32)) == 64]
            corners, sizes = grid(preprocessing.width, preprocessing.height, strides)
            with np.errstate(over="ignore", invalid="ignore"):  # not usable, and left out later
                centres = (boxes[:, :2] + corners) * sizes
                boxes = np.concatenate([centres, np.exp(boxes[:, 2:]) * sizes], axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            likely = scores[:, :1] * scores[:, 1:]
            return suppressed(from_centres(boxes), likely, options, placement, NMS_IOU)


def _reasons(
    facts: Facts, strides: tuple[int, ...], yolov6: bool, activated: bool, in_graph: bool
) -> tuple[Remark, ...]:
    """What speaks for this layout."""
    _, rows, row_length = facts.outputs[0].shape
    assert row_length is not None
    return (
        remark(
            "cell_rows",
            rows=rows,
            width=facts.image_input.width,
            height=facts.image_input.height,
            strides=strides,
        ),
        remark("objectness_row", length=row_length, classes=row_length - 5),
        remark("boxes_scaled" if in_graph else "grid_offsets"),
        remark("scores_activated") if activated else _LOGITS,
        usual_input("YOLOv6", "rgb", "unit", "letterbox")
        if yolov6
        else usual_input("YOLOX", "bgr", "bytes", "letterbox_top_left"),
    )
