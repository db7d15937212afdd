"""Detections that the graph lists: boxes, scores and labels in outputs of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import COORDINATES, FIRST_LABEL
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats
from core.models.decoders.dense import (
    are_scores,
    candidates,
    changed,
    in_input_pixels,
    placed,
    with_coordinates,
)
from core.models.detector import Option, Recognition
from core.models.facts import Facts, Output
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

SCORE_NAMES = ("score", "conf", "prob")
LABEL_NAMES = ("label", "class", "categor")


class ListedDecoder(Decoder):
    """What the layouts share whose rows are detections as they are."""

    choices = (FIRST_LABEL, COORDINATES)

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Tells labels from scores, and by the values of likely boxes 0..1 from pixels."""
        claim = _labels_are_whole(outputs, claim)
        boxes, scores, _ = columns_of(outputs, claim.options)
        sound = scores > 0
        return with_coordinates(claim, boxes[sound if sound.sum() > 3 else slice(None)])

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """The rows, from the scale of their coordinates to the original."""
        return detections(outputs, preprocessing, options, placement)


def roles(facts: Facts) -> dict[str, Output] | None:
    """Which output lists ``boxes`` (``[N,4]`` or ``[N,5]``), ``scores`` and ``labels`` (``[N]``).

    Names decide where they can, element types next (labels may be integers). None where there
    is no such pair of boxes with labels, or boxes with scores and labels.
    """
    boxes = [output for output in facts.outputs if _is_boxes(output)]
    if len(boxes) != 1:
        return None
    columns = [output for output in facts.outputs if _is_column(output, boxes[0])]
    labels = _pick(columns, LABEL_NAMES, wanted="i")
    if labels is None and len(columns) == 2 and boxes[0].shape[-1] == 4:
        labels = columns[1]  # floats both: `observed` tells them apart
    if labels is None:
        return None
    rest = [output for output in columns if output is not labels]
    scores = _pick(rest, SCORE_NAMES, wanted="f")
    found = {"boxes": boxes[0], "labels": labels}
    if scores is not None:
        found["scores"] = scores
    return found if scores is not None or boxes[0].shape[-1] == 5 else None


def places(found: dict[str, Output]) -> dict[str, Option]:
    """The indices of the outputs, as a decoder's options."""
    return {role: output.index for role, output in found.items()}


def _labels_are_whole(outputs: Outputs, claim: Recognition) -> Recognition:
    """Scores that are whole numbers beside labels that are none have been taken for each other."""
    options = claim.options
    if "scores" not in options:
        return claim
    labels, scores = (_column(outputs, options, role) for role in ("labels", "scores"))
    if _whole(labels) or not _whole(scores) or not are_scores(labels):
        return claim
    swapped = {"labels": options["scores"], "scores": options["labels"]}
    return changed(claim, remark("labels_whole"), **swapped)


def _whole(values: Floats) -> bool:
    finite = values[np.isfinite(values)]
    return bool((finite == np.round(finite)).all())


def columns_of(outputs: Outputs, options: Options) -> tuple[Floats, Floats, NDArray[np.int32]]:
    """Boxes ``[N,4]`` as xyxy, scores ``[N]`` and labels ``[N]`` as the graph gives them."""
    table = as_floats(outputs[int(options["boxes"])])
    table = table.reshape(-1, table.shape[-1])
    labels = np.asarray(outputs[int(options["labels"])]).reshape(-1)
    scores = table[:, 4] if "scores" not in options else _column(outputs, options, "scores")
    boxes = table[:, :4]
    if options.get("order") == "yxyx":
        boxes = boxes[:, [1, 0, 3, 2]]
    count = min(len(boxes), len(scores), len(labels))
    with np.errstate(invalid="ignore"):
        whole = np.nan_to_num(labels[:count], nan=-1).astype(np.int32)
    return boxes[:count], scores[:count], whole


def detections(
    outputs: Outputs, preprocessing: Preprocessing, options: Options, placement: Placement
) -> Detections:
    """The listed boxes, in pixels of the original."""
    boxes, scores, labels = columns_of(outputs, options)
    class_ids = labels - int(options.get("first_label", 0))
    found = candidates(in_input_pixels(boxes, options, preprocessing), scores, class_ids)
    return placed(found.where(found.class_ids >= 0), placement)


def _column(outputs: Outputs, options: Options, role: str) -> Floats:
    return as_floats(outputs[int(options[role])]).reshape(-1)


def _is_boxes(output: Output) -> bool:
    """``[N,4]``, ``[1,N,4]`` or with a score in a fifth column; N may be open."""
    shape = output.shape
    if len(shape) == 3 and shape[0] not in (1, None):
        return False
    return len(shape) in (2, 3) and shape[-1] in (4, 5) and output.element_type[0] in "fb"


def _is_column(output: Output, boxes: Output) -> bool:
    shape = output.shape
    rows = boxes.shape[-2]
    if len(shape) == 3 and shape[-1] == 1:
        shape = shape[:-1]
    if (
        output is boxes
        or len(shape) not in (1, 2)
        or (len(shape) == 2 and shape[0] not in (1, None))
    ):
        return False
    return rows is None or shape[-1] is None or shape[-1] == rows


def _pick(outputs: list[Output], names: tuple[str, ...], wanted: str) -> Output | None:
    """By name, or the only one whose element type starts with `wanted`."""
    named = [output for output in outputs if output.named(*names)]
    if named:
        return named[0]
    typed = [output for output in outputs if output.element_type.startswith(wanted)]
    return typed[0] if len(typed) == 1 else None
