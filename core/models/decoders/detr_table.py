"""The DETR family as Ultralytics exports it: a row a query, box and scores of all classes."""

from __future__ import annotations

import numpy as np

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import SIGMOID, UNIT_COORDINATES
from core.models.decoders.base import Decoder, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import (
    candidates,
    in_input_pixels,
    placed,
    sigmoid,
    with_activation,
    with_coordinates,
)
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

MAX_QUERIES = 1000


class DetrTableDecoder(Decoder):
    """``[1,Q,4+C]``: rows cx cy w h in 0..1, and a score for each class; no NMS."""

    id = "detr-table"
    title = "DETR family, one table [1,Q,4+C] (RT-DETR of Ultralytics)"
    choices = (UNIT_COORDINATES, SIGMOID)

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for a few hundred rows that the graph joins from a box and classes."""
        shape = facts.outputs[0].shape
        if len(facts.outputs) != 1 or len(shape) != 3:
            return None
        queries, length = shape[1] or 0, shape[2] or 0
        if queries > MAX_QUERIES or facts.outputs[0].parts(length) != (4, length - 4):
            return None
        if queries in (facts.cells(8, 16, 32), facts.cells(16, 32)):
            return None
        attention = facts.operations["MatMul"] > 10 and "Softmax" in facts.operations
        reasons = [
            remark("rows", rows=queries, length=length),
            remark("joined_roles", parts=(4, length - 4), roles=("box", "classes of each query")),
        ]
        if attention:
            reasons.append(remark("transformer"))
        reasons.append(usual_input("RT-DETR", "rgb", "unit", "stretch"))
        return Recognition(
            confidence=0.97 if attention else 0.95,  # YOLOv10 joins its score and class one by one
            reasons=tuple(reasons),
            preprocessing=facts.image_input.preprocessing("rgb", scale=UNIT_SCALE),
            class_count=length - 4,
            options={"coordinates": "unit", "sigmoid": False},
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Tells 0..1 from pixels, and logits from scores, by the values."""
        rows = as_floats(outputs[0])[0]
        return with_activation(with_coordinates(claim, rows[:, :4]), rows[:, 4:])

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Every likely class of every query."""
        rows = as_floats(outputs[0])[0]
        scores = sigmoid(rows[:, 4:]) if options.get("sigmoid") else rows[:, 4:]
        scale = {"coordinates": UNIT_COORDINATES.default, **options}
        boxes = in_input_pixels(from_centres(rows[:, :4]), scale, preprocessing)
        queries, class_ids = np.nonzero(scores > 0)
        return placed(candidates(boxes[queries], scores[queries, class_ids], class_ids), placement)
