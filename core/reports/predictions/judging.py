"""What a verdict on a model rests on: how it runs here, in true f32, and as its target computes."""

from __future__ import annotations

from dataclasses import dataclass

from core.datasets.dataset import Dataset
from core.jobs.context import JobContext
from core.metrics.accuracy.kept import NOT_BY_TRUTH, AccuracyKept
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.verdict import Grounds, KeptIn
from core.models.plan import Target
from core.models.stored import StoredModel
from core.predict.detecting import Detected
from core.predict.found import Found
from core.predict.in_ways import detect_in
from core.predict.store import DetectionCache
from core.reports.predictions.figures_of import Figures
from core.targets.looking import look_elsewhere
from core.targets.target import Way


@dataclass(frozen=True)
class Judging:
    """A job that judges an optimized model on a dataset, by the ground truth where there is one."""

    optimized: StoredModel
    dataset: Dataset
    target: Target
    truth: GroundTruth | None
    cache: DetectionCache
    context: JobContext
    figures: Figures

    def grounds(self, found: Detected) -> Grounds:
        """What is kept of the parent's accuracy in each way that counts."""
        parent, alone = found.parent, found.optimized_f32
        there = look_elsewhere(self.target, found.optimized.executed, self.context)
        return Grounds(
            kept=self._kept(parent, found.optimized),
            kept_in_f32=None if alone is None else self._kept(parent, alone),
            elsewhere=tuple(
                KeptIn(
                    arithmetic=one.arithmetic,
                    precision=one.precision,
                    kept=self._kept(parent, self._detected(parent, one)),
                )
                for one in there.ways
            ),
            not_judged=there.not_judged,
            counts=there.counts,
        )

    def _detected(self, parent: Found, way: Way) -> Found:
        return detect_in(way, self.optimized, parent, self.dataset, self.cache, self.context)

    def _kept(self, parent: Found, optimized: Found) -> AccuracyKept | None:
        kept = self.figures.kept(self.truth, parent, optimized, self.context.step)
        if self.truth is not None and (kept is None or not kept.measured):
            self.context.log(NOT_BY_TRUTH)
        return kept
