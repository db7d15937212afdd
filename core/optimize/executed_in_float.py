"""What a plan quantized and the device computes in float all the same, by its executed graph.

CPUs have no INT8 kernel for every operation: depthwise convolutions run in float on many. Their
quantizers then cost conversions and accuracy, and gain nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.inference.compiling import COMPUTING_TYPES, computed_in
from core.metrics.tensors.layers import WEIGHTED

if TYPE_CHECKING:
    import openvino as ov

_BETWEEN = frozenset({"Convert", "Multiply", "Reshape", "Subtract", "Transpose"})
_EIGHT_BITS = frozenset({"i8", "u8"})


def executed_in_float(model: ov.Model, compiled: ov.CompiledModel) -> tuple[str, ...]:
    """Names of quantized convolutions and products that are computed in float, in their order.

    `compiled` is made of `model`. None where the device does not say what it executes.
    """
    try:
        executed = compiled.get_runtime_model()
    except RuntimeError:
        return ()
    in_float: set[str] = set()
    for op in executed.get_ops():
        facts = {key: value.astype(str) for key, value in op.get_rt_info().items()}
        computing = facts.get("layerType") in COMPUTING_TYPES and "primitiveType" in facts
        if computing and computed_in(facts) != "int8":
            in_float.update(facts.get("originalLayersNames", "").split(","))
    quantized = (op for op in model.get_ordered_ops() if _quantized(op))
    names = (str(op.get_friendly_name()) for op in quantized)
    return tuple(name for name in names if name in in_float)


def _quantized(op: Any) -> bool:
    """Whether it is a convolution or a product of values with 8 bits."""
    return op.get_type_name() in WEIGHTED and all(_of_8_bits(op, place) for place in range(2))


def _of_8_bits(op: Any, place: int) -> bool:
    node = op.input_value(place).get_node()
    while node.get_type_name() in _BETWEEN:
        node = node.input_value(0).get_node()
    if node.get_type_name() == "Constant":
        return node.get_element_type().get_type_name() in _EIGHT_BITS
    return bool(node.get_type_name() == "FakeQuantize")
