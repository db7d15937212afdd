"""How the figures of a check are measured."""

from __future__ import annotations

import msgspec

from core.benchmark.settings import DEFAULT_SECONDS
from core.inference.settings import DEFAULT_DEVICE, InferenceSettings, Int8, PrecisionHint
from core.metrics.matching.thresholds import Thresholds
from core.metrics.speed.figures import Positive
from core.models.plan import Target
from core.values import Value


class CheckSettings(Value):
    """How the figures are measured.

    Attributes:
        precision_hint: how the optimized model detects, and how fast both are; the parent, which
            is the reference, always detects in true f32 on the CPU.
        thresholds: what counts as a detection and as a match, for `predictions_changed`.
        mapping: the model's class for single classes of the dataset; None for none of them.
        device: that speed is measured on and the optimized model detects on, as OpenVINO names it.
        int8: how the optimized model's INT8 is computed when it detects.
        target: where the optimized model is to run; accuracy is judged as that may compute.
        seconds: for all measuring of speed together.
        seed: decides the order of the rounds, and the random input.
    """

    precision_hint: PrecisionHint = "default"
    thresholds: Thresholds = Thresholds()
    mapping: dict[str, str | None] = msgspec.field(default_factory=dict)
    device: str = DEFAULT_DEVICE
    int8: Int8 = "as_executed"
    target: Target = "this_machine"
    seconds: Positive = DEFAULT_SECONDS
    seed: int = 0

    @property
    def run(self) -> InferenceSettings:
        """How the optimized model is asked to detect."""
        return InferenceSettings(
            device=self.device, precision_hint=self.precision_hint, int8=self.int8
        )
