"""What an operating point comes to, in sentences."""

from __future__ import annotations

from core.metrics.comparison.bootstrap import Interval
from core.metrics.operating_point.basis import Basis
from core.metrics.operating_point.point import PRECISE, OperatingPoint
from core.text import counted

BASIS_WORDS: dict[Basis, str] = {
    "global": "one for all classes",
    "per_class": "by class",
    "best_f1": "best F1",
}


def operating_sentences(point: OperatingPoint) -> tuple[str, ...]:
    """What an operating point comes to, one thing a sentence."""
    return (*main_sentences(point), *more_sentences(point))


def main_sentences(point: OperatingPoint, basis: Basis | None = None) -> tuple[str, ...]:
    """What the thresholds do: the recommended ones, if no basis is given."""
    basis = basis or point.recommended
    now, before = point.figures(basis), point.unchanged
    by_class = basis == "per_class"
    score = point.thresholds(basis).score
    where = "the thresholds by class" if by_class else f"score {score:g}"
    chosen = "they were" if by_class else "the threshold was"
    sentences = [
        f"At {where} the optimized model gives {counted(now.detections, 'detection')} where "
        f"the parent gives {now.wanted:,} at {point.parent_score:g} ({_span(now.count, '.2f')} "
        f"times as many), in {counted(point.judged_images, 'image')} that {chosen} not chosen "
        "on.",
        _REACHES[point.reach] if basis == "global" else "",
        f"{now.changed.value:.1%} of both models' detections changed "
        f"({_span(now.changed, '.1%')}); at the parent's threshold it is "
        f"{before.changed.value:.1%}, with {counted(before.detections, 'detection')}.",
    ]
    return tuple(filter(None, sentences))


def more_sentences(point: OperatingPoint) -> tuple[str, ...]:
    """Thresholds by class and by the annotations, and whether there are enough images."""
    sentences = [_gain_sentence(point), _f1_sentence(point)]
    if point.images_wanted is not None:
        sentences.append(
            f"About {point.images_wanted:,} images would make the number of detections sure to "
            f"{PRECISE:.0%}; these are {point.chosen_images + point.judged_images:,}."
        )
    return tuple(filter(None, sentences))


_REACHES = {
    "reached": "",
    "coarse": "Its scores come in steps, as those of INT8 do: no threshold gives exactly the "
    "parent's number, and this is the better of the two beside it.",
    "unreached": "At no threshold does it give as many detections as the parent; this one loses "
    "least.",
}


def _gain_sentence(point: OperatingPoint) -> str:
    own = point.thresholds("per_class").classes
    if not own:
        return (
            "No class has enough detections for a threshold of its own."
            if len(point.classes) > 1
            else ""
        )
    gain = point.class_gain
    what = f"Thresholds by class ({len(own):,} of {len(point.classes):,} have one)"
    if point.recommended == "per_class":
        return f"{what} change {100 * gain.value:.1f} points less: they are recommended."
    return f"{what} are not clearly better: one for all is recommended."


def _f1_sentence(point: OperatingPoint) -> str:
    best = point.best_f1
    if best is None:
        return ""
    return (
        f"By the annotations, F1 is best at {best.parent.score:g} for the parent "
        f"({best.parent.figures.f1.value:.3f}) and at {best.optimized.score:g} for the optimized "
        f"model ({best.optimized.figures.f1.value:.3f}, difference "
        f"{best.difference.low:+z.3f} to {best.difference.high:+z.3f})."
    )


def _span(interval: Interval, form: str) -> str:
    return f"{interval.low:{form}} to {interval.high:{form}}"
