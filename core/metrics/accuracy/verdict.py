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
from core.models.plan import Arithmetic, FloatPrecision
from core.values import Value

VerdictName = Literal["safe", "check", "not_safe"]
Reason = Literal["kept", "lost", "between", "unsure", "changed", "not_judged", "nothing_found"]
NotJudged = Literal["exact", "saturating", "float", "bf16", "gpu", "npu"]

_NAMES: dict[Reason, VerdictName] = {"kept": "safe", "lost": "not_safe"}  # all others: check


class KeptIn(Value):
    """What is kept in another way to compute than the report's own run.

    `arithmetic` is of INT8 sums, None where nothing is quantized; `precision` of the rest.
    """

    arithmetic: Arithmetic | None
    kept: AccuracyKept | None
    precision: FloatPrecision = "f32"


class Grounds(Value):
    """What a verdict rests on.

    Attributes:
        kept: of the parent's accuracy, by the model as it ran; None where the parent finds nothing.
        kept_in_f32: by the model in true f32, where that is another thing: what INT8 alone left.
            The rest is due to the device or its precision. It decides nothing.
        elsewhere: by the model as its target may compute, where that is another thing.
        not_judged: what the target may be, and could not be tried.
        counts: whether the target may compute as the model ran: else `kept` decides only where
            nothing is `elsewhere`.
    """

    kept: AccuracyKept | None
    kept_in_f32: AccuracyKept | None = None
    elsewhere: tuple[KeptIn, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    counts: bool = True

    @property
    def worst(self) -> tuple[AccuracyKept | None, KeptIn | None]:
        """The least that is kept where it counts, and how computed; None for the run itself."""
        ways: list[tuple[AccuracyKept | None, KeptIn | None]]
        ways = [(one.kept, one) for one in self.elsewhere]
        if self.counts or not ways:
            ways.insert(0, (self.kept, None))
        return min(ways, key=lambda way: way[0].share.value if way[0] else 1.0)


class Verdict(Value):
    """`name`, and why.

    Reasons: the accuracy is ``kept``, or ``lost``; its share lies ``between`` the limits, or its
    interval reaches so far that one is ``unsure``; too many predictions ``changed``; what
    the target does could not be tried (``not_judged``); the parent finds nothing
    (``nothing_found``).
    """

    name: VerdictName
    reason: Reason


def verdict_on(grounds: Grounds, changed: float | None, limits: VerdictLimits) -> Verdict:
    """The verdict, on the worst of the grounds; `changed` None without detections.

    Not safe is what keeps less than `not_safe_kept`, where its interval ends below `safe_kept`;
    safe what keeps `safe_kept` and more, where its interval begins at `not_safe_kept` or above,
    on `FEWEST_IMAGES` and more.
    """
    kept, _ = grounds.worst
    reason: Reason = "nothing_found" if kept is None else _by_share(kept, limits)
    if reason == "kept" and grounds.not_judged:
        reason = "not_judged"
    if reason == "kept" and changed is None:
        reason = "nothing_found"
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
