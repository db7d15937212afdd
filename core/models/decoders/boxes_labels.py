"""Boxes with labels out of the graph's own NMS: MMDetection, torchvision, Faster R-CNN.

``boxes [N,5]`` (the score is the fifth column) with ``labels [N]``, or ``boxes [N,4]`` with
``labels [N]`` and ``scores [N]``; N is open.
"""

from __future__ import annotations

from core.models.decoders import listed
from core.models.decoders.base import usual_input
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts
from core.remarks.remark import remark


class BoxesLabelsDecoder(listed.ListedDecoder):
    """Boxes, labels, and scores in a column or an output of their own."""

    id = "boxes-labels"
    title = "boxes [N,5] and labels, or boxes, labels and scores (torchvision, Faster R-CNN)"

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for these outputs, and looks for the NMS that makes them."""
        found = listed.roles(facts)
        if found is None or len(facts.outputs) > 4:
            return None
        boxes = found["boxes"]
        five = "scores" not in found
        suppressing = sum(facts.operations[kind] for kind in facts.operations if "NonMax" in kind)
        reasons = [remark("listed_boxes_scores" if five else "listed_boxes")]
        if suppressing:
            reasons.append(remark("nms_in_graph"))
        classes = boxes.classes_above()
        if classes:
            reasons.append(remark("chosen_classes", classes=classes))
        reasons += _HABITS[five]
        return Recognition(
            confidence=0.9 if suppressing else 0.6,
            reasons=tuple(reasons),
            preprocessing=(
                facts.image_input.preprocessing()
                if five
                else facts.image_input.preprocessing("rgb", scale=UNIT_SCALE)
            ),
            class_count=classes,
            options={**listed.places(found), "first_label": int(not five), "coordinates": "input"},
            unsure=("values", "colors", "resize"),
        )


_HABITS = {
    True: (usual_input("", "bgr", "bytes", "stretch"), remark("labels_from_zero")),
    False: (usual_input("torchvision", "rgb", "unit"), remark("background_zero")),
}
