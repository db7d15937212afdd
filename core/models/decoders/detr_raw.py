"""The DETR family before its post-processing: class logits and normalised boxes of Q queries.

DETR itself has a softmax with "no object" as the last class (Carion et al. 2020); Deformable
DETR, DINO and RT-DETR have a sigmoid for each class.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from core.detection.boxes import from_centres
from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import UNIT_COORDINATES, Choice
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import (
    are_scores,
    candidates,
    changed,
    in_input_pixels,
    placed,
    sigmoid,
    softmax,
)
from core.models.detector import Recognition
from core.models.facts import Facts, Output, Triple
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

MAX_QUERIES = 1000
_MEAN: Triple = (123.675, 116.28, 103.53)
_SCALE: Triple = (58.395, 57.12, 57.375)


class DetrRawDecoder(Decoder):
    """``pred_logits [1,Q,C]`` and ``pred_boxes [1,Q,4]``, cx cy w h in 0..1; no NMS."""

    id = "detr-raw"
    title = "DETR family, pred_logits [1,Q,C] and pred_boxes [1,Q,4]"
    choices = (
        Choice(
            key="activation",
            title="Class scores by",
            values=("softmax", "sigmoid", "none"),
            default="softmax",
        ),
        UNIT_COORDINATES,
    )

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for a few hundred queries with a box and class logits each."""
        found = _pair(facts)
        if found is None:
            return None
        logits, boxes = found
        queries, length = logits.shape[1], int(logits.shape[2] or 0)
        named = logits.named("logits") or boxes.named("pred_boxes")
        attention = facts.operations["MatMul"] > 10 and "Softmax" in facts.operations
        reasons = [remark("queries", length=length, queries=queries)]
        if named:
            reasons.append(remark("output_names", family="the DETR family"))
        if attention:
            reasons.append(remark("transformer"))
        reasons.append(usual_input("DETR", "rgb", "imagenet"))
        return Recognition(
            confidence=0.55 + 0.25 * named + 0.15 * attention,
            reasons=tuple(reasons),
            preprocessing=facts.image_input.preprocessing("rgb", mean=_MEAN, scale=_SCALE),
            class_count=length - 1,
            options={
                "activation": "softmax",
                "coordinates": "unit",
                "logits": logits.index,
                "boxes": boxes.index,
            },
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Where most queries are surest of the last class, that is "no object"."""
        logits = as_floats(outputs[int(claim.options["logits"])])[0]
        background = float((logits.argmax(axis=1) == logits.shape[1] - 1).mean())
        if background > 0.5:
            return changed(claim, remark("background_last", share=background))
        scores = are_scores(logits)
        return _with_all_classes(claim, logits.shape[1], "none" if scores else "sigmoid")

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Every likely class of every query; by softmax, the likeliest one alone."""
        logits = as_floats(outputs[int(options.get("logits", 0))])[0]
        boxes = from_centres(as_floats(outputs[int(options.get("boxes", 1))])[0])
        boxes = in_input_pixels(boxes, {**_UNIT, **options}, preprocessing)
        scores = _ACTIVATIONS[str(options.get("activation", "softmax"))](logits)
        rows, class_ids = np.nonzero(scores > 0)
        return placed(candidates(boxes[rows], scores[rows, class_ids], class_ids), placement)


_UNIT = {"coordinates": "unit"}


def _likeliest(logits: Floats) -> Floats:
    """Softmax without the background, and without all but the best class."""
    scores = softmax(logits)[:, :-1]
    return np.where(scores == scores.max(axis=1, keepdims=True), scores, 0).astype(np.float32)


_ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "softmax": _likeliest,
    "sigmoid": sigmoid,
    "none": lambda scores: scores,
}


def _with_all_classes(claim: Recognition, classes: int, activation: str) -> Recognition:
    reason = remark("no_background", classes=classes, activation=activation)
    if activation == "none":
        reason = remark("scores_inside")
    changed_claim = changed(claim, reason, activation=activation)
    return msgspec.structs.replace(changed_claim, class_count=classes)


def _pair(facts: Facts) -> tuple[Output, Output] | None:
    """The logits and the boxes: by name, or the only two outputs of such shapes."""
    tables = [o for o in facts.outputs if len(o.shape) == 3 and (o.shape[1] or 0) > 0]
    boxes = [o for o in tables if o.shape[2] == 4 and not o.named("logits")]
    logits = [o for o in tables if o not in boxes and (o.shape[2] or 0) > 1]
    if not boxes or not logits:
        return None
    first = next((o for o in logits if o.named("logits")), logits[0])
    second = next((o for o in boxes if o.named("pred_boxes")), boxes[0])
    if first.shape[1] != second.shape[1] or (first.shape[1] or 0) > MAX_QUERIES:
        return None
    if facts.image_input and first.shape[1] in (facts.cells(8, 16, 32), facts.cells(16, 32)):
        return None
    return first, second
