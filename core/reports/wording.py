"""What reports say: verdicts, headlines, and what the figures come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from core.metrics.accuracy.annotated import Accuracy
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.summary import Summary, VerdictName
from core.values import Value

Figures = Mapping[str, float | None]

VERDICT_WORDS: dict[VerdictName, str] = {
    "safe": "Safe",
    "check": "Check",
    "not_safe": "Not safe",
}
_VERDICTS: dict[VerdictName, str] = {
    "safe": "The optimized model finds what its parent finds.",
    "check": "Some predictions changed; look at the worst images.",
    "not_safe": "The optimized model lost too much of what its parent finds.",
}


class Headline(Value):
    """What a list says of a report: `code` says which sentence, `figures` are what is in it."""

    code: str
    figures: dict[str, float | None] = msgspec.field(default_factory=dict)


def headline_text(headline: Headline) -> str:
    """The headline in words."""
    return _HEADLINES[headline.code](headline.figures)


def verdict_sentence(summary: Summary) -> str:
    """What a verdict on changed predictions rests on."""
    if not summary.parent:
        return (
            f"The parent finds nothing in these {summary.images:,} images above the score "
            "threshold: there is nothing to judge the optimized model by. Lower it, or use other "
            "images."
        )
    changed = f", {summary.class_changed:,} changed class" if summary.class_changed else ""
    return (
        f"{_VERDICTS[summary.verdict]} {summary.matches:,} of the parent's {summary.parent:,} "
        f"detections are matched, {summary.missed:,} are missed, {summary.extra:,} are extra"
        f"{changed}; {summary.images_changed:,} of {summary.images:,} images differ."
    )


def verdict_text(summary: Summary) -> str:
    """The verdict, and what it rests on."""
    return f"{VERDICT_WORDS[summary.verdict]}: {verdict_sentence(summary)}"


def accuracy_sentence(accuracy: Accuracy) -> str:
    """What both models' AP by the ground truth comes to."""
    parent, optimized = accuracy.parent.ap, accuracy.optimized.ap
    difference = accuracy.difference
    if parent is None or optimized is None or difference is None:
        return (
            "None of the ground truth is of a class that the model knows: nothing can be measured."
        )
    if difference.high < 0:
        judgement = "the optimized model is less accurate"
    elif difference.low > 0:
        judgement = "the optimized model is more accurate"
    else:
        judgement = "the difference is not significant"
    return (
        f"COCO AP {parent.value:.3f} for the parent, {optimized.value:.3f} for the optimized "
        f"model: {difference.value:+z.3f} (95% interval {difference.low:+z.3f} to "
        f"{difference.high:+z.3f}); on {accuracy.images:,} images, {judgement}."
    )


def interval_text(interval: Interval | None) -> str:
    """From where to where the interval reaches."""
    return f"{interval.low:.3f} to {interval.high:.3f}" if interval else "–"


def _verdict(verdict: VerdictName) -> Callable[[Figures], str]:
    def text(figures: Figures) -> str:
        agreement = figures["agreement"]
        told = "none" if agreement is None else f"{agreement:.3f}"
        return (
            f"{VERDICT_WORDS[verdict]}: agreement {told}, {figures['missed']:,} missed, "
            f"{figures['extra']:,} extra"
        )

    return text


_HEADLINES: dict[str, Callable[[Figures], str]] = {
    **{verdict: _verdict(verdict) for verdict in VERDICT_WORDS},
    "ap": lambda figures: (
        f"COCO AP {figures['parent']:.3f} → {figures['optimized']:.3f} "
        f"({figures['difference']:+z.3f})"
    ),
    "no_ground_truth": lambda figures: "No ground truth of the model's classes",
    "lowest_snr": lambda figures: (
        f"{figures['images']:,} images: lowest SNR of an output {figures['snr_db']:.1f} dB"
    ),
    "equal_outputs": lambda figures: f"{figures['images']:,} images: outputs are equal",
}
