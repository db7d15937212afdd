"""SSD with ``DetectionOutput`` in the graph: rows of image, label, score and corners in 0..1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from core.detection.boxes import usable
from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.decoders.base import (
    MAX_DETECTIONS,
    SCORE_FLOOR,
    Outputs,
    as_floats,
    image_input,
)
from core.models.detector import Option, Recognition
from core.models.preprocessing import Preprocessing

if TYPE_CHECKING:
    import openvino as ov

ROW_LENGTH = 7


class SsdDecoder:
    """``[1,1,N,7]``: rows [image id, label, score, x1, y1, x2, y2], ended by image id -1."""

    id = "ssd-detection-output"
    title = "SSD, DetectionOutput [1,1,N,7]"

    def recognise(self, model: ov.Model) -> Recognition | None:
        """Asks for one output of that shape and looks for the operation that makes it."""
        picture = image_input(model)
        if picture is None or len(model.outputs) != 1:
            return None
        shape = model.output(0).partial_shape
        if shape.rank.is_dynamic or len(shape) != 4 or shape[3] != ROW_LENGTH:
            return None
        layout, height, width = picture
        reasons = [f"Its one output is {shape.to_string()}: rows of {ROW_LENGTH} values."]
        operation = next(
            (op for op in model.get_ops() if op.get_type_name() == "DetectionOutput"), None
        )
        first_label, classes = 0, 0
        if operation is not None:
            first_label, classes = _labels_of(operation)
            reasons.append("The operation DetectionOutput makes it: an SSD with NMS inside.")
        reasons.append("SSD models in this form take BGR pixels 0..255, stretched to the input.")
        return Recognition(
            confidence=0.6 if operation is None else 0.99,
            reasons=tuple(reasons),
            preprocessing=Preprocessing(
                width=width, height=height, layout="NHWC" if layout == "NHWC" else "NCHW"
            ),
            class_count=classes,
            options={"first_label": first_label},
        )

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Mapping[str, Option],
        placement: Placement,
    ) -> Detections:
        """Rows up to the end mark, scaled from 0..1 to the input and back to the original."""
        rows = as_floats(outputs[0]).reshape(-1, ROW_LENGTH)
        ends = np.flatnonzero(rows[:, 0] < 0)
        rows = rows[: ends[0]] if len(ends) else rows
        class_ids = rows[:, 1].astype(np.int32) - int(options.get("first_label", 0))
        size = np.array([preprocessing.width, preprocessing.height] * 2, np.float32)
        boxes = placement.to_original(rows[:, 3:7] * size)
        kept = usable(boxes, rows[:, 2]) & (rows[:, 2] >= SCORE_FLOOR) & (class_ids >= 0)
        found = Detections(boxes[kept], np.ascontiguousarray(rows[kept, 2]), class_ids[kept])
        return found.best(MAX_DETECTIONS)


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
