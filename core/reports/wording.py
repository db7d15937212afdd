"""What reports say: verdicts, headlines, and what the figures come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

import msgspec

from core.metrics.accuracy.annotated import Accuracy
from core.metrics.accuracy.kept import AccuracyKept
from core.metrics.accuracy.verdict import (
    Grounds,
    KeptIn,
    NotJudged,
    Reason,
    Verdict,
    VerdictName,
)
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds, VerdictLimits
from core.models.plan import Arithmetic, FloatPrecision
from core.remarks.words import counted
from core.text import percent
from core.values import Value

Figures = Mapping[str, float | None]

CHANGED = (
    "Detections of either model that appear, vanish, change class or move (a match that has "
    "shifted), as a share of both models' detections."
)
"""What *changed* means in every report; `core.metrics.comparison.changed` computes it."""


def _differ(changed: int, images: int) -> str:
    """``1 of 4 images differs``."""
    verb = "differs" if 1 in (changed, images) else "differ"
    return f"{changed:,} of {counted(images, 'images')} {verb}"


VERDICT_WORDS: dict[VerdictName, str] = {
    "safe": "Safe",
    "check": "Check",
    "not_safe": "Not safe",
}
_NOTHING_FOUND = (
    "The parent finds nothing in {images}: there is nothing to judge the optimized "
    "model by. Use other images."
)
_APART = 0.005  # of the accuracy: a smaller difference to true f32 is not worth a sentence
_TELLING_AP = 0.0005
_SUMS: dict[Arithmetic, str] = {
    "exact": "where INT8 sums are exact, as with VNNI",
    "saturating": "where INT8 sums saturate, as without VNNI",
    "float": "where INT8 models are computed in float",
}
_FLOATS: dict[FloatPrecision, str] = {"f32": "float32", "bf16": "bfloat16"}
NOT_JUDGED_WORDS: dict[NotJudged, str] = {
    "exact": "INT8 sums that are exact",
    "saturating": "INT8 sums that saturate",
    "float": "INT8 models in float",
    "bf16": "bfloat16",
    "gpu": "a GPU",
    "npu": "an NPU",
}
_REASONS: dict[Reason, str] = {
    "kept": "The optimized model keeps {share} of its parent's accuracy{where} ({how}).",
    "lost": "The optimized model keeps only {share} of its parent's accuracy{where} ({how}).",
    "not_judged": (
        "The optimized model keeps {share} of its parent's accuracy{where} ({how}), but what its "
        "target computes could not be tried here: {not_judged}."
    ),
    "between": (
        "The optimized model keeps {share} of its parent's accuracy{where} ({how}): less than the "
        "{safe} of a safe one, more than the {not_safe} below which it is not safe."
    ),
    "unsure": (
        "The optimized model keeps {share} of its parent's accuracy{where}, but {images} {are} "
        "too few to be sure ({how}). Use more images."
    ),
    "nothing_found": (
        "The optimized model keeps {share} of its parent's accuracy{where} ({how}), but which "
        "predictions changed cannot be known: lower the score threshold."
    ),
    "changed": (
        "The optimized model keeps {share} of its parent's accuracy{where} ({how}), but more than "
        "{most_changed} of the predictions changed: look at the worst images."
    ),
}


class AsMade(Value):
    """The verdict that a report was made with, where it is looked at with other thresholds.

    `made_at` and `at` are the score thresholds of then and of now.
    """

    verdict: VerdictName
    made_at: float
    at: float


class Headline(Value):
    """What a list says of a report: `code` says which sentence, `figures` are what is in it.

    `as_made` is of a verdict, where thresholds were moved.
    """

    code: str
    figures: dict[str, float | None] = msgspec.field(default_factory=dict)
    as_made: AsMade | None = None


def headline_text(headline: Headline) -> str:
    """The headline in words."""
    text = _HEADLINES[headline.code](headline.figures)
    if headline.as_made is None:
        return text
    word = VERDICT_WORDS[cast("VerdictName", headline.code)]
    return text.replace(word, verdict_text(cast("VerdictName", headline.code), headline.as_made), 1)


def as_made(verdict: VerdictName, made_at: Thresholds, at: Thresholds) -> AsMade | None:
    """The `verdict` that a report was made with; None where no threshold was moved since."""
    return None if made_at == at else AsMade(verdict=verdict, made_at=made_at.score, at=at.score)


def verdict_text(verdict: VerdictName, made: AsMade | None) -> str:
    """Such as ``Safe``, or ``Safe at score >= 0.54 (made at 0.30: check)``.

    Whatever shows a report's verdict takes it from here: a moved threshold does not leave two.
    """
    word = VERDICT_WORDS[verdict]
    if made is None:
        return word
    before = VERDICT_WORDS[made.verdict].lower()
    if made.at == made.made_at:
        return f"{word} at moved thresholds (as made: {before})"
    return f"{word} at score >= {made.at:.2f} (made at {made.made_at:.2f}: {before})"


def verdict_sentence(
    verdict: Verdict, grounds: Grounds, summary: Summary, limits: VerdictLimits
) -> str:
    """What a verdict rests on: the accuracy kept, and how many predictions changed."""
    kept, way = grounds.worst
    if kept is None:
        return _NOTHING_FOUND.format(images=counted(summary.images, "images"))
    where = f" {_where(way)}" if way else ""
    judged = _REASONS[verdict.reason].format(
        share=percent(kept.share.value, *limits.of_kept),
        where=where,
        not_judged=" and ".join(NOT_JUDGED_WORDS[one] for one in grounds.not_judged),
        how=kept_words(kept),
        images=counted(kept.images, "images"),
        are="is" if kept.images == 1 else "are",
        safe=f"{100 * limits.safe_kept:g}%",
        not_safe=f"{100 * limits.not_safe_kept:g}%",
        most_changed=f"{100 * limits.most_changed:g}%",
    )
    changed = changed_sentence(summary, limits.most_changed)
    return " ".join((judged, *_other_ways(grounds, way, *limits.of_kept), changed))


def _where(way: KeptIn) -> str:
    """How that computes, such as ``where INT8 sums saturate, as without VNNI``."""
    floats = _FLOATS[way.precision]
    if way.arithmetic is None:
        return f"in {floats}"
    rest = "" if way.arithmetic == "saturating" else f", and the rest is {floats}"
    return f"{_SUMS[way.arithmetic]}{rest}"


def _other_ways(grounds: Grounds, worst: KeptIn | None, *limits: float) -> Iterator[str]:
    """What is kept in the ways that do not decide."""
    alone, here = grounds.kept_in_f32, grounds.kept
    if worst is not None and here is not None:
        unlike = "" if grounds.counts else ", and the target does not"
        yield f"As it runs here{unlike}, it keeps {percent(here.share.value, *limits)}."
    apart = alone and here and abs(alone.share.value - here.share.value) >= _APART
    for one in grounds.elsewhere:
        if one is not worst and one.kept is not None and not (apart and one.kept == alone):
            yield f"It keeps {percent(one.kept.share.value, *limits)} {_where(one)}."
    if alone and apart:
        share = percent(alone.share.value, *limits)
        yield f"In true f32 it keeps {share}: the difference comes from how it runs."


def kept_words(kept: AccuracyKept) -> str:
    """How the accuracy kept is known, and how surely."""
    interval = f"95% interval {100 * kept.share.low:.1f} to {100 * kept.share.high:.1f}%"
    if kept.parent_ap is None or kept.optimized_ap is None:
        return f"estimated without annotations, {interval}"
    return f"COCO AP {kept.parent_ap:.3f} and {kept.optimized_ap:.3f}, {interval}"


def changed_sentence(summary: Summary, *limits: float) -> str:
    """How many predictions changed, judged by `limits`, and what became of them."""
    if summary.changed is None:
        return "Neither model finds anything above the score threshold."
    kinds = (
        (summary.missed, "missed"),
        (summary.extra, "extra"),
        (summary.class_changed, "of another class"),
        (summary.shifted, "shifted"),
    )
    details = ", ".join(f"{count:,} {words}" for count, words in kinds if count)
    kinds_of_it = f": {details}" if details else ""
    return (
        f"{percent(summary.changed, *limits)} of the predictions changed{kinds_of_it}; "
        f"{_differ(summary.images_changed, summary.images)}."
    )


def accuracy_sentence(accuracy: Accuracy, optimized_f32_ap: float | None = None) -> str:
    """What both models' AP by the ground truth comes to.

    `optimized_f32_ap` is the optimized model's in true f32, where that is another thing.
    """
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
    in_f32 = ""
    if optimized_f32_ap is not None and abs(optimized_f32_ap - optimized.value) >= _TELLING_AP:
        in_f32 = (
            f" In true f32 the optimized model has {optimized_f32_ap:.3f}: the difference comes "
            "from how it runs."
        )
    return (
        f"COCO AP {parent.value:.3f} for the parent, {optimized.value:.3f} for the optimized "
        f"model: {difference.value:+z.3f} (95% interval {difference.low:+z.3f} to "
        f"{difference.high:+z.3f}); on {counted(accuracy.images, 'images')}, {judgement}.{in_f32}"
    )


def interval_text(interval: Interval | None) -> str:
    """From where to where the interval reaches."""
    return f"{interval.low:.3f} to {interval.high:.3f}" if interval else "–"


def _point(figures: Figures) -> str:
    return (
        f"Score {figures['parent_score']:g} → {figures['score']:g}: "
        f"{figures['before']:.1%} → {figures['changed']:.1%} changed"
    )


def _verdict(verdict: VerdictName) -> Callable[[Figures], str]:
    def text(figures: Figures) -> str:
        kept, changed = figures["kept"], figures["changed"]
        *of_kept, most = (figures.get(one) or 1.0 for one in VerdictLimits.__struct_fields__)
        parts = [
            *([] if kept is None else [f"{percent(kept, *of_kept)} of the accuracy kept"]),
            *([] if changed is None else [f"{percent(changed, most)} changed"]),
        ]
        return f"{VERDICT_WORDS[verdict]}: {', '.join(parts) or 'the parent finds nothing'}"

    return text


def _images(figures: Figures) -> str:
    return counted(int(figures["images"] or 0), "images")


_HEADLINES: dict[str, Callable[[Figures], str]] = {
    **{verdict: _verdict(verdict) for verdict in VERDICT_WORDS},
    "ap": lambda figures: (
        f"COCO AP {figures['parent']:.3f} → {figures['optimized']:.3f} "
        f"({figures['difference']:+z.3f})"
    ),
    "no_ground_truth": lambda figures: "No ground truth of the model's classes",
    "lowest_snr": lambda figures: (
        f"{_images(figures)}: lowest SNR of an output {figures['snr_db']:.1f} dB"
    ),
    "ways_alike": lambda figures: f"{_images(figures)}: the same, run in both ways",
    "ways_differ": lambda figures: (
        f"{_differ(int(figures['images_changed'] or 0), int(figures['images'] or 0))}: "
        f"{figures['a_only']:,} on A only, {figures['b_only']:,} on B only, "
        f"{figures['class_changed']:,} changed class"
    ),
    "equal_outputs": lambda figures: f"{_images(figures)}: outputs are equal",
    "point_by_class": lambda figures: (
        f"Score {figures['parent_score']:g} → by class: "
        f"{figures['before']:.1%} → {figures['changed']:.1%} changed"
    ),
    "point_reached": _point,
    "point_coarse": _point,
    "point_unreached": lambda figures: f"{_point(figures)}, never as many as the parent",
}
