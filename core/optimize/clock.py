"""The time and the attempts that Accuracy-aware has, and what it tells of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from core.models.plan import AccuracyTarget

StepLeft = Callable[[str, int, int | None, float | None], None]
"""Told the stage, how many of its items are done and how many there are, and seconds left."""


@dataclass(eq=False)
class Clock:
    """The time that is left, and the progress meanwhile."""

    target: AccuracyTarget
    report: StepLeft
    started: float = field(default_factory=monotonic)
    attempts: int = 0
    longest: float = 0.0
    prefix: str = ""  # of the stages

    @property
    def seconds(self) -> float:
        """Since it began."""
        return monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.target.minutes * 60 - self.seconds)

    @property
    def over(self) -> bool:
        """Whether another attempt would take longer than there is time, or is one too many."""
        return self.attempts >= self.target.attempts or self.longest > self.left

    @property
    def used_up(self) -> Literal["time", "attempts"]:
        """What is, where it is over."""
        return "time" if self.longest > self.left else "attempts"

    def step(self, stage: str, done: int, total: int | None) -> None:
        """Tell a stage, with the time left once an attempt shows how long they take."""
        stage = f"{self.prefix}: {stage[0].lower()}{stage[1:]}" if self.prefix else stage
        self.report(stage, done, total, self.left if self.attempts else None)
