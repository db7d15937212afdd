"""SSD with ``DetectionOutput`` in the graph: rows of image, label, score and corners in 0..1."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import FIRST_LABEL, UNIT_COORDINATES
from core.models.decoders.base import Decoder, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import candidates, in_input_pixels, placed
from core.models.detector import Recognition
from core.models.facts import Facts
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

ROW_LENGTH = 7


class SsdDecoder(Decoder):
    """``[1,1,N,7]``: rows [image id, label, score, x1, y1, x2, y2], ended by image id -1."""

    id = "ssd-detection-output"
    title = "SSD, DetectionOutput [1,1,N,7]"
    choices = (FIRST_LABEL, UNIT_COORDINATES)

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for one output of that shape and looks for the operation that makes it."""
        shape = facts.outputs[0].shape
        if len(facts.outputs) != 1 or len(shape) != 4 or shape[3] != ROW_LENGTH:
            return None
        stated = facts.model.output(0).partial_shape.to_string()
        reasons = [remark("output_shape", shape=stated, length=ROW_LENGTH)]
        operation = facts.find("DetectionOutput")
        first_label, classes = 0, 0
        if operation is not None:
            first_label, classes = _labels_of(operation)
            reasons.append(remark("detection_output"))
        reasons.append(usual_input("SSD", "bgr", "bytes", "stretch"))
        return Recognition(
            confidence=0.6 if operation is None else 0.99,
            reasons=tuple(reasons),
            preprocessing=facts.image_input.preprocessing(),
            class_count=classes,
            options={"first_label": first_label},
            unsure=("values", "colors"),
        )

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Rows up to the end mark, scaled from 0..1 to the input and back to the original."""
        rows = as_floats(outputs[0]).reshape(-1, ROW_LENGTH)
        ends = np.flatnonzero(rows[:, 0] < 0)
        rows = rows[: ends[0]] if len(ends) else rows
        class_ids = rows[:, 1].astype(np.int32) - int(options.get("first_label", 0))
        scale = {"coordinates": UNIT_COORDINATES.default, **options}
        boxes = in_input_pixels(rows[:, 3:7], scale, preprocessing)
        found = candidates(boxes, rows[:, 2], class_ids)
        return placed(found.where(found.class_ids >= 0), placement)


def _labels_of(operation: Any) -> tuple[int, int]:
    """The label of the first class and the number of classes, background left out."""
    attributes = operation.get_attributes()
    background = int(attributes.get("background_label_id", 0))
    total = int(attributes.get("num_classes", 0)) or _classes_from_shapes(operation)
    first_label = 1 if background == 0 else 0
    return first_label, max(0, total - 1)


def _classes_from_shapes(operation: Any) -> int:
    """Class scores per prior box; 0 where the shapes do not tell."""
    scores, priors = operation.input(1), operation.input(2)
    if scores.get_partial_shape().is_dynamic or priors.get_partial_shape().is_dynamic:
        return 0
    boxes = list(priors.get_shape())[-1] // 4
    return int(list(scores.get_shape())[-1] // boxes) if boxes else 0
