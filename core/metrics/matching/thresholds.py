"""What counts as a detection, a match, a difference, and from when on a model is called safe."""

from __future__ import annotations

from core.values import Value


class VerdictLimits(Value):
    """From which figures on an optimized model is called safe, or not.

    Agreement is COCO AP of the optimized model against its parent; the matched share is
    2 x matches / (optimized + parent detections).
    """

    safe_agreement: float = 0.8
    safe_matched: float = 0.95
    unsafe_agreement: float = 0.6
    unsafe_matched: float = 0.85


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
