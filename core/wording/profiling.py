"""What a profile shows, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.inference.machine import Machine
from core.inference.settings import DEFAULT_DEVICE
from core.profiling.bottlenecks import Bottleneck, BottleneckKind, Int8Comparison
from core.profiling.findings import ElementwiseApart, Finding, SlowestLayers, TimeBetweenLayers
from core.profiling.profile import Layer, Profile, ProfileKey
from core.profiling.result import ProfileResult
from core.profiling.sums import LayerSum, Transition, float_share, transitions
from core.text import counted, when
from core.wording.words import BF16_EMULATED, precision, short_name, whom

_NEXT_STEPS: dict[BottleneckKind, str] = {
    "apart": "Keep these operations in float and quantize again: then nothing separates them from "
    "their convolutions, and OpenVINO can fuse them.",
    "float": "They gain nothing from INT8; if they add error, keep them in float.",
    "conversion": "They are where int8 and float layers meet: keep whole blocks in one "
    "precision rather than single layers.",
    "slower": "Keeping them in float costs no time and may restore accuracy.",
}


def profile_title(key: ProfileKey) -> str:
    """Such as ``parent, default (bf16)``."""
    return f"{key.model}, {precision(key.precision_hint, key.precision_executed)}"


def finding_sentence(finding: Finding) -> str:
    """What was found, and what to do about it."""
    if isinstance(finding, Bottleneck):
        return f"{bottleneck_sentence(finding)} {_NEXT_STEPS[finding.kind]}"
    sentence: Callable[[Any], str] = _SENTENCES[type(finding)]
    return sentence(finding)


def comparison_sentence(one: Int8Comparison) -> str:
    """Whether INT8 is faster by its layers, and where it saves most."""
    how = precision(one.parent.precision_hint, one.parent.precision_executed)
    parent = f"{whom(one.parent.model)}, {how}"
    start = {
        "faster": f"INT8 is faster than {parent}",
        "slower": f"INT8 gains nothing: it is slower than {parent}",
        "no_gain": f"INT8 gains nothing over {parent}",
        "unclear": f"INT8 is not clearly faster than {parent}",
    }[one.verdict]
    text = (
        f"{start}: its layers take {one.optimized_ms:.2f} ms, the parent's {one.parent_ms:.2f} ms"
    )
    if one.ratio is not None:
        low, high = one.ratio.low, one.ratio.high
        text += f"; it is {one.ratio.value:.2f} times as fast ({low:.2f} to {high:.2f})"
    if one.int8_ms is None:
        return f"{text}."
    saved = ", ".join(f"{short_name(layer.name)} {layer.ms:.2f} ms" for layer in one.saved)
    most = f"; most is saved in {saved}" if saved else ""
    return (
        f"{text}. Its int8 layers take {one.int8_ms:.2f} ms, the same layers of the parent "
        f"{one.int8_parent_ms:.2f} ms{most}."
    )


def bottleneck_sentence(one: Bottleneck) -> str:
    """What the layers are and cost."""
    return f"{_SUBJECTS[one.kind](one)}: {_slowest(one)}."


def sum_counts(one: LayerSum) -> str:
    """How many layers run in which precision, such as ``16 bf16, 2 f32``."""
    return ", ".join(f"{count} {name}" for name, count in one.counts.items())


def sum_sentence(one: LayerSum) -> str:
    """A sum, and below what of it is in which precision."""
    parts = ", ".join(
        f"{name} {value:.3f} ms" + (f" in {one.counts[name]}" if name in one.counts else "")
        for name, value in one.precisions.items()
    )
    layers = counted(one.layers, "layer")
    return f"{one.name}: {layers}, {one.time_ms:.3f} ms, {one.share:.1%}\n{parts}"


def transition_sentence(one: Transition) -> str:
    """Where one precision becomes another."""
    return (
        f"{one.before} to {one.after}: {counted(one.layers, 'layer')}, {one.conversions} of them "
        f"only convert ({one.time_ms:.2f} ms)"
    )


def precision_changes(profile: Profile) -> list[str]:
    """Where the precision changes, and what that takes."""
    lines = [transition_sentence(one) for one in transitions(profile)]
    converting = [one for one in profile.layers if one.role == "conversion" and one.time_ms]
    if converting:
        time = sum(one.time_ms for one in converting)
        layers = counted(len(converting), "layer only converts", "layers only convert")
        lines.append(
            f"{layers} precision or memory layout: {time:.2f} ms, "
            f"{time / (profile.layers_ms or 1):.0%} of total layer time"
        )
    share = float_share(profile)
    if share is not None and profile.quantized:
        lines.append(f"{share:.0%} of the convolutions' time is still float, not int8")
    return lines or ["No layer changes the precision."]


def profile_note(profile: Profile, result: ProfileResult) -> str:
    """How much of an inference the layers are, where and how that was profiled."""
    machine = result.machine
    threads = f"{counted(profile.threads, 'thread')}, " if profile.threads else ""
    return (
        f"{len(profile.layers)} layers, {profile.layers_ms:.2f} ms in them, of "
        f"{profile.latency_ms.median:.2f} ms for one inference while they are timed. "
        f"{machine.title} ({machine.device}), {threads}{result.rounds} rounds in turns, "
        f"OpenVINO {machine.openvino}, started {when(result.started)}. "
        f"{emulation(profile, machine)}"
    ).rstrip()


def emulation(profile: Profile, machine: Machine) -> str:
    """That it ran in bf16 on a CPU that has none; empty of any other."""
    slow = machine.device == DEFAULT_DEVICE and machine.emulates(profile.precision_layers)
    return BF16_EMULATED if slow else ""


def layer_facts(layer: Layer) -> list[tuple[str, str]]:
    """What is known about a layer."""
    shape = " x ".join(str(side) if side >= 0 else "?" for side in layer.shape)
    return [
        ("Layer", layer.name),
        ("Type", f"{layer.what} ({layer.type})" if layer.what != layer.type else layer.type),
        ("Time", f"{layer.time_ms:.3f} ms ({layer.time_low_ms:.3f} to {layer.time_high_ms:.3f})"),
        ("Compute precision", f"{layer.precision}, writes {layer.output_precision}"),
        ("Primitive", layer.primitive),
        ("Output", shape or "scalar"),
        ("Fused from", ", ".join(layer.originals) or "nothing in the model's file"),
    ]


def _elementwise(one: ElementwiseApart) -> str:
    return (
        f"{counted(len(one.layers), 'elementwise layer is', 'elementwise layers are')} not fused "
        f"with the layers around and {_takes(one.layers)} {_time(one.time_ms, one.share)}: each "
        "reads and writes its whole tensor. Activations that OpenVINO fuses, such as ReLU, cost "
        "nothing there."
    )


def _slowest_layers(one: SlowestLayers) -> str:
    named = ", ".join(
        f"{short_name(layer.name)} ({layer.layer_type}, {layer.ms:.2f} ms)" for layer in one.named
    )
    return f"Slowest layers: {named}; {one.share:.0%} of total layer time, {one.layers_ms:.2f} ms."


def _between(one: TimeBetweenLayers) -> str:
    return (
        f"{one.between_ms:.2f} of an inference's {one.latency_ms:.2f} ms are in no layer: between "
        f"{counted(one.executed, 'layer')}, in profiling itself, or in other programs."
    )


_SENTENCES: dict[type, Callable[[Any], str]] = {
    Int8Comparison: comparison_sentence,
    ElementwiseApart: _elementwise,
    SlowestLayers: _slowest_layers,
    TimeBetweenLayers: _between,
}


def _apart(one: Bottleneck) -> str:
    layers = counted(len(one.layers), one.layer_type, f"{one.layer_type} layers")
    are = "is" if len(one.layers) == 1 else "are"
    return (
        f"{layers} that the parent computes inside its convolutions {are} separate and "
        f"{_takes(one.layers)} {_time(one.time_ms, one.share)}"
    )


def _stayed_float(one: Bottleneck) -> str:
    kind = ", all of them depthwise convolutions," if one.roles == ("depthwise",) else ""
    return (
        f"{len(one.layers)} of {one.computing} convolutions and matrix products stayed "
        f"{one.precision}{kind} and {_takes(one.layers)} {_time(one.time_ms, one.share)}"
    )


def _conversions(one: Bottleneck) -> str:
    layers = counted(len(one.layers), "layer that only converts", "layers that only convert")
    return (
        f"{layers} precision or memory layout {_takes(one.layers)} "
        f"{_time(one.time_ms, one.share)}, the parent's {one.parent_ms:.2f} ms"
    )


def _slower(one: Bottleneck) -> str:
    layers = counted(
        len(one.layers), "convolution or matrix product is", "convolutions or matrix products are"
    )
    return (
        f"{layers} slower in int8, {_time(one.time_ms, one.share)} against {one.parent_ms:.2f} ms"
    )


_SUBJECTS: dict[BottleneckKind, Callable[[Bottleneck], str]] = {
    "apart": _apart,
    "float": _stayed_float,
    "conversion": _conversions,
    "slower": _slower,
}


def _takes(layers: tuple[int, ...]) -> str:
    return "takes" if len(layers) == 1 else "take"


def _time(ms: float, share: float) -> str:
    return f"{ms:.2f} ms ({share:.0%})"


def _slowest(one: Bottleneck) -> str:
    named = ", ".join(f"{short_name(layer.name)} {layer.ms:.2f} ms" for layer in one.slowest)
    more = len(one.layers) - len(one.slowest)
    return f"{named} and {more} more" if more else named
