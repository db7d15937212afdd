"""Faster R-CNN before its last NMS (Ren et al. 2015): proposals, class scores and deltas.

``rois [R,5]`` (image, x1, y1, x2, y2) or ``[R,4]``, ``cls_prob [R,C+1]`` with the background
first, ``bbox_pred [R,4(C+1)]``, deltas x, y, w, h of every class, in pixels of the input.
"""

from __future__ import annotations

import numpy as np

from core.detection.detections import Detections
from core.detection.nms import suppress
from core.images.placement import Placement
from core.models.choices import SIGMOID, nms_iou
from core.models.decoders.base import (
    MAX_DETECTIONS,
    Decoder,
    Options,
    Outputs,
    as_floats,
    usual_input,
)
from core.models.decoders.dense import candidates, placed, softmax, with_activation
from core.models.detector import Recognition
from core.models.facts import Facts, Output, Triple
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

NMS_IOU = 0.3
_MEAN: Triple = (102.9801, 115.9465, 122.7717)  # BGR, of the networks it was built on


class FasterRcnnDecoder(Decoder):
    """Proposals, class scores and deltas."""

    id = "faster-rcnn-heads"
    title = "Faster R-CNN heads, proposals with scores and deltas"
    choices = (SIGMOID, nms_iou(NMS_IOU))

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for three tables with a row a proposal, whose widths fit each other."""
        tables = [o for o in facts.outputs if len(o.sides) == 2 and len(o.shape) in (2, 3)]
        found = _roles(tables)
        if len(facts.outputs) != 3 or found is None:
            return None
        rois, scores, deltas = found
        classes = int(scores.sides[1] or 0) - 1
        named = rois.named("roi", "proposal") or deltas.named("bbox")
        return Recognition(
            confidence=0.75 + 0.2 * named,
            reasons=(
                remark("proposals", scores=classes + 1),
                usual_input("Faster R-CNN", "bgr", "own_mean"),
            ),
            preprocessing=facts.image_input.preprocessing(mean=_MEAN),
            class_count=classes,
            options={
                "rois": rois.index,
                "scores": scores.index,
                "deltas": deltas.index,
                "sigmoid": False,
            },
            unsure=("values", "colors", "resize"),
        )

    def observe(self, outputs: Outputs, claim: Recognition) -> Recognition:
        """Class values beyond 0..1 are logits of a softmax."""
        return with_activation(claim, as_floats(outputs[int(claim.options["scores"])]))

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """Proposals moved by the deltas of each class, then NMS for each class."""
        rois = as_floats(outputs[int(options.get("rois", 0))])
        scores = as_floats(outputs[int(options.get("scores", 1))])
        deltas = as_floats(outputs[int(options.get("deltas", 2))])
        rois = rois.reshape(-1, rois.shape[-1])[:, -4:]
        scores = scores.reshape(-1, scores.shape[-1])
        deltas = deltas.reshape(len(rois), -1, 4)[:, 1:]
        scores = (softmax(scores) if options.get("sigmoid") else scores)[:, 1:]
        size = (rois[:, 2:] - rois[:, :2])[:, None]
        middle = ((rois[:, 2:] + rois[:, :2]) / 2)[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            centres, half = middle + deltas[..., :2] * size, np.exp(deltas[..., 2:]) * size / 2
            boxes = np.concatenate([centres - half, centres + half], axis=-1)
        rows, class_ids = np.nonzero(scores > 0)
        found = candidates(boxes[rows, class_ids], scores[rows, class_ids], class_ids)
        found = suppress(found, float(options.get("nms_iou", NMS_IOU)), MAX_DETECTIONS)
        return placed(found, placement)


def _roles(tables: list[Output]) -> tuple[Output, Output, Output] | None:
    """Proposals, scores and deltas, told apart by their widths."""
    for rois in tables:
        for scores in tables:
            for deltas in tables:
                if len({rois.index, scores.index, deltas.index}) != 3:
                    continue
                classes = scores.sides[1] or 0
                fits = rois.sides[1] in (4, 5) and deltas.sides[1] == 4 * classes
                if fits and classes > 1:
                    return rois, scores, deltas
    return None
