"""Compiling a model, and finding out what was really compiled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.causes import cause
from core.errors import InputError
from core.inference.settings import DEFAULT_DEVICE, InferenceSettings, PrecisionHint
from core.models.stored import read_network
from core.runtime import openvino_core
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov

PerformanceHint = Literal["LATENCY", "THROUGHPUT"]

COMPUTING_TYPES = frozenset(
    {"Convolution", "Deconvolution", "FullyConnected", "MatMul", "GroupConvolution"}
)
_NAMES = {"f32": "f32", "bf16": "bf16", "f16": "f16", "i8": "int8", "u8": "int8"}


class ExecutedPrecision(Value):
    """What ran: `name` is the precision of most arithmetic layers, `layers` counts them all."""

    name: str
    layers: dict[str, int]


def compile_for(
    model: ov.Model | Path,
    settings: InferenceSettings,
    performance_hint: PerformanceHint,
    *,
    count_time: bool = False,
) -> ov.CompiledModel:
    """`model`, or the one stored at that path, ready to run.

    With `count_time` every inference tells how long each layer took, and takes longer itself.
    Raises InputError for settings that contradict themselves, and for a device that is not there.
    """
    core = openvino_core()
    asked = {"PERFORMANCE_HINT": performance_hint, **properties(settings)}
    if count_time:
        asked["PERF_COUNT"] = True
    if isinstance(model, Path):
        model = read_network(model)
    try:
        return core.compile_model(model, settings.device, asked)
    except RuntimeError as error:
        from core.inference.machine import require_device

        require_device(settings.device)  # a project of another machine may name one of its own
        if settings.device == DEFAULT_DEVICE:
            raise
        raise InputError(
            f"{settings.device} cannot run the model: {cause(error)}.", "Choose another device."
        ) from error


def properties(settings: InferenceSettings) -> dict[str, Any]:
    """What asks OpenVINO for a precision and for exact INT8.

    Without low-precision transformations the CPU plugin leaves FakeQuantize in the graph and
    convolves in float, where sums of 8-bit products are exact. Several streams go wrong with it.
    """
    require_possible(settings)
    if settings.int8 == "saturating":
        _require_saturating()
    if settings.int8 != "exact":
        return precision_settings(settings.precision_hint)
    return {**precision_settings("f32"), "LP_TRANSFORMS_MODE": "NO", "NUM_STREAMS": "1"}


def require_possible(settings: InferenceSettings) -> None:
    """Raises InputError for an arithmetic of INT8 that cannot be had so."""
    if settings.int8 == "as_executed":
        return
    if settings.device != DEFAULT_DEVICE:
        raise InputError(
            f"How INT8 is computed can be chosen on the CPU only, not on {settings.device}.",
            "Choose the CPU, or INT8 as the device computes it.",
        )
    if settings.int8 == "exact" and settings.precision_hint not in ("f32", "default"):
        raise InputError(
            f"INT8 is computed exactly beside f32 only, not beside {settings.precision_hint}.",
            "Choose the precision f32, or INT8 as the device computes it.",
        )


def _require_saturating() -> None:
    """Raises InputError where sums do not saturate in this process."""
    from core.inference.arithmetic import int8_arithmetic

    if int8_arithmetic() != "saturating":
        raise InputError(
            "INT8 sums do not saturate on this processor; only detections can be made as if.",
            "Choose INT8 as the device computes it.",
        )


def precision_settings(hint: PrecisionHint) -> dict[str, Any]:
    """What asks OpenVINO for a precision; models compiled before are not taken from a cache."""
    asked = {} if hint == "default" else {"INFERENCE_PRECISION_HINT": hint}
    return {"CACHE_DIR": "", **asked}


def executed_precision(compiled: ov.CompiledModel) -> ExecutedPrecision:
    """The precisions of the convolutions and matrix products in the executed graph."""
    counts: Counter[str] = Counter()
    for op in compiled.get_runtime_model().get_ops():
        facts = {key: value.astype(str) for key, value in op.get_rt_info().items()}
        if facts.get("layerType") in COMPUTING_TYPES:
            counts[computed_in(facts)] += 1
    if not counts:
        return ExecutedPrecision(name="unknown", layers={})
    return ExecutedPrecision(name=counts.most_common(1)[0][0], layers=dict(counts.most_common()))


def computed_in(facts: Mapping[str, str]) -> str:
    """The precision that a layer of the executed graph computes in, by its ``rt_info``.

    The name of its kernel ends with it, such as ``brgconv_avx512_f32``. ``runtimePrecision`` does
    not do: it says f16 of a convolution that computes in f32 on weights stored as f16.
    """
    kernel = facts["primitiveType"].rsplit("_", 1)[-1].lower()
    return _NAMES.get(kernel) or precision_name(facts["runtimePrecision"])


def precision_name(openvino_name: str) -> str:
    """A precision as we call it: ``int8`` of OpenVINO's ``i8`` and ``u8``."""
    return _NAMES.get(openvino_name, openvino_name)


def optimal_requests(compiled: ov.CompiledModel) -> int:
    """How many inferences OpenVINO wants in flight."""
    return int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))


def number_property(compiled: ov.CompiledModel, name: str) -> int:
    """A property that is a number, such as that of threads; 0 where the device does not tell."""
    try:
        return int(str(property_of(compiled, name)))
    except ValueError:
        return 0


def property_of(compiled: ov.CompiledModel, name: str) -> Any:
    """A property; of AUTO, that of the one device which it chose. None where neither tells."""
    try:
        return compiled.get_property(name)
    except RuntimeError:  # a device need not know the property
        pass
    try:
        chosen = compiled.get_property("DEVICE_PROPERTIES").values()
    except RuntimeError:
        return None
    return next(iter(chosen)).get(name) if len(chosen) == 1 else None


def device_name(device: str = DEFAULT_DEVICE) -> str:
    """What the device calls itself, such as the processor's name; of ``AUTO:GPU,CPU``, ``AUTO``."""
    name = device.partition(":")[0]
    return str(openvino_core().get_property(name, "FULL_DEVICE_NAME")).strip()
