"""What counts as a detection, a match, a difference, and from when on a model is called safe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from core.values import Value


class VerdictLimits(Value):
    """From which figures on an optimized model is called safe, or not: shares in 0..1.

    Attributes:
        safe_kept, not_safe_kept: of the parent's accuracy; safe from the first on, not safe below
            the second.
        most_changed: of both models' detections that appear, vanish, change class or move; more of
            them makes *check* of *safe*.
    """

    safe_kept: float = 0.98
    not_safe_kept: float = 0.94
    most_changed: float = 0.25

    @property
    def of_kept(self) -> tuple[float, float]:
        """Those of the accuracy kept."""
        return self.safe_kept, self.not_safe_kept

    def __post_init__(self) -> None:
        """Raises ValueError where a model would be both."""
        if self.not_safe_kept >= self.safe_kept:
            raise ValueError(
                f"safe from {self.safe_kept:g} on is not above not safe below "
                f"{self.not_safe_kept:g}"
            )


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFAULT_SCORE = 0.3


class ScoreThresholds(Value):
    """From which score on a model's detections count: `score`, and other ones of single classes.

    `classes` has them by the name of the class.
    """

    score: float = DEFAULT_SCORE
    classes: dict[str, float] = msgspec.field(default_factory=dict)

    def by_class(self, class_names: Sequence[str]) -> NDArray[np.float32]:
        """Float32 ``[C]``: the threshold of each class."""
        import numpy as np  # here, for pages without figures know these values, too

        return np.array([self.classes.get(name, self.score) for name in class_names], np.float32)


class Thresholds(Value):
    """What counts: applied to both sides alike, but for the scores where `optimized_scores` say so.

    Attributes:
        score: detections below are left out.
        iou: overlap from which two boxes are a match.
        per_class_limit: at most so many detections of one image and class, best first.
        shifted_iou: a match that overlaps less than this is *shifted*.
        score_drift: a match whose scores differ by more than this has *drifted*.
        limits: what the verdict is made of.
        optimized_scores: the optimized model's thresholds, where they are other ones than `score`.
    """

    score: float = DEFAULT_SCORE
    iou: float = 0.5
    per_class_limit: int = 20
    shifted_iou: float = 0.75
    score_drift: float = 0.2
    limits: VerdictLimits = VerdictLimits()
    optimized_scores: ScoreThresholds | None = None

    @property
    def scores(self) -> tuple[ScoreThresholds, ScoreThresholds]:
        """The parent's score thresholds, and the optimized model's."""
        own = ScoreThresholds(score=self.score)
        return own, self.optimized_scores or own
