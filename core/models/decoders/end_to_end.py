"""Detectors without NMS, or with it in the graph, that list one row a detection.

YOLOv10 and YOLO26 give ``[1,N,6]``, x1 y1 x2 y2 score class; YOLOv7 with its NMS exported
``[N,7]``, batch x1 y1 x2 y2 class score; PaddleDetection ``[N,6]``, class score x1 y1 x2 y2,
with the number of boxes in a second output.
"""

from __future__ import annotations

import numpy as np

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import COORDINATES, FIRST_LABEL, Choice
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import (
    are_scores,
    candidates,
    changed,
    in_input_pixels,
    placed,
    with_coordinates,
)
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts, Output
from core.models.preprocessing import Preprocessing
from core.models.tasks import ANGLES, other_task
from core.remarks.remark import remark

MAX_ROWS = 1000
# Where in a row the box starts, the score is and the class is.
ORDERS = {
    "box score class": (0, 4, 5),
    "box class score": (0, 5, 4),
    "class score box": (2, 1, 0),
    "batch box class score": (1, 6, 5),
    "batch class score box": (3, 2, 1),
}


class EndToEndDecoder(Decoder):
    """``[1,N,6]``: rows x1 y1 x2 y2 score class; other orders by option."""

    id = "end-to-end"
    title = "End-to-end rows [1,N,6] (YOLOv10, YOLO26, YOLOv7 with NMS, Paddle)"
    choices = (
        Choice(
            key="order", title="Order in a row", values=tuple(ORDERS), default="box score class"
        ),
        COORDINATES,
        FIRST_LABEL,
    )

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for few rows of 6 or 7, and looks for what chose them."""
        if len(facts.outputs) > 2:
            return None
        tables = [output for output in facts.outputs if _is_table(output)]
        if len(tables) != 1:
            return None
        output = tables[0]
        rows, length = output.shape[-2:]
        counted = len(facts.outputs) == 2
        suppressing = any("NonMax" in kind or "NMS" in kind for kind in facts.operations)
        chosen = suppressing or "TopK" in facts.operations
        order = "batch box class score" if length == 7 else "box score class"
        if counted and length == 6:
            order = "class score box"
        reasons = [
            remark("listed_rows", rows=rows, length=length)
            if rows
            else remark("listed_open_rows", length=length)
        ]
        if chosen:
            reasons.append(remark("chosen_in_graph"))
        classes = output.classes_above()
        if classes:
            reasons.append(remark("chosen_classes", classes=classes))
        reasons.append(usual_input("", "rgb", "unit", "letterbox"))
        return Recognition(
            confidence=0.9 if chosen else 0.6,
            reasons=tuple(reasons),
            preprocessing=facts.image_input.preprocessing("rgb", "letterbox", scale=UNIT_SCALE),
            class_count=classes,
            options={
                "rows": output.index,
                "order": order,
                "coordinates": "input",
                "first_label": 0,
            },
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Tells the order and the scale by the values."""
        rows = _rows(outputs, claim.options)
        order = _order_of(rows, str(claim.options["order"]))
        if order is None:  # the angle comes last where it is not the number of the image
            raise other_task(ANGLES, "The model")
        if order != claim.options["order"]:
            claim = changed(claim, remark("row_order", order=order), order=order)
        box = ORDERS[order][0]
        boxes = rows[:, box : box + 4]
        return with_coordinates(claim, boxes[(boxes != 0).any(axis=1)])

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """The rows as they are, from the scale of their coordinates to the original."""
        rows = _rows(outputs, options)
        box, score, label = ORDERS[str(options.get("order", "box score class"))]
        with np.errstate(invalid="ignore"):
            labels = np.nan_to_num(rows[:, label], nan=-1).astype(np.int32)
        boxes = in_input_pixels(rows[:, box : box + 4], options, preprocessing)
        found = candidates(boxes, rows[:, score], labels - int(options.get("first_label", 0)))
        return placed(found.where(found.class_ids >= 0), placement)


def _is_table(output: Output) -> bool:
    shape = output.shape
    if len(shape) not in (2, 3) or shape[-1] not in (6, 7) or output.element_type[0] not in "fb":
        return False
    few = shape[-2] is None or shape[-2] <= MAX_ROWS
    return few and (len(shape) == 2 or shape[0] in (1, None))


def _rows(outputs: Outputs, options: Options) -> Floats:
    table = as_floats(outputs[int(options.get("rows", 0))])
    return table.reshape(-1, table.shape[-1])


def _order_of(rows: Floats, usual: str) -> str | None:
    """The order that the values allow, the usual one first: scores in 0..1, whole labels.

    None for rows of seven that no order with the number of the image fits.
    """
    rows = rows[np.isfinite(rows).all(axis=1) & (rows != 0).any(axis=1)]
    if len(rows) < 3:
        return usual
    fitting = [order for order in (usual, *ORDERS) if _fits(rows, order)]
    if not fitting and rows.shape[1] == 7:
        return None
    return fitting[0] if fitting else usual


def _fits(rows: Floats, order: str) -> bool:
    box, score, label = ORDERS[order]
    if max(box + 3, score, label) >= rows.shape[1] or ("batch" in order) != (rows.shape[1] == 7):
        return False
    scores, labels = rows[:, score], rows[:, label]
    ordered = (rows[:, box + 2] >= rows[:, box]) & (rows[:, box + 3] >= rows[:, box + 1])
    whole = bool((labels == np.round(labels)).all() and (labels >= -1).all())
    if "batch" in order and (rows[:, 0] != np.round(rows[:, 0])).any():
        return False
    return whole and are_scores(scores) and bool(ordered.mean() > 0.9)
