"""What a compiled model really ran as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.inference.arithmetic import int8_arithmetic
from core.inference.compiling import (
    device_name,
    executed_precision,
    number_property,
    precision_name,
    property_of,
)
from core.inference.settings import (
    DEFAULT_DEVICE,
    Arithmetic,
    Executed,
    InferenceSettings,
    Int8,
)
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov


def is_quantized(model: ov.Model) -> bool:
    """Whether the model has INT8 operations, which a compiled one need not show any more."""
    return any(op.get_type_name() == "FakeQuantize" for op in model.get_ops())


def executed(
    compiled: ov.CompiledModel, settings: InferenceSettings, *, quantized: bool
) -> Executed:
    """How this compiled model, asked for with these settings, computes.

    `quantized` see `is_quantized`.
    """
    found = executed_precision(compiled)
    ran_on = executing_devices(compiled, settings.device)
    return Executed(
        settings=settings,
        devices=ran_on,
        device_name=", ".join(device_name(one.strip("()")) for one in ran_on),
        precision=found.name,
        float_precision=_float_precision(compiled),
        layers=found.layers,
        threads=number_property(compiled, "INFERENCE_NUM_THREADS"),
        arithmetic=arithmetic_of(found.layers, ran_on, settings.int8) if quantized else None,
        emulated=_is_emulated(found.layers, ran_on),
    )


def runs_in_true_f32(settings: InferenceSettings) -> bool:
    """Whether these settings are true f32 on the CPU by another name.

    As where the CPU has no bfloat16; and with exact sums, beside which all else is float32.
    """
    if settings.device != DEFAULT_DEVICE or settings.int8 == "saturating":
        return False
    if settings.int8 == "exact":
        return True
    if settings.precision_hint != "default":
        return settings.precision_hint == "f32"
    return default_precision() == "f32"


def default_precision() -> str:
    """What the CPU computes floats in by itself: ``bf16`` or ``f16`` where it is made for it."""
    return _name(openvino_core().get_property(DEFAULT_DEVICE, "INFERENCE_PRECISION_HINT"))


def what_decides(device: str) -> tuple[str, ...]:
    """What of this machine decides, besides model and settings, what is found: by its device.

    Another processor, another version of OpenVINO and instructions that a process does without
    give other detections.
    """
    import openvino as ov

    chooses = device.partition(":")[0] in _CHOOSING
    among = openvino_core().available_devices if chooses else [device]
    arithmetic = int8_arithmetic() if DEFAULT_DEVICE in among else ""
    each = (part for one in among for part in (device_name(one), *sorted(_abilities(one))))
    return (str(ov.get_version()), arithmetic, *each)


_CHOOSING = ("AUTO", "MULTI", "HETERO")  # devices that stand for others


def _abilities(device: str) -> list[str]:
    try:
        return list(map(str, openvino_core().get_property(device, "OPTIMIZATION_CAPABILITIES")))
    except RuntimeError:  # a device need not know the property
        return []


def executing_devices(compiled: ov.CompiledModel, asked: str) -> tuple[str, ...]:
    """Those that run it: of AUTO, what it chose; in brackets while it still makes another ready."""
    try:
        found = compiled.get_property("EXECUTION_DEVICES")
    except RuntimeError:  # a device need not know the property
        return (asked,)
    return (found,) if isinstance(found, str) else tuple(map(str, found))


def _is_emulated(layers: Mapping[str, int], devices: Sequence[str]) -> bool:
    """See `Executed`; OpenVINO's abilities of the CPU have BF16 where it is native."""
    on_cpu = tuple(devices) == (DEFAULT_DEVICE,)
    return on_cpu and "bf16" in layers and "BF16" not in _abilities(DEFAULT_DEVICE)


def _float_precision(compiled: ov.CompiledModel) -> str:
    found = property_of(compiled, "INFERENCE_PRECISION_HINT")
    return "" if found is None else _name(found)


def _name(precision: ov.Type) -> str:
    return precision_name(str(precision.get_type_name()))


def arithmetic_of(
    layers: Mapping[str, int], devices: Sequence[str], int8: Int8 = "as_executed"
) -> Arithmetic | None:
    """What sums of INT8 products are in a quantized model with these layers, run by these devices.

    None where it is not known: of the CPU alone it is, also where AUTO chose it.
    """
    if tuple(devices) != (DEFAULT_DEVICE,):
        return None
    if "int8" in layers:
        return int8_arithmetic()
    return "exact" if int8 == "exact" else "float"
