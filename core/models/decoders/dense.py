"""From one box and one score a class in every row, as dense heads give them, to detections."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.detection.boxes import usable
from core.detection.detections import Detections
from core.detection.nms import suppress
from core.images.placement import Placement
from core.models.decoders.base import MAX_DETECTIONS, SCORE_FLOOR, Floats, Options
from core.models.detector import Recognition
from core.models.preprocessing import Preprocessing
from core.remarks.remark import Remark, remark

OVER = 1.1  # what a class score is at most
MAX_CANDIDATES = 5000  # of one image, the best by score, that NMS looks at
_UNIT = 4.0  # coordinates in 0..1 may leave the image, but not by as much
_MIN_ROWS = 3
_ROUNDED = 0.05  # what quantization may add to 0 and 1


def sigmoid(values: NDArray[Any]) -> Floats:
    """1 / (1 + exp(-x))."""
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-values)), np.float32)


def softmax(values: NDArray[Any], axis: int = -1) -> Floats:
    """exp(x) / sum(exp(x)) along `axis`."""
    raised = np.exp(values - values.max(axis=axis, keepdims=True))
    return np.asarray(raised / raised.sum(axis=axis, keepdims=True), np.float32)


def likely_rows(rows: Floats, options: Options) -> Floats:
    """The rows box, objectness, classes that may have a score from the floor on.

    Most have none, and are not decoded. `OVER` allows for classes that quantization put above 1.
    """
    objectness = sigmoid(rows[:, 4]) if options.get("sigmoid") else rows[:, 4]
    return rows[objectness >= SCORE_FLOOR / OVER]


def suppressed(
    boxes: Floats, scores: Floats, options: Options, placement: Placement, nms_iou: float
) -> Detections:
    """Every class of every row that is likely enough, then class-aware NMS, back to the original.

    `boxes` are float ``[N,4]`` xyxy in pixels of the input, `scores` float ``[N,C]`` in 0..1;
    `nms_iou` holds where the options do not say.
    """
    likely = np.flatnonzero((scores >= SCORE_FLOOR).any(axis=1))  # a few of many; NaN is not kept
    places, class_ids = np.nonzero(scores[likely] >= SCORE_FLOOR)
    rows = likely[places]
    found = candidates(boxes[rows], scores[rows, class_ids], class_ids)
    found = suppress(found, float(options.get("nms_iou", nms_iou)), MAX_DETECTIONS)
    return placed(found, placement)


def candidates(boxes: NDArray[Any], scores: NDArray[Any], class_ids: NDArray[Any]) -> Detections:
    """The rows that are boxes, above the floor, at most `MAX_CANDIDATES` of them."""
    boxes, scores = np.asarray(boxes, np.float32), np.asarray(scores, np.float32)
    sound = usable(boxes, scores) & (scores >= SCORE_FLOOR)
    found = Detections(
        np.ascontiguousarray(boxes[sound]),
        np.ascontiguousarray(scores[sound]),
        np.ascontiguousarray(class_ids[sound], np.int32),
    )
    return found.best(MAX_CANDIDATES) if len(found) > MAX_CANDIDATES else found


def placed(found: Detections, placement: Placement) -> Detections:
    """From pixels of the input to those of the original, best first."""
    original = placement.to_original(found.boxes)
    found = Detections(original, found.scores, found.class_ids)
    return found.where(usable(found.boxes, found.scores)).best(MAX_DETECTIONS)


def in_input_pixels(boxes: Floats, options: Options, preprocessing: Preprocessing) -> Floats:
    """Boxes ``[N,4]`` in pixels of the input, whatever the option `coordinates` says they are."""
    if options.get("coordinates") != "unit":
        return boxes
    size = np.array([preprocessing.width, preprocessing.height] * 2, np.float32)
    return np.asarray(boxes * size, np.float32)


def with_coordinates(claim: Recognition, boxes: NDArray[Any]) -> Recognition:
    """The claim with the scale that these coordinates ``[N,4]`` have, told from their values."""
    values = np.abs(boxes[np.isfinite(boxes)])
    if len(values) < 4 * _MIN_ROWS or not values.any():
        return claim
    largest = float(np.percentile(values, 98))
    unit = largest <= _UNIT
    wanted = "unit" if unit else "input"
    reason = remark("coordinates_unit") if unit else remark("coordinates_pixels", largest=largest)
    return changed(claim, reason, coordinates=wanted)


def are_scores(values: NDArray[Any]) -> bool:
    """Whether values lie in 0..1, as scores do and logits do not; quantized ones nearly do."""
    return bool(values.min() >= -_ROUNDED and values.max() <= 1 + _ROUNDED)


def with_activation(claim: Recognition, scores: NDArray[Any]) -> Recognition:
    """The claim, with whether scores are logits, told from their values."""
    values = scores[np.isfinite(scores)]
    if not values.size:
        return claim
    low, high = float(values.min()), float(values.max())
    logits = not are_scores(values)
    reason = remark("logit_range", low=low, high=high) if logits else remark("scores_inside")
    return changed(claim, reason, sigmoid=logits)


def changed(claim: Recognition, reason: Remark, **options: float | int | str | bool) -> Recognition:
    """The claim with other options and one more reason."""
    reasons = (*claim.reasons, reason)
    return msgspec.structs.replace(claim, options={**claim.options, **options}, reasons=reasons)
