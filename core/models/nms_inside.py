"""A network that lists its detections: its outputs are read and go through NMS inside.

Its outputs are boxes with scores, and labels, as other detectors have them that were exported with
their NMS: packages and Model API read them already (docs/decisions/0049).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.errors import InputError
from core.models.decoders.registry import decoder_by_id, decoder_of
from core.models.detector import Detector, Option
from core.models.inside.nms import ALONG, HEADS, add_nms
from core.models.outputs_note import OutputsBefore, note_outputs

if TYPE_CHECKING:
    import openvino as ov

_LISTED: dict[str, Option] = {"boxes": 0, "labels": 1, "first_label": 0, "coordinates": "input"}
_IOU = "nms_iou"
_RESULT = "boxes-labels"  # the layout that such a network has


def can_have_nms_inside(detector: Detector) -> bool:
    """Whether its outputs still have to go through NMS, and the network can do that itself."""
    return detector.decoder in HEADS


def require_nms(detector: Detector, name: str) -> None:
    """Raises InputError where NMS cannot be put into the network, which errors call `name`."""
    decoder = decoder_of(detector)
    if can_have_nms_inside(detector):
        return
    if not any(choice.key == _IOU for choice in decoder.choices):
        raise InputError(
            f"{name} has no NMS to put into its network: its outputs are detections already "
            f"({decoder.title}).",
            "Leave NMS outside: nothing is done there.",
        )
    raise InputError(
        f"The NMS of {name} cannot be put into its network with the same detections: not of this "
        f"output layout ({decoder.title}).",
        "Leave NMS outside.",
    )


def with_nms_inside(model: ov.Model, detector: Detector) -> tuple[ov.Model, Detector]:
    """The network with the reading of its outputs and NMS inside, and how it is then used.

    Changes `model`. The same as the layout's decoder computes, for at most 300 detections of an
    image from score .01 on; raises ValueError where `can_have_nms_inside` says no.
    """
    if not can_have_nms_inside(detector):
        raise ValueError(f"no NMS can be put into {detector.decoder}")
    wanted, options = detector.preprocessing, _options(detector)
    note_outputs(model, OutputsBefore.of(detector))
    size = (wanted.width, wanted.height)
    add_nms(model, detector.decoder, options, size, float(options[_IOU]))
    changed = msgspec.structs.replace(detector, decoder=_RESULT, options=dict(_LISTED))
    return model, changed


def nms_code(detector: Detector) -> str:
    """The line of a recipe that puts NMS into the network ``quantized``; see `NMS_MODULES`."""
    wanted, options = detector.preprocessing, _options(detector)
    size = (wanted.width, wanted.height)
    iou = float(options.pop(_IOU))
    return f"add_nms(quantized, {detector.decoder!r}, {options!r}, {size}, {iou!r})\n"


NMS_MODULES = ALONG
"""The modules whose definitions that line needs."""


def nms_in_words(before: OutputsBefore) -> str:
    """What such a network does: for `model_info`."""
    defaults = {one.key: one.default for one in decoder_by_id(before.decoder).choices}
    return f"of each class, IoU {float((defaults | before.options).get(_IOU, 0)):g}"


def _options(detector: Detector) -> dict[str, Option]:
    """All options of its layout, those that it does not have as they are by default."""
    decoder = decoder_of(detector)
    options = {choice.key: choice.default for choice in decoder.choices} | detector.options
    if "per_cell" in options:  # anchors by their name
        from core.models.decoders.yolo_anchors import anchor_table

        sides = anchor_table(options, int(options["per_cell"])).reshape(-1, 2).tolist()
        options["anchor_list"] = " ".join(f"{width:.9g},{height:.9g}" for width, height in sides)
    return options
