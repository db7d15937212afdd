"""Compiling a model, and finding out what was really compiled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.runtime import openvino_core
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov

PrecisionHint = Literal["f32", "default", "bf16", "f16"]
Arithmetic = Literal["exact", "saturating", "float"]
"""What sums of INT8 products are, see `core.inference.arithmetic`."""

PerformanceHint = Literal["LATENCY", "THROUGHPUT"]
DEFAULT_DEVICE = "CPU"

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
    precision_hint: PrecisionHint,
    performance_hint: PerformanceHint,
    device: str = DEFAULT_DEVICE,
    *,
    count_time: bool = False,
) -> ov.CompiledModel:
    """`model`, or the one stored at that path, ready to run.

    With `count_time` every inference tells how long each layer took, and takes longer itself.

    ``f32`` asks for true float32; ``default`` leaves the choice to OpenVINO, which takes bfloat16
    where the CPU has it. The other hints ask for that precision.
    """
    core = openvino_core()
    settings = {"PERFORMANCE_HINT": performance_hint, **precision_settings(precision_hint)}
    if count_time:
        settings["PERF_COUNT"] = True
    if isinstance(model, Path):
        model = core.read_model(model)
    return core.compile_model(model, device, settings)


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


def thread_count(compiled: ov.CompiledModel) -> int:
    """Threads that the compiled model computes with; 0 where the device does not tell."""
    try:
        return int(str(compiled.get_property("INFERENCE_NUM_THREADS")))
    except RuntimeError:
        return 0


def device_name(device: str = DEFAULT_DEVICE) -> str:
    """What the device calls itself, such as the processor's name."""
    return str(openvino_core().get_property(device, "FULL_DEVICE_NAME")).strip()
