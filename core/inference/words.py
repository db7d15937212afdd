"""How a model was asked to run, and ran, in words: for both faces, and for pages that jobs make."""

from __future__ import annotations

from core.inference.settings import Arithmetic, Executed, InferenceSettings, PrecisionHint

HINTS: dict[PrecisionHint, str] = {
    "f32": "true f32",
    "default": "default",
    "bf16": "bf16",
    "f16": "f16",
}
SUMS: dict[Arithmetic, str] = {
    "exact": "INT8 sums exact",
    "saturating": "INT8 sums saturate",
    "float": "INT8 sums in float",
}


EMULATED = "bf16 is not native here: emulated, slow"


def asked_text(settings: InferenceSettings) -> str:
    """What was asked for: ``CPU, true f32``, ``CPU, exact INT8``, ``CPU, INT8 without VNNI``."""
    own = {"exact": "exact INT8", "saturating": "INT8 without VNNI"}
    what = own.get(settings.int8) or HINTS[settings.precision_hint]
    return f"{settings.device}, {what}"


def executed_text(one: Executed) -> str:
    """What was asked for and what ran, with the device's own name."""
    sums = f", {SUMS[one.arithmetic]}" if one.arithmetic else ""
    sums += f"; {EMULATED}" if one.emulated else ""
    threads = f", {one.threads} thread{'s' * (one.threads != 1)}" if one.threads else ""
    return (
        f"asked {asked_text(one.settings)}; executed {layers_text(one)}{sums} "
        f"({one.device_name}{threads})"
    )


def run_text(one: Executed) -> str:
    """For a list: ``CPU, default (int8 exact, bf16)``, or ``CPU, true f32`` where f32 ran."""
    sums = {"int8": f"int8 {one.arithmetic}"} if one.arithmetic else {}
    ran = ", ".join(sums.get(name, name) for name in one.layers) or one.precision
    asked = asked_text(one.settings)
    if one.emulated:
        return f"{asked} ({ran}, emulated)"
    return asked if asked.endswith(f" {ran}") else f"{asked} ({ran})"


def layers_text(one: Executed) -> str:
    """What the arithmetic layers computed in: ``int8 in 58 layers, f32 in 2``."""
    if not one.layers:
        return f"{one.precision} precision"
    (most, count), *others = one.layers.items()
    rest = "".join(f", {name} in {number}" for name, number in others)
    return f"{most} in {count} layer{'s' * (count != 1)}{rest}"
