"""How a model was used when it was calibrated: what its plan put inside was outside by then."""

from __future__ import annotations

import msgspec

from core.models.detector import Detector
from core.models.stored import ModelCard


def calibrated_with(card: ModelCard) -> Detector:
    """The detector before its preprocessing or NMS became part of the network by its plan."""
    detector, plan = card.detector, card.plan
    if plan is None:
        return detector
    image, outputs = card.input_before, card.outputs_before
    if plan.preprocessing == "inside" and image is not None:
        own = detector.preprocessing
        sides = msgspec.structs.replace(image, width=own.width, height=own.height)
        detector = msgspec.structs.replace(detector, preprocessing=sides)
    if plan.nms == "inside" and outputs is not None:
        detector = msgspec.structs.replace(
            detector, decoder=outputs.decoder, options=outputs.options
        )
    return detector
