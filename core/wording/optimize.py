"""What optimizing came to, and what looked odd, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.datasets.checks import ENOUGH_FOR_CALIBRATION
from core.models.calibration_warnings import (
    AlikeImages,
    CalibrationWarning,
    FewImages,
    LittleMemory,
    MissingTypes,
    NothingDetected,
    OneTone,
    OtherValuesBetter,
    SharedImages,
    UniformImages,
)
from core.models.plan import AccuracyOutcome
from core.sizes import gigabytes
from core.text import counted
from core.wording.ended_early import ended_early_sentence
from core.wording.plan_choices import METRIC_WORDS

_NEARLY_ALL = 0.8
NOT_JUDGED = (
    "How it does where INT8 sums saturate, on a CPU without VNNI, was not judged: this machine "
    "cannot compute that. Compare it on such a CPU before relying on it."
)


def outcome_sentence(outcome: AccuracyOutcome) -> str:
    """Whether it was reached, from what to what, and on which images."""
    metric = METRIC_WORDS[outcome.target.metric]
    start = "Reached" if outcome.reached else "Not reached"
    where = "held-out image" if outcome.held_out else "image"
    figures = (
        f"{metric} {outcome.optimized:.3f} (parent {outcome.parent:.3f}, everything quantized "
        f"{outcome.quantized:.3f}) on {counted(outcome.images, where)} of {outcome.dataset}"
    )
    after = counted(outcome.attempts, "attempt")
    sentences = [f"{start}: {figures}; {_kept_in_float(outcome)}, after {after}."]
    if ended := ended_early_sentence(outcome):
        sentences.append(ended)
    if outcome.layers_in_float > _NEARLY_ALL * outcome.layers:
        sentences.append("So little is left in INT8 that it will gain next to nothing.")
    if outcome.nncf_stopped_after is not None:
        sentences.append(
            f"NNCF's accuracy control had not ended after {outcome.nncf_stopped_after / 60:.1f} "
            "minutes; the layers were chosen by tensor distance instead."
        )
    if len(outcome.arithmetics) > 1:
        sentences.append("Each is the worse of two: with INT8 sums as with VNNI, and as without.")
    if outcome.not_judged:
        sentences.append(NOT_JUDGED)
    if not outcome.reached:
        more = {"time": "More time", "attempts": "More attempts"}.get(outcome.ended_early)
        other = f"{more} may help, or a search," if more else "A search may help,"
        sentences.append(f"{other} which tries other ways; or stay with the parent.")
    return " ".join(sentences)


def _kept_in_float(outcome: AccuracyOutcome) -> str:
    if outcome.layers_in_float:
        return f"{outcome.layers_in_float} of {outcome.layers} layers stay in float"
    if outcome.reached:
        return "nothing had to be put back into float"
    if outcome.ended_early:
        return "no layer was put back into float yet"
    return "no layers in float do better"


def warning_sentence(warning: CalibrationWarning) -> str:
    """What looked odd, and what to do about it."""
    sentence: Callable[[Any], str] = _WARNINGS[type(warning)]
    return sentence(warning)


def _little_memory(one: LittleMemory) -> str:
    return (
        f"Optimizing needs about {gigabytes(one.needed)} of memory, and "
        f"{gigabytes(one.available)} are free: close other programs if it gets slow."
    )


def _shared_images(one: SharedImages) -> str:
    images = counted(one.total, "image")
    if one.shared == one.total:
        which = f"All the {images} of {one.comparison} are calibration images"
        if one.total == 1:
            which = f"The only image of {one.comparison} is a calibration image"
        return (
            f"{which}, too; the report may look better than it is. Choose other images for one of "
            "them."
        )
    return (
        f"{one.shared:,} of the {images} of {one.comparison} {_are(one.shared)} among the "
        f"calibration images of {one.calibration}, too ({_some(one.examples, one.shared)}); the "
        "report may look a little better than it is."
    )


def _few_images(one: FewImages) -> str:
    images = counted(one.images, "image")
    return (
        f"{one.dataset} gives only {images} for the calibration; it is more stable with "
        f"{ENOUGH_FOR_CALIBRATION} or more, as varied as those the model will see."
    )


def _uniform_images(one: UniformImages) -> str:
    if one.images == 1:
        return f"1 calibration image is of one colour ({one.examples[0]}): leave it out."
    return (
        f"{one.images} calibration images are of one colour ({_some(one.examples, one.images)}): "
        "leave them out."
    )


def _one_tone(one: OneTone) -> str:
    tone = {
        "black": f"almost black (grey levels up to {one.level:.0f} of 255)",
        "white": f"almost white (grey levels from {one.level:.0f} of 255 on)",
    }[one.tone]
    return (
        f"All calibration images are {tone}; ranges taken from them fit no others. If they were "
        "saved with more than 8 bits, scale them to the full range."
    )


def _alike_images(one: AlikeImages) -> str:
    first, second = one.example
    adds = "adds" if one.images == 1 else "add"
    return (
        f"{one.images:,} of {one.total:,} calibration images {_are(one.images)} almost like "
        f"another one, such as {first} and {second}, and {adds} nothing. Choose images "
        "that differ more; from a video, frames that are further apart."
    )


def _nothing_detected(one: NothingDetected) -> str:
    return (
        f"The parent finds next to nothing in {one.images} of the calibration images: ranges that "
        "it never uses cannot be learned from them. Choose images of what it detects."
    )


def _other_values_better(one: OtherValuesBetter) -> str:
    return (
        f"On {one.images} of the calibration images the parent finds more with pixel values "
        f"{one.other.values_in_words()} than with {one.own.values_in_words()}, as it is used "
        f"({one.other_confidence:.2f} against {one.own_confidence:.2f}). Its mean and scale may be "
        "wrong."
    )


def _missing_types(one: MissingTypes) -> str:
    return f"The model has no operation of type {', '.join(one.types)} to keep in float."


_WARNINGS: dict[type, Callable[[Any], str]] = {
    LittleMemory: _little_memory,
    SharedImages: _shared_images,
    FewImages: _few_images,
    UniformImages: _uniform_images,
    OneTone: _one_tone,
    AlikeImages: _alike_images,
    NothingDetected: _nothing_detected,
    OtherValuesBetter: _other_values_better,
    MissingTypes: _missing_types,
}


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _some(names: tuple[str, ...], count: int) -> str:
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    return ", ".join(names) + more
