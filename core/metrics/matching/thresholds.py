"""What counts as a detection, a match, a difference, and from when on a model is called safe."""

from __future__ import annotations

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
    not_safe_kept: float = 0.95
    most_changed: float = 0.25


class Thresholds(Value):
    """What counts: applied to both sides alike.

    Attributes:
        score: detections below are left out.
        iou: overlap from which two boxes are a match.
        per_class_limit: at most so many detections of one image and class, best first.
        shifted_iou: a match that overlaps less than this is *shifted*.
        score_drift: a match whose scores differ by more than this has *drifted*.
        limits: what the verdict is made of.
    """

    score: float = 0.3
    iou: float = 0.5
    per_class_limit: int = 20
    shifted_iou: float = 0.75
    score_drift: float = 0.2
    limits: VerdictLimits = VerdictLimits()
