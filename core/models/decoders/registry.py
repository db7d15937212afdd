"""All output layouts that the program knows. A new one is a file beside this and a line here."""

from __future__ import annotations

from core.errors import WorkbenchError
from core.models.decoders.anchor_heads import EfficientDetDecoder, RetinaNetDecoder
from core.models.decoders.base import Decoder
from core.models.decoders.box_scores import BoxScoresDecoder
from core.models.decoders.boxes_labels import BoxesLabelsDecoder
from core.models.decoders.centernet import CenterNetDecoder
from core.models.decoders.detr import DetrDecoder
from core.models.decoders.detr_raw import DetrRawDecoder
from core.models.decoders.detr_table import DetrTableDecoder
from core.models.decoders.distribution import DistributionDecoder
from core.models.decoders.end_to_end import EndToEndDecoder
from core.models.decoders.faster_rcnn import FasterRcnnDecoder
from core.models.decoders.fastestdet import FastestDetDecoder
from core.models.decoders.ssd import SsdDecoder
from core.models.decoders.tf_detection import TfDetectionDecoder
from core.models.decoders.yolo_anchors import YoloAnchorsDecoder
from core.models.decoders.yolo_fastest import YoloFastestDecoder
from core.models.decoders.yolov5 import Yolov5Decoder
from core.models.decoders.yolov8 import Yolov8Decoder
from core.models.decoders.yolox import YoloxDecoder
from core.models.detector import Recognition
from core.models.facts import Facts
from core.models.unknown import unknown_outputs

DECODERS: tuple[Decoder, ...] = (
    SsdDecoder(),
    TfDetectionDecoder(),
    BoxesLabelsDecoder(),
    YoloAnchorsDecoder(),
    Yolov5Decoder(),
    Yolov8Decoder(),
    EndToEndDecoder(),
    YoloxDecoder(),
    DistributionDecoder(),
    FastestDetDecoder(),
    YoloFastestDecoder(),
    DetrDecoder(),
    DetrRawDecoder(),
    DetrTableDecoder(),
    RetinaNetDecoder(),
    EfficientDetDecoder(),
    FasterRcnnDecoder(),
    CenterNetDecoder(),
    BoxScoresDecoder(),
)

Claim = tuple[Decoder, Recognition]


def decoder_by_id(wanted: str) -> Decoder:
    """The decoder with this id; raises WorkbenchError where a newer program wrote it."""
    for decoder in DECODERS:
        if decoder.id == wanted:
            return decoder
    raise WorkbenchError(
        f"The output layout '{wanted}' is not known to this version of the program.",
        "Import the model again.",
    )


def recognise(facts: Facts) -> tuple[Claim, ...]:
    """The decoders that know the network, surest first; raises InputError where none does."""
    claims = [(decoder, decoder.recognise(facts)) for decoder in DECODERS]
    sure = [(decoder, claim) for decoder, claim in claims if claim is not None]
    if not sure:
        raise unknown_outputs(facts)
    return tuple(sorted(sure, key=lambda pair: -pair[1].confidence))
