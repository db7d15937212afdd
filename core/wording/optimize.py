"""Quantization plans and what optimizing came to, in words."""

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
from core.models.plan import (
    AccuracyOutcome,
    AccuracyTarget,
    Metric,
    Part,
    QuantizationPlan,
    Subgraph,
)
from core.values import Value


class Choice(Value):
    """One value of a plan's field: what the user reads, and what it means."""

    value: str
    title: str
    text: str


PARTS: dict[Part, tuple[str, str]] = {
    "first_layer": ("First layer", "the convolutions that see the image itself"),
    "head": ("Head", "what turns the features of one grid into boxes and scores"),
    "last_convolutions": (
        "Last convolutions",
        "those whose values become boxes and scores",
    ),
    "post_processing": ("Post-processing", "everything behind the last convolutions"),
    "elementwise": ("Elementwise", "arithmetic, activation functions, joining and pooling"),
    "depthwise": ("Depthwise convolutions", "one filter for each channel"),
    "attention": ("Attention", "products of two activations, and Softmax"),
    "linear": (
        "Fully connected layers",
        "products with weights, as a transformer's decoder has",
    ),
}
"""Title and meaning of each part of a detector."""

CHOICES: dict[str, tuple[Choice, ...]] = {
    "preset": (
        Choice(
            value="performance",
            title="Performance",
            text="Symmetric ranges everywhere: the fastest. Try this first.",
        ),
        Choice(
            value="mixed",
            title="Mixed",
            text="Asymmetric activation ranges: often closer to the parent, a little slower.",
        ),
    ),
    "target_device": (
        Choice(value="any", title="Any", text="Runs well everywhere."),
        Choice(value="cpu", title="CPU", text="A processor without AMX."),
        Choice(
            value="cpu_spr",
            title="CPU with AMX",
            text="Sapphire Rapids and newer: leaves more sums in float, which is faster there.",
        ),
        Choice(value="gpu", title="GPU", text="An Intel graphics card."),
        Choice(value="npu", title="NPU", text="An Intel neural processor."),
    ),
    "model_type": (
        Choice(value="default", title="Convolutional", text="Most detectors."),
        Choice(
            value="transformer",
            title="Transformer",
            text="Keeps what attention is sensitive to in float. It can also do harm: measure it.",
        ),
    ),
    "bias_correction": (
        Choice(value="fast", title="Fast", text="Makes up for the mean error of each layer."),
        Choice(
            value="accurate",
            title="Accurate",
            text="Corrects one layer after the other: takes many times longer.",
        ),
        Choice(value="off", title="Off", text="Leaves the biases as they are."),
    ),
    "activation_range": (
        Choice(value="default", title="Default", text="The mean of what each image shows."),
        Choice(
            value="min_max",
            title="All values",
            text="From the smallest to the largest value of all images: cuts nothing off.",
        ),
        Choice(
            value="mean_min_max",
            title="Mean",
            text="The mean of the images' smallest and largest values.",
        ),
        Choice(
            value="median_min_max",
            title="Median",
            text="Their median: one odd image does not count.",
        ),
        Choice(
            value="mean_no_outliers_min_max",
            title="Mean without outliers",
            text="Their mean, without the rarest images.",
        ),
        Choice(
            value="mean_quantile",
            title="Without rare values",
            text="Cuts off the rarest values of each image. It ruins some detectors.",
        ),
        Choice(
            value="histogram",
            title="Least error",
            text="The range with the least error on a histogram of the values. Slow.",
        ),
    ),
}
CHOICES["weight_range"] = (
    Choice(value="default", title="Default", text="All values of each channel."),
    *CHOICES["activation_range"][1:-1],
)
PLAN_CHOICES = tuple(CHOICES)
"""Fields of a plan that have choices; the others in `CHOICES` are of its accuracy."""

CHOICES["metric"] = (
    Choice(
        value="agreement",
        title="Agreement with the parent",
        text="COCO AP with the parent's detections as ground truth; the parent has 1. Needs no "
        "annotations. From 0.8 on a report calls a model safe, if 95 % of the boxes match as well.",
    ),
    Choice(
        value="coco_ap",
        title="COCO AP",
        text="By the ground truth, at IoU .50 to .95. Needs annotated images.",
    ),
    Choice(
        value="voc_map",
        title="VOC mAP",
        text="By the ground truth, at IoU .50. Needs annotated images.",
    ),
)
CHOICES["choosing"] = (
    Choice(
        value="tensor_distance",
        title="By tensor distance",
        text="Those that add most error to their tensors first: a dozen or two attempts.",
    ),
    Choice(
        value="nncf",
        title="By NNCF's accuracy control",
        text="Tries every group of operations in each round: minutes for a small detector. If it "
        "has not ended after 60 % of the time, tensor distance takes over.",
    ),
)

TITLES = {
    "preset": "Preset",
    "subset_size": "Calibration images at most",
    "seed": "Seed",
    "target_device": "Target device",
    "model_type": "Kind of model",
    "bias_correction": "Bias correction",
    "activation_range": "Range of activations",
    "weight_range": "Range of weights",
    "ignored_parts": "Ignored parts",
    "ignored_names": "Ignored operations",
    "ignored_patterns": "Ignored patterns",
    "ignored_types": "Ignored types",
    "ignored_subgraphs": "Ignored subgraphs",
    "accuracy": "Accuracy to keep",
}
METRIC_WORDS: dict[Metric, str] = {
    "agreement": "agreement with the parent",
    "coco_ap": "COCO AP",
    "voc_map": "VOC mAP",
}
_SHOWN = 4
_NEARLY_ALL = 0.8


class PlanDifference(Value):
    """A field in which a plan differs from another, in words.

    `field` is its name in the plan, `title` what the user reads.
    """

    field: str
    title: str
    value: str
    other: str


def differences(
    plan: QuantizationPlan, other: QuantizationPlan | None = None
) -> tuple[PlanDifference, ...]:
    """In which fields `plan` differs from `other`, or from the default. Names do not count."""
    other = other or QuantizationPlan()
    return tuple(
        PlanDifference(
            field=field,
            title=title,
            value=in_words(field, getattr(plan, field)),
            other=in_words(field, getattr(other, field)),
        )
        for field, title in TITLES.items()
        if getattr(plan, field) != getattr(other, field)
    )


def in_words(field: str, value: Any) -> str:
    """A field's value as the user reads it."""
    for choice in CHOICES.get(field, ()):
        if choice.value == value:
            return choice.title
    if value is None:
        return "none"
    if isinstance(value, AccuracyTarget):
        return f"a drop of {value.max_drop:g} of {METRIC_WORDS[value.metric]} at most"
    if isinstance(value, tuple):
        names = [_name(one) for one in value]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return ", ".join(names[:_SHOWN]) + more if names else "none"
    return str(value)


def summary(plan: QuantizationPlan) -> str:
    """One line: how the plan differs from the default."""
    found = differences(plan)
    if not found:
        return "the default plan"
    return "; ".join(f"{one.title.lower()}: {one.value}" for one in found)


def outcome_sentence(outcome: AccuracyOutcome) -> str:
    """Whether it was reached, from what to what, and on which images."""
    metric = METRIC_WORDS[outcome.target.metric]
    start = "Reached" if outcome.reached else "Not reached"
    where = "held-out images of" if outcome.held_out else "images of"
    figures = (
        f"{metric} {outcome.optimized:.3f} (parent {outcome.parent:.3f}, everything quantized "
        f"{outcome.quantized:.3f}) on {outcome.images} {where} {outcome.dataset}"
    )
    kept = f"{outcome.layers_in_float} of {outcome.layers} layers stay in float"
    if not outcome.layers_in_float:
        kept = "nothing had to be put back into float"
    sentences = [f"{start}: {figures}; {kept}, after {outcome.attempts} attempts."]
    if outcome.layers_in_float > _NEARLY_ALL * outcome.layers:
        sentences.append("So little is left in INT8 that it will gain next to nothing.")
    if outcome.nncf_stopped_after is not None:
        sentences.append(
            f"NNCF's accuracy control had not ended after {outcome.nncf_stopped_after / 60:.1f} "
            "minutes; the layers were chosen by tensor distance instead."
        )
    if not outcome.reached:
        sentences.append(
            "More time may help, or a search, which tries other ways; or stay with the parent."
        )
    return " ".join(sentences)


def warning_sentence(warning: CalibrationWarning) -> str:
    """What looked odd, and what to do about it."""
    sentence: Callable[[Any], str] = _WARNINGS[type(warning)]
    return sentence(warning)


def _little_memory(one: LittleMemory) -> str:
    return (
        f"Optimizing needs about {one.needed / 1e9:.1f} GB of memory, and "
        f"{one.available / 1e9:.1f} are free: close other programs if it gets slow."
    )


def _shared_images(one: SharedImages) -> str:
    images = "1 image" if one.total == 1 else f"{one.total:,} images"
    if one.shared == one.total:
        return (
            f"All the {images} of {one.comparison} are calibration images, too; the report may "
            "look better than it is. Choose other images for one of them."
        )
    return (
        f"{one.shared:,} of the {images} of {one.comparison} are among the calibration images of "
        f"{one.calibration}, too ({_some(one.examples, one.shared)}); the report may look a "
        "little better than it is."
    )


def _few_images(one: FewImages) -> str:
    images = "1 image" if one.images == 1 else f"{one.images} images"
    return (
        f"{one.dataset} gives only {images} for the calibration; it is steadier with "
        f"{ENOUGH_FOR_CALIBRATION} or more, as different as those the model will see."
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
    return (
        f"{one.images} of {one.total} calibration images are almost like another one, such as "
        f"{first} and {second}: they add nothing. Choose images that differ more; from a video, "
        "frames that are further apart."
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


def part_title(part: Part) -> str:
    """Such as ``Last convolutions``."""
    return PARTS[part][0]


def _some(names: tuple[str, ...], count: int) -> str:
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    return ", ".join(names) + more


def _name(one: Any) -> str:
    if isinstance(one, Subgraph):
        return f"{', '.join(one.inputs)} to {', '.join(one.outputs)}"
    return part_title(one).lower() if one in PARTS else str(one)
