"""Boxes with labels out of the graph's own NMS: MMDetection, torchvision, Faster R-CNN.

``boxes [N,5]`` (the score is the fifth column) with ``labels [N]``, or ``boxes [N,4]`` with
``labels [N]`` and ``scores [N]``; N is open.
"""

from __future__ import annotations

from core.models.decoders import listed
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts


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
        reasons = [
            "It lists boxes with a score in the fifth column, and labels."
            if five
            else "It lists boxes, labels and scores."
        ]
        if suppressing:
            reasons.append("NMS is in the graph: the boxes need none.")
        classes = boxes.classes_above()
        if classes:
            reasons.append(f"What NMS chooses from has {classes} classes.")
        reasons.append(_HABITS[five])
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
    True: "Models of this form take BGR pixels 0..255, stretched; labels start at 0.",
    False: "Torchvision's take RGB pixels in 0..1; label 0 is the background.",
}
