"""The DETR family with its boxes decoded in the graph: labels, boxes and scores of Q queries.

RT-DETR, D-FINE, DEIM and others ask for the size that boxes shall be scaled to; they are told
that of the input (see `core.models.inputs`).
"""

from __future__ import annotations

from core.models.decoders import listed
from core.models.decoders.base import usual_input
from core.models.detector import Recognition
from core.models.facts import UNIT_SCALE, Facts
from core.remarks.remark import remark

MAX_QUERIES = 1000


class DetrDecoder(listed.ListedDecoder):
    """``labels [1,Q]``, ``boxes [1,Q,4]``, ``scores [1,Q]``; no NMS."""

    id = "detr-boxes"
    title = "DETR family, labels, boxes and scores [1,Q]"

    def recognise(self, facts: Facts) -> Recognition | None:
        """Asks for a fixed number of queries, without NMS in the graph, and for TopK."""
        found = listed.roles(facts)
        if found is None or "scores" not in found or len(facts.outputs) != 3:
            return None
        queries = found["boxes"].shape[-2]
        if queries is None or queries > MAX_QUERIES or facts.operations["NonMaxSuppression"]:
            return None
        sized = len(facts.model.inputs) > 1
        top = "TopK" in facts.operations
        attention = facts.operations["MatMul"] > 10 and "Softmax" in facts.operations
        reasons = [remark("listed_queries", queries=queries)]
        if attention:
            reasons.append(remark("transformer"))
        if sized:
            reasons.append(remark("size_input"))
        classes = found["scores"].classes_above()
        if classes:
            reasons.append(remark("chosen_classes", classes=classes))
        reasons.append(usual_input("the DETR family", "rgb", "unit", "stretch"))
        return Recognition(
            confidence=0.5 + 0.15 * (sized + top + attention),
            reasons=tuple(reasons),
            preprocessing=facts.image_input.preprocessing("rgb", scale=UNIT_SCALE),
            class_count=classes,
            options={**listed.places(found), "first_label": 0, "coordinates": "input"},
            unsure=("values", "colors", "resize"),
        )
