"""Decoded boxes with the scores of all classes, before NMS: face detectors, YOLO-NAS, SSD.

``scores [1,N,C]`` and ``boxes [1,N,4]``; of two classes the first is the background, and so is
it where scores went through a softmax.
"""

from __future__ import annotations

import numpy as np

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.errors import InputError
from core.images.placement import Placement
from core.models.choices import COORDINATES, SIGMOID, Choice, nms_iou
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import (
    changed,
    in_input_pixels,
    sigmoid,
    softmax,
    suppressed,
    with_activation,
    with_coordinates,
)
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts, Output
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

NMS_IOU = 0.5
_MOST = 0.6  # share of the rows that are boxes; distances from anchors are often negative
_HALF: tuple[float, float, float] = (127.0, 127.0, 127.0)
_FACE_SCALE: tuple[float, float, float] = (128.0, 128.0, 128.0)


class BoxScoresDecoder(Decoder):
    """``boxes [1,N,4]`` and ``scores [1,N,C]``, a row a box."""

    id = "boxes-scores"
    title = "boxes [1,N,4] and scores [1,N,C] before NMS (faces, SSD, YOLO-NAS)"
    choices = (
        Choice(
            key="background",
            title="Background among the classes",
            values=("none", "first", "last"),
            default="none",
        ),
        Choice(key="corners", title="Boxes", values=("xyxy", "cxcywh", "yxyx"), default="xyxy"),
        COORDINATES,
        SIGMOID,
        nms_iou(NMS_IOU),
    )

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for as many rows of boxes as of scores."""
        found = _pair(facts)
        if found is None:
            return None
        boxes, scores = found
        rows, length = int(scores.shape[1] or 0), int(scores.shape[2] or 0)
        named = scores.named("score", "conf", "prob", "cls") and boxes.named("box", "loc", "reg")
        background = "first" if length == 2 or "Softmax" in scores.makers else "none"
        reasons = [remark("scored_boxes", rows=rows, length=length)]
        if background == "first":
            reasons.append(remark("background_first"))
        faces = length == 2
        reasons.append(
            usual_input("face detectors of this form", "rgb", "face", "stretch")
            if faces
            else usual_input("", "rgb", "unit")
        )
        image_input = facts.image_input
        return Recognition(
            confidence=0.65 + 0.2 * named,
            reasons=tuple(reasons),
            preprocessing=(
                image_input.preprocessing("rgb", mean=_HALF, scale=_FACE_SCALE)
                if faces
                else image_input.preprocessing("rgb", "letterbox", scale=UNIT_SCALE)
            ),
            class_count=length - (background != "none"),
            options={
                "boxes": boxes.index,
                "scores": scores.index,
                "background": background,
                "corners": "xyxy",
                "coordinates": "input",
                "sigmoid": False,
            },
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Tells the scale, logits, and corners from centres and sizes, by the values."""
        boxes = as_floats(outputs[int(claim.options["boxes"])])[0]
        scores = as_floats(outputs[int(claim.options["scores"])])[0]
        claim = with_activation(with_coordinates(claim, boxes), scores)
        ordered = (boxes[:, 2:] >= boxes[:, :2]).all(axis=1).mean()
        if ordered < 0.9:
            if (boxes[:, 2:] > 0).all(axis=1).mean() < _MOST:
                raise InputError(
                    "The model's boxes are not decoded: neither corners nor sizes are in them, but "
                    "distances from anchors that the file does not give.",
                    "Export it with its boxes decoded, or with its post-processing.",
                )
            claim = changed(claim, remark("boxes_centred"), corners="cxcywh")
        return claim

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Every class of every box that is likely enough, then NMS for each class."""
        boxes = as_floats(outputs[int(options.get("boxes", 0))])[0]
        scores = as_floats(outputs[int(options.get("scores", 1))])[0]
        background = str(options.get("background", "none"))
        if options.get("sigmoid"):
            scores = sigmoid(scores) if background == "none" else softmax(scores)
        scores = scores[:, _CLASSES[background]]
        boxes = in_input_pixels(
            _corners(boxes, str(options.get("corners", "xyxy"))), options, preprocessing
        )
        return suppressed(boxes, scores, options, placement, NMS_IOU)


_CLASSES = {"none": slice(None), "first": slice(1, None), "last": slice(None, -1)}


def _corners(boxes: Floats, given: str) -> Floats:
    if given == "cxcywh":
        return from_centres(boxes)
    return np.ascontiguousarray(boxes[:, [1, 0, 3, 2]]) if given == "yxyx" else boxes


def _pair(facts: Facts) -> tuple[Output, Output] | None:
    """The boxes and the scores; None where there is not one of each with as many rows."""
    tables = [o for o in facts.outputs if len(o.shape) == 3 and o.shape[0] == 1]
    if len(tables) != len(facts.outputs) or len(tables) != 2:
        return None
    boxes = [o for o in tables if o.shape[2] == 4]
    if len(boxes) == 2:  # four classes: names decide
        boxes = [o for o in boxes if o.named("box", "loc", "reg")][:1]
    if len(boxes) != 1:
        return None
    scores = next(o for o in tables if o is not boxes[0])
    if scores.shape[1] != boxes[0].shape[1] or not scores.shape[2]:
        return None
    return boxes[0], scores
