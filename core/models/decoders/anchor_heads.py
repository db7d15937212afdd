"""RetinaNet and EfficientDet before their post-processing: scores and deltas of every anchor.

Either two tables, ``[1,N,C]`` and ``[1,N,4]``, or two maps for each of the strides 8 to 128.
"""

from __future__ import annotations

import numpy as np

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import SIGMOID, Choice, nms_iou
from core.models.decoders.anchors import LEVELS, PER_CELL, SCHEMES, anchors, moved
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import sigmoid, suppressed, with_activation
from core.models.decoders.heads import Head
from core.models.detector import Recognition
from core.models.facts import Facts, Triple
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

NMS_IOU = 0.5
_MEAN: Triple = (123.675, 116.28, 103.53)
_SCALE: Triple = (58.395, 57.12, 57.375)


def _choices(usual: str, schemes: tuple[str, ...]) -> tuple[Choice, ...]:
    scheme = Choice(key="scheme", title="Anchors and deltas", values=schemes, default=usual)
    return (scheme, SIGMOID, nms_iou(NMS_IOU))


class _AnchorHeads(Decoder):
    """What both families share."""

    usual: str  # scheme of anchors and deltas

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for nine anchors in every cell at strides 8 to 128."""
        classes = _classes(facts)
        if classes is None:
            return None
        swish = facts.operations["Swish"] + facts.operations["Sigmoid"] > 20
        depthwise = facts.operations["GroupConvolution"] > 20
        efficient = swish or depthwise
        likely = efficient == (self.usual == "efficientdet")
        reasons = (
            remark("anchor_deltas", classes=classes, strides=LEVELS),
            remark("depthwise" if efficient else "plain_convolutions"),
            usual_input(
                "RetinaNet and EfficientDet", "rgb", "imagenet", "letterbox_top_left", pad=124
            ),
        )
        return Recognition(
            confidence=0.92 if likely else 0.6,
            reasons=reasons,
            preprocessing=facts.image_input.preprocessing(
                "rgb",
                "letterbox_top_left",
                mean=_MEAN,
                scale=_SCALE,
                pad_value=124,
            ),
            class_count=classes,
            options={"scheme": self.usual, "sigmoid": False},
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Scores beyond 0..1 are logits."""
        return with_activation(claim, _tables(outputs, claim.preprocessing)[0])

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Anchors moved by their deltas, then NMS for each class."""
        scores, deltas = _tables(outputs, preprocessing)
        scheme = str(options.get("scheme", self.usual))
        fixed = anchors(scheme, preprocessing.width, preprocessing.height)
        boxes = moved(fixed, deltas, scheme)
        if options.get("sigmoid"):
            scores = sigmoid(scores)
        return suppressed(boxes, scores, options, placement, NMS_IOU)


class RetinaNetDecoder(_AnchorHeads):
    """Nine anchors a cell, ratios 1/2, 1 and 2."""

    id = "retinanet-heads"
    title = "RetinaNet heads, scores and deltas of anchors"

    usual = "torch"
    choices = _choices(usual, ("torch", "keras", "plain"))


class EfficientDetDecoder(_AnchorHeads):
    """Nine anchors a cell, ratios 1, 2 and 1/2, deltas y first."""

    id = "efficientdet-heads"
    title = "EfficientDet heads, scores and deltas of anchors"

    usual = "efficientdet"
    choices = _choices(usual, tuple(SCHEMES))


def _classes(facts: Facts) -> int | None:
    """Number of classes, where the outputs are scores and deltas of such anchors."""
    total = PER_CELL * facts.cells(*LEVELS)
    lengths = sorted(_length(output.shape, total) for output in facts.outputs)
    if len(facts.outputs) == 2 and lengths[0] > 0 and 4 in lengths:
        return lengths[1] if lengths[0] == 4 else lengths[0]
    if len(facts.outputs) != 2 * len(LEVELS):
        return None
    heads = [
        Head.of_shape(o.shape, facts.image_input.width, facts.image_input.height)
        for o in facts.outputs
    ]
    channels = sorted({head.channels for head in heads if head is not None})
    strides = sorted(head.stride for head in heads if head is not None)
    if strides != sorted(LEVELS * 2) or len(channels) != 2 or 4 * PER_CELL not in channels:
        return None
    other = channels[0] if channels[1] == 4 * PER_CELL else channels[1]
    return other // PER_CELL if other % PER_CELL == 0 else None


def _length(shape: tuple[int | None, ...], total: int) -> int:
    """Values a row of a table with `total` rows; 0 for anything else."""
    return int(shape[2] or 0) if len(shape) == 3 and shape[1] == total else 0


def _tables(outputs: Outputs, preprocessing: Preprocessing) -> tuple[Floats, Floats]:
    """Scores ``[N,C]`` and deltas ``[N,4]``, level by level."""
    if len(outputs) == 2:
        first, second = (as_floats(output)[0] for output in outputs)
        return (second, first) if first.shape[1] == 4 and second.shape[1] != 4 else (first, second)
    scores: list[tuple[int, Floats]] = []
    deltas: list[tuple[int, Floats]] = []
    for output in outputs:
        head = Head.of_shape(output.shape, preprocessing.width, preprocessing.height)
        if head is None:
            raise ValueError(f"no head of cells: {output.shape}")
        is_delta = head.channels == 4 * PER_CELL
        table = head.by_cell(as_floats(output)).reshape(-1, 4 if is_delta else head.channels // 9)
        (deltas if is_delta else scores).append((head.stride, table))
    return _stacked(scores), _stacked(deltas)


def _stacked(levels: list[tuple[int, Floats]]) -> Floats:
    return np.concatenate([table for _, table in sorted(levels, key=lambda level: level[0])])
