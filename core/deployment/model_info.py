"""What openvino-model-api and OpenVINO Model Server read about a model: ``model_info`` in rt_info.

Keys and values are those of model_api's `ImageModel` and `DetectionModel` parameters. Class names
are separated by spaces there, so that a space in a name becomes an underscore. Model API knows one
threshold for all classes; those of single classes stand beside it under a key of our own, one a
label, in the labels' order. They all say what is to be done outside of the network: of one that
takes decoded pixels, its mean is 0 and its scale 1, and a key of our own says what it does itself.
Of one that lists its detections, another key of our own says how its NMS works.
Model API's ``embedded_processing`` is not set: it would leave out resizing, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.metrics.matching.thresholds import ScoreThresholds
from core.models.detector import Detector
from core.models.input_note import input_before
from core.models.nms_inside import nms_in_words
from core.models.outputs_note import outputs_before
from core.models.preprocessing import Preprocessing, Resize

if TYPE_CHECKING:
    import openvino as ov

INSIDE = "preprocessing_inside"
NMS_INSIDE = "nms_inside"
CLASS_THRESHOLDS = "class_confidence_thresholds"

# The wrappers of model_api that read the same outputs; other layouts carry no model_type.
_TYPES = {
    "ssd-detection-output": "ssd",
    "boxes-labels": "ssd",
    "yolov5": "YOLOv5",
    "yolov8": "YOLOv8",
    "yolox-raw": "yolox",
}
_RESIZES: dict[Resize, str] = {
    "stretch": "standard",
    "letterbox": "fit_to_window_letterbox",
    "letterbox_top_left": "fit_to_window",
}


def _values(wanted: Preprocessing) -> object:
    return wanted.color_order, wanted.mean, wanted.scale, wanted.element_type


def note_model_info(model: ov.Model, detector: Detector, scores: ScoreThresholds) -> None:
    """Write it into the model; `scores` are from which on its detections count."""
    preprocessing = detector.preprocessing
    entries = {
        "labels": " ".join(name.replace(" ", "_") for name in detector.class_names),
        "resize_type": _RESIZES[preprocessing.resize],
        "pad_value": str(preprocessing.pad_value),
        "reverse_input_channels": str(preprocessing.color_order == "rgb"),
        "mean_values": " ".join(f"{value:g}" for value in preprocessing.mean),
        "scale_values": " ".join(f"{value:g}" for value in preprocessing.scale),
        "confidence_threshold": f"{scores.score:g}",
    }
    before = input_before(model)
    if before is not None and _values(before) != _values(preprocessing):
        entries[INSIDE] = f"{before.color_order.upper()} {before.values_in_words()}"
    listed = outputs_before(model)
    if listed is not None:
        entries[NMS_INSIDE] = nms_in_words(listed)
    if detector.decoder in _TYPES:
        entries["model_type"] = _TYPES[detector.decoder]
    if scores.classes:
        each = (scores.classes.get(name, scores.score) for name in detector.class_names)
        entries[CLASS_THRESHOLDS] = " ".join(f"{one:g}" for one in each)
    if "nms_iou" in detector.options:
        entries["iou_threshold"] = f"{detector.options['nms_iou']:g}"
    for key, value in entries.items():
        model.set_rt_info(value, ["model_info", key])
