"""The runs by which an optimized model is judged: as it runs here, and as its target computes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.check.deciding import Computed
from core.detection.detections import DetectionTable
from core.inference.limited import LimitedDetector
from core.inference.settings import Executed
from core.metrics.accuracy.verdict import NotJudged
from core.models.plan import Target
from core.optimize.elsewhere import elsewhere, settings_for
from core.predict.detecting import Both, Found, Run, detect_both, detect_runs, in_classes_of
from core.remarks.remark import Remark

if TYPE_CHECKING:
    from core.datasets.dataset import Dataset
    from core.jobs.context import JobContext


@dataclass(frozen=True, eq=False)
class JudgedRuns:
    """What the parent found, and the optimized model in each way that counts.

    `not_judged` is what the target may be, and could not be tried.
    """

    parent: Found
    optimized: tuple[Found, ...]
    not_judged: tuple[NotJudged, ...]
    problems: tuple[Remark, ...]

    @property
    def reference(self) -> DetectionTable:
        """The parent's detections."""
        return self.parent.table

    @property
    def executions(self) -> tuple[Executed, ...]:
        """The parent's, then the optimized model's."""
        return tuple(one.executed for one in (self.parent, *self.optimized))


def judged_runs(models: Both, dataset: Dataset, target: Target, context: JobContext) -> JudgedRuns:
    """Detect with both, and with the optimized one as its target may compute, too."""
    found = detect_both(models, dataset, None, context)
    with LimitedDetector() as limited:
        stage = "Looking how this processor computes"
        there = elsewhere(target, found.optimized.executed, limited, lambda: context.step(stage))
    reference = found.parent.table
    optimized = [found.optimized] if there.judged_by_run else []
    for way in there.ways:
        sums = f"{way.arithmetic} INT8 sums, " if way.arithmetic else ""
        role = f"the optimized model ({sums}{way.precision})"
        run = Run(models.optimized, settings_for(way), role)
        (one,) = detect_runs([run], dataset, None, context)
        optimized.append(replace(one, table=in_classes_of(reference, one.table)))
    return JudgedRuns(found.parent, tuple(optimized), there.not_judged, found.problems)


def computed_as(ran: Executed) -> Computed:
    """How a run computed."""
    return Computed(
        device=ran.settings.device, precision=ran.float_precision, arithmetic=ran.arithmetic
    )
