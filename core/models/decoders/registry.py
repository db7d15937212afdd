"""All output layouts that the program knows. A new one is a file beside this and a line here.

A decoder is imported when it is used: a list of projects needs to know only which there are.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from core.errors import WorkbenchError
from core.loading import load
from core.models.choices import fits
from core.remarks.words import shortened

if TYPE_CHECKING:
    from core.models.decoders.base import Decoder
    from core.models.detector import Detector, Recognition
    from core.models.facts import Facts

    Claim = tuple[Decoder, Recognition]

_PLACES = {  # by the decoder's id: its file, and its class there
    "ssd-detection-output": "ssd:SsdDecoder",
    "tf-detection-api": "tf_detection:TfDetectionDecoder",
    "boxes-labels": "boxes_labels:BoxesLabelsDecoder",
    "yolo-anchor-heads": "yolo_anchors:YoloAnchorsDecoder",
    "yolov5": "yolov5:Yolov5Decoder",
    "yolov8": "yolov8:Yolov8Decoder",
    "end-to-end": "end_to_end:EndToEndDecoder",
    "yolox-raw": "yolox:YoloxDecoder",
    "distribution-heads": "distribution:DistributionDecoder",
    "fastestdet": "fastestdet:FastestDetDecoder",
    "yolo-fastestv2": "yolo_fastest:YoloFastestDecoder",
    "detr-boxes": "detr:DetrDecoder",
    "detr-raw": "detr_raw:DetrRawDecoder",
    "detr-table": "detr_table:DetrTableDecoder",
    "retinanet-heads": "anchor_heads:RetinaNetDecoder",
    "efficientdet-heads": "anchor_heads:EfficientDetDecoder",
    "faster-rcnn-heads": "faster_rcnn:FasterRcnnDecoder",
    "centernet": "centernet:CenterNetDecoder",
    "boxes-scores": "box_scores:BoxScoresDecoder",
}
LAYOUTS = tuple(_PLACES)
"""The ids of all decoders."""


def decoder_by_id(wanted: str) -> Decoder:
    """The decoder with this id; raises WorkbenchError where a newer program wrote it."""
    if wanted not in _PLACES:
        raise WorkbenchError(
            f"The output layout '{wanted}' is not known to this version of the program.",
            "Import the model again.",
        )
    return _decoder(wanted)


def decoder_of(detector: Detector) -> Decoder:
    """The decoder that reads a detector's outputs; raises as `decoder_by_id`.

    Raises WorkbenchError, too, where an option is none that the layout can have.
    """
    decoder = decoder_by_id(detector.decoder)
    for choice in decoder.choices:
        value = detector.options.get(choice.key, choice.default)
        if not fits(choice, value):
            raise WorkbenchError(
                f"The model's settings are damaged: {choice.key} cannot be "
                f"{shortened(repr(value))}.",
                "Import the model again.",
            )
    return decoder


@cache
def _decoder(known: str) -> Decoder:
    decoder: Decoder = load(f"core.models.decoders.{_PLACES[known]}")()
    return decoder


def all_decoders() -> list[Decoder]:
    """Of every layout."""
    return [_decoder(known) for known in LAYOUTS]


def recognise(facts: Facts) -> tuple[Claim, ...]:
    """The decoders that know the network, surest first; raises InputError where none does."""
    from core.models.unknown import unknown_outputs

    claims = [(decoder, decoder.recognise(facts)) for decoder in all_decoders()]
    sure = [(decoder, claim) for decoder, claim in claims if claim is not None]
    if not sure:
        raise unknown_outputs(facts)
    return tuple(sorted(sure, key=lambda pair: -pair[1].confidence))
