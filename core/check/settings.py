"""How the figures of a check are measured."""

from __future__ import annotations

import msgspec

from core.benchmark.settings import DEFAULT_SECONDS
from core.inference.settings import DEFAULT_DEVICE, InferenceSettings, PrecisionHint
from core.metrics.matching.thresholds import Thresholds
from core.metrics.speed.figures import Positive
from core.models.plan import Target
from core.values import Value


class CheckSettings(Value):
    """How the figures are measured.

    Attributes:
        run: how the optimized model was asked to detect; None for as its target computes. The
            parent, which is the reference, always detects in true f32 on the CPU.
        thresholds: what counts as a detection and as a match, for `predictions_changed`.
        mapping: the model's class for single classes of the dataset; None for none of them.
        device, precision_hint: what speed is measured on and in, of both models.
        target: where the optimized model is to run; accuracy is judged as that may compute.
        seconds: for all measuring of speed together.
        seed: decides the order of the rounds, and the random input.
    """

    run: InferenceSettings | None = None
    thresholds: Thresholds = Thresholds()
    mapping: dict[str, str | None] = msgspec.field(default_factory=dict)
    device: str = DEFAULT_DEVICE
    precision_hint: PrecisionHint = "default"
    target: Target = "this_machine"
    seconds: Positive = DEFAULT_SECONDS
    seed: int = 0
