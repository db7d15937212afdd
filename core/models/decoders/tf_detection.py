"""TensorFlow Object Detection API: boxes (y1, x1, y2, x2 in 0..1), scores, classes, a count."""

from __future__ import annotations

from core.detection.detections import Detections
from core.images.placement import Placement
from core.models.choices import FIRST_LABEL, UNIT_COORDINATES
from core.models.decoders import listed
from core.models.decoders.base import Decoder, Options, Outputs, usual_input
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts, Output
from core.models.preprocessing import Preprocessing
from core.remarks.remark import remark

_ROLES = {
    "boxes": ("detection_boxes",),
    "scores": ("detection_scores",),
    "labels": ("detection_classes",),
    "count": ("num_detections",),
}


class TfDetectionDecoder(Decoder):
    """``detection_boxes [1,N,4]``, ``detection_scores``, ``detection_classes``, a count."""

    id = "tf-detection-api"
    title = "TensorFlow Object Detection API (boxes, scores, classes, num)"
    choices = (FIRST_LABEL, UNIT_COORDINATES)

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for outputs of these names."""
        found = {role: _named(facts, *names) for role, names in _ROLES.items()}
        known = {role: output for role, output in found.items() if output is not None}
        if len(known) < 4 or known["boxes"].shape[-1:] != (4,):
            return None
        offset = "Add" in known["labels"].makers
        classes = _classes(facts)
        reasons = [remark("output_names", family="TensorFlow's Object Detection API")]
        if classes:
            reasons.append(remark("graph_classes", classes=classes))
        reasons.append(remark("label_offset" if offset else "labels_from_one"))
        reasons.append(usual_input("", "rgb", "unknown", "stretch"))
        return Recognition(
            confidence=0.99,
            reasons=tuple(reasons),
            preprocessing=facts.image_input.preprocessing("rgb", scale=UNIT_SCALE),
            class_count=classes,
            options={
                **listed.places(known),
                "order": "yxyx",
                "first_label": 1,
                "coordinates": "unit",
            },
            unsure=("values", "colors"),
        )

    def decode(
        self,
        outputs: Outputs,
        preprocessing: Preprocessing,
        options: Options,
        placement: Placement,
    ) -> Detections:
        """The first `num` rows."""
        count = int(outputs[int(options["count"])].reshape(-1)[0])
        kept = list(outputs)
        for role, shape in (("boxes", (-1, 4)), ("scores", (-1,)), ("labels", (-1,))):
            kept[int(options[role])] = kept[int(options[role])].reshape(shape)[: max(0, count)]
        return listed.detections(kept, preprocessing, options, placement)


def _named(facts: Facts, *names: str) -> Output | None:
    """The output that is called so, and not just raw_detection_boxes."""
    for output in facts.outputs:
        if any(name.split(":")[0].rsplit("/", 1)[-1] in names for name in output.names):
            return output
    return None


def _classes(facts: Facts) -> int:
    """From an output with the scores of all classes, or one NMS a class in the loops."""
    every = facts.output_named("multiclass_scores", "raw_detection_scores")
    if every is not None and every.shape and every.shape[-1]:
        return int(every.shape[-1]) - 1
    counts = [
        sum(inner.get_type_name() == "NonMaxSuppression" for inner in op.get_function().get_ops())
        for op in facts.model.get_ops()
        if op.get_type_name() == "Loop"
    ]
    return max(counts, default=0)
