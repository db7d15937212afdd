"""What is to be done to a model: a value that can be stored and run again."""

from __future__ import annotations

from typing import Literal

from core.values import Value

Preset = Literal["performance", "mixed"]
DEFAULT_SUBSET = 300


class QuantizationPlan(Value):
    """INT8 quantization with NNCF's default method.

    Attributes:
        preset: ``performance`` (symmetric activations, fastest) or ``mixed`` (asymmetric
            activations, often closer to the parent).
        subset_size: how many calibration images are used at most.
        seed: decides which images those are, and their order.
    """

    preset: Preset = "performance"
    subset_size: int = DEFAULT_SUBSET
    seed: int = 0
