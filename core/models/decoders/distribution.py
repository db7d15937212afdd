"""NanoDet and PicoDet: distances to the sides of a box as distributions (Li et al. 2020, GFL).

Of every cell come class scores and, for each of left, top, right and bottom, ``M`` logits; the
distance is the mean of 0..M-1 under their softmax, times the stride.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import SIGMOID, Choice, nms_iou
from core.models.decoders.base import Decoder, Floats, Options, Outputs, as_floats, usual_input
from core.models.decoders.dense import sigmoid, softmax, suppressed, with_activation
from core.models.decoders.grids import grid
from core.models.detector import Option, Recognition
from core.models.facts import Facts, Output, Triple
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

NMS_IOU = 0.6
STRIDES = ((8, 16, 32), (8, 16, 32, 64))
BINS = (8, 17, 16)  # reg_max + 1, as NanoDet, PicoDet and others have it
NANODET: tuple[Triple, Triple] = ((103.53, 116.28, 123.675), (57.375, 57.12, 58.395))
PICODET: tuple[Triple, Triple] = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))


class DistributionDecoder(Decoder):
    """``[1,N,C+4M]``, or class scores ``[1,n,C]`` and distances ``[1,n,4M]`` for each stride."""

    id = "distribution-heads"
    title = "NanoDet and PicoDet, distribution heads"
    choices = (
        SIGMOID,
        Choice(key="half", title="Boxes start from the middle of a cell", default=True),
        nms_iou(NMS_IOU),
    )

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for a row a grid cell, together or stride by stride."""
        single = len(facts.outputs) == 1
        found = _joined(facts) if single else _apart(facts)
        if found is None:
            return None
        classes, bins, strides, sure = found
        plus = len(strides) == 4 and single
        nanodet = single or len(strides) == 3  # PicoDet has a fourth stride, 64
        mean, scale = NANODET if nanodet else PICODET
        reasons = (
            remark("distributions", classes=classes, bins=bins, strides=strides),
            usual_input("NanoDet", "bgr", "imagenet", "stretch")
            if nanodet
            else usual_input("PicoDet", "rgb", "imagenet", "stretch"),
        )
        options: dict[str, Option] = {
            "bins": bins,
            "largest": strides[-1],
            "half": not plus,
            "sigmoid": False,
        }
        return Recognition(
            confidence=sure,
            reasons=reasons,
            preprocessing=facts.image_input.preprocessing(
                "bgr" if nanodet else "rgb", mean=mean, scale=scale
            ),
            class_count=classes,
            options=options,
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Scores beyond 0..1 are logits."""
        scores, _ = _tables(outputs, claim.options, claim.preprocessing)
        return with_activation(claim, scores)

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Distances from the cells' points to the sides, then NMS for each class."""
        scores, logits = _tables(outputs, options, preprocessing)
        if options.get("sigmoid"):
            scores = sigmoid(scores)
        bins = int(options.get("bins", 8))
        strides = STRIDES[int(options.get("largest", 32)) == 64]
        likely = softmax(logits.reshape(len(logits), 4, bins))
        cells, sizes = grid(preprocessing.width, preprocessing.height, strides)
        distances = likely @ np.arange(bins, dtype=np.float32) * sizes
        points = (cells + (0.5 if options.get("half", True) else 0.0)) * sizes
        boxes = np.concatenate([points - distances[:, :2], points + distances[:, 2:]], axis=1)
        return suppressed(boxes.astype(np.float32), scores, options, placement, NMS_IOU)


def _joined(facts: Facts) -> tuple[int, int, tuple[int, ...], float] | None:
    """Classes, bins, strides and confidence where scores and distances are one table."""
    output = facts.outputs[0]
    if len(output.shape) != 3 or None in output.shape:
        return None
    _, rows, length = output.shape
    assert rows is not None
    assert length is not None
    strides = next((s for s in STRIDES if facts.cells(*s) == rows), None)
    if strides is None:
        return None
    parts = output.parts(length)
    if len(parts) == 2 and parts[1] % 4 == 0 and parts[1] // 4 in BINS:
        return parts[0], parts[1] // 4, strides, 0.97
    bins = BINS[0]
    if not parts and length > 4 * bins:
        return length - 4 * bins, bins, strides, 0.7 if len(strides) == 4 else 0.3
    return None


def _apart(facts: Facts) -> tuple[int, int, tuple[int, ...], float] | None:
    """As `_joined`, where every stride has two outputs."""
    for strides in STRIDES:
        cells = [facts.cells(stride) for stride in strides]
        if len(facts.outputs) != 2 * len(strides):
            continue
        by_cells = [[o for o in facts.outputs if _cell_count(o) == count] for count in cells]
        if any(len(pair) != 2 for pair in by_cells):
            continue
        lengths = {tuple(sorted(o.shape[-1] or 0 for o in pair)) for pair in by_cells}
        for bins in BINS:
            if len(lengths) == 1 and 4 * bins in (pair := next(iter(lengths))):
                classes = pair[0] if pair[1] == 4 * bins else pair[1]
                return classes, bins, strides, 0.95
    return None


def _cell_count(output: Output) -> int | None:
    return output.shape[1] if len(output.shape) == 3 else None


def _tables(
    outputs: Outputs, options: Options, preprocessing: Preprocessing
) -> tuple[Floats, Floats]:
    """Class scores ``[N,C]`` and distance logits ``[N,4M]``, smallest stride first."""
    length = 4 * int(options.get("bins", 8))
    if len(outputs) == 1:
        rows = as_floats(outputs[0])[0]
        return rows[:, :-length], rows[:, -length:]
    tables = [as_floats(output)[0] for output in outputs]
    distances = [table for table in tables if table.shape[1] == length]
    scores = [table for table in tables if table.shape[1] != length]
    if not scores:  # as many classes as there are bins: the outputs' order tells
        half = len(tables) // 2
        scores, distances = tables[:half], tables[half:]
    return _stacked(scores), _stacked(distances)


def _stacked(tables: list[NDArray[Any]]) -> Floats:
    return np.concatenate(sorted(tables, key=len, reverse=True)).astype(np.float32)
