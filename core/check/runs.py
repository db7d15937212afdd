"""The runs by which an optimized model is judged: as it runs here, and as its target computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.check.deciding import Computed
from core.inference.settings import Executed
from core.metrics.accuracy.verdict import NotJudged
from core.models.plan import Target
from core.predict.detecting import Both, detect_both
from core.predict.found import Found
from core.predict.in_ways import detect_in
from core.predict.store import NO_CACHE
from core.remarks.remark import Remark
from core.targets.looking import look_elsewhere

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
    def executions(self) -> tuple[Executed, ...]:
        """The parent's, then the optimized model's."""
        return tuple(one.executed for one in (self.parent, *self.optimized))


def judged_runs(models: Both, dataset: Dataset, target: Target, context: JobContext) -> JudgedRuns:
    """Detect with both, and with the optimized one as its target may compute, too."""
    found = detect_both(models, dataset, NO_CACHE, context)
    there = look_elsewhere(target, found.optimized.executed, context)
    parent = found.parent
    optimized = [found.optimized] if there.judged_by_run else []
    optimized += [
        detect_in(way, models.optimized, parent, dataset, NO_CACHE, context) for way in there.ways
    ]
    return JudgedRuns(found.parent, tuple(optimized), there.not_judged, found.problems)


def computed_as(ran: Executed) -> Computed:
    """How a run computed."""
    return Computed(
        device=ran.settings.device, precision=ran.float_precision, arithmetic=ran.arithmetic
    )
