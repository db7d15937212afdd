"""What some of very many images come to, said before all are measured."""

from __future__ import annotations

from core.metrics.accuracy.estimated import estimated_ap
from core.metrics.accuracy.truth import GroundTruth
from core.predict.found import SampledParts
from core.remarks.remark import Remark, remark


def estimated(truth: GroundTruth, some: SampledParts | None) -> tuple[Remark, ...]:
    """AP of both models, if there is anything to be found in these parts."""
    found = None if some is None else estimated_ap(truth, some.both(), some.images, some.of)
    if found is None:
        return ()
    aps = {
        "parent_ap": found.parent,
        "optimized_ap": found.optimized,
        "ap_difference": found.difference,
    }
    facts = {name: (one.value, one.low, one.high) for name, one in aps.items()}
    return (remark("accuracy_estimated", images=found.images, of=found.of, **facts),)
