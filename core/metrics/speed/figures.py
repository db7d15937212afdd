"""Figures of speed: of single runs, and how two of them compare."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from core.values import Value

MIN_ROUNDS = 5
NOISE_FLOOR = 0.02  # ratios nearer to 1 are not called a difference, however sure they look

Positive = Annotated[float, Meta(gt=0)]
"""A figure that others are divided by."""

Verdict = Literal["faster", "slower", "within the noise", "too few rounds"]


class Spread(Value):
    """Median and quartiles of the rounds."""

    median: Positive
    low: Positive
    high: Positive


class Latency(Value):
    """Milliseconds of single inferences; over all inferences of all rounds.

    `p50_spread` is the median of each round, and the quartiles of those medians.
    """

    p50: Positive
    p90: float
    p95: float
    p99: float
    min: float
    max: float
    p50_spread: Spread


class Interval(Value):
    """A ratio and its 95% bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def differs_from_one(self) -> bool:
        """Whether this is a difference: 1 is outside, and the ratio is beyond the noise floor.

        Starting one model twice gives figures that differ by a percent or two, however often each
        is measured; an interval cannot know that.
        """
        return not self.low <= 1.0 <= self.high and abs(self.value - 1) > NOISE_FLOOR
