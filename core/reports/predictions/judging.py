"""What a verdict on a model rests on: how it runs here, in true f32, and as its target computes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.inference.limited import LimitedDetector, asked_for
from core.inference.settings import DEFAULT_DEVICE, Arithmetic, Executed, InferenceSettings
from core.jobs.context import JobContext
from core.metrics.accuracy.kept import LEAST_AP, AccuracyKept, estimated_kept, measured_kept
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.verdict import Grounds, KeptIn, NotJudged
from core.models.plan import Target
from core.models.stored import StoredModel
from core.optimize.target import judged
from core.predict.detecting import Detected, Run, detect_runs, in_classes_of

_DEVICES: dict[Target, NotJudged] = {"gpu": "gpu", "npu": "npu"}


@dataclass(frozen=True)
class Judging:
    """A job that judges an optimized model on a dataset, by the ground truth where there is one."""

    optimized: StoredModel
    dataset: Dataset
    target: Target
    truth: GroundTruth | None
    cache: Path | None
    context: JobContext

    def grounds(self, found: Detected) -> Grounds:
        """What is kept of the parent's accuracy in each way that counts."""
        parent, alone = found.parent.table, found.optimized_f32
        others, not_judged = self._elsewhere(found.optimized.executed)
        return Grounds(
            kept=self._kept(parent, found.optimized.table),
            kept_in_f32=None if alone is None else self._kept(parent, alone.table),
            elsewhere=tuple(
                KeptIn(arithmetic=one, kept=self._kept(parent, self._detected(parent, one)))
                for one in others
            ),
            not_judged=not_judged,
        )

    def _elsewhere(
        self, executed: Executed
    ) -> tuple[tuple[Arithmetic, ...], tuple[NotJudged, ...]]:
        """The arithmetics of the target in which it did not run yet, and what cannot be tried."""
        device = executed.settings.device
        if self.target in _DEVICES and not device.lower().startswith(self.target):
            return (), (_DEVICES[self.target],)
        same_device = self.target == "this_machine" or self.target in _DEVICES
        nothing_quantized = device == DEFAULT_DEVICE and executed.arithmetic is None
        if same_device or nothing_quantized:
            return (), ()
        with LimitedDetector() as limited:
            stage = "Looking how this processor computes"
            ways = judged(self.target, limited, lambda: self.context.step(stage))
        ran = "exact" if executed.arithmetic == "float" else executed.arithmetic
        return tuple(one for one in ways.arithmetics if one != ran), ways.not_judged

    def _detected(self, parent: DetectionTable, arithmetic: Arithmetic) -> DetectionTable:
        settings = InferenceSettings(precision_hint="f32", int8=asked_for(arithmetic))
        run = Run(self.optimized, settings, f"the optimized model ({arithmetic} INT8 sums)")
        (found,) = detect_runs([run], self.dataset, self.cache, self.context)
        return in_classes_of(parent, found.table)

    def _kept(self, parent: DetectionTable, optimized: DetectionTable) -> AccuracyKept | None:
        """By the ground truth where it says something of the parent, else the estimate."""
        if self.truth is not None:
            self.context.step("Measuring the accuracy")
            measured = measured_kept(self.truth, parent, optimized)
            if measured is not None:
                return measured
            self.context.log(
                f"By the annotations the parent's AP is below {LEAST_AP:g}: they say nothing of "
                "what is kept of it, which is estimated without them."
            )
        return estimated_kept(parent, optimized, self.context.step)
