"""Whether an optimized model is safe to deploy: what is computed of it, and by which rule.

The accuracy kept decides. How many predictions changed can make *check* of *safe*, and nothing
else: a model may find other boxes and be as accurate. How the limits were chosen:
docs/decisions/0018-verdict-by-accuracy-kept.md.
"""

from __future__ import annotations

from typing import Literal

from core.metrics.accuracy.kept import AccuracyKept
from core.metrics.comparison.bootstrap import FEWEST_IMAGES
from core.metrics.matching.thresholds import VerdictLimits
from core.values import Value

VerdictName = Literal["safe", "check", "not_safe"]
Reason = Literal["kept", "lost", "between", "unsure", "changed", "nothing_found"]

_NAMES: dict[Reason, VerdictName] = {"kept": "safe", "lost": "not_safe"}  # all others: check


class Verdict(Value):
    """`name`, and why.

    Reasons: the accuracy is ``kept``, or ``lost``; its share lies ``between`` the limits, or its
    interval reaches so far that one is ``unsure``; too many predictions ``changed``; the parent
    finds nothing to judge by (``nothing_found``).
    """

    name: VerdictName
    reason: Reason


def verdict_on(kept: AccuracyKept | None, changed: float | None, limits: VerdictLimits) -> Verdict:
    """The verdict; `kept` None where nothing can be said, `changed` None without detections.

    Not safe is what keeps less than `not_safe_kept`, where its interval ends below `safe_kept`;
    safe what keeps `safe_kept` and more, where its interval begins at `not_safe_kept` or above,
    on `FEWEST_IMAGES` and more.
    """
    reason: Reason = "nothing_found" if kept is None else _by_share(kept, limits)
    if reason == "kept" and changed is not None and changed > limits.most_changed:
        reason = "changed"
    return Verdict(name=_NAMES.get(reason, "check"), reason=reason)


def _by_share(kept: AccuracyKept, limits: VerdictLimits) -> Reason:
    share = kept.share
    if share.value < limits.not_safe_kept:
        return "lost" if share.high < limits.safe_kept else "unsure"
    if share.value < limits.safe_kept:
        return "between"
    sure = kept.images >= FEWEST_IMAGES and share.low >= limits.not_safe_kept
    return "kept" if sure else "unsure"
