"""Whether a network computes with integers already: nncf.quantize would not refuse it.

Quantization has many forms. NNCF, TFLite and ONNX's QuantizeLinear with fixed scales become
FakeQuantize. ConvInteger, MatMulInteger and QLinearConv become convolutions of integers. Scales
that are computed anew for every image (DynamicQuantizeLinear) become arithmetic that ends in a
conversion of rounded values to 8 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import openvino as ov

COMPUTING = frozenset({"Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul"})
_EIGHT_BITS = frozenset({"i8", "u8"})
# From the rounding to the conversion.
_ARITHMETIC = frozenset(
    {"Clamp", "Add", "Subtract", "Minimum", "Maximum", "Reshape", "Squeeze", "Convert"}
)
_FAR = 8


def is_quantized(model: ov.Model) -> bool:
    """Whether the network has been quantized already, in any of these forms."""
    return any(
        op.get_type_name() == "FakeQuantize" or _multiplies_integers(op) or _makes_integers(op)
        for op in model.get_ops()
    )


def _multiplies_integers(op: Any) -> bool:
    if op.get_type_name() not in COMPUTING:
        return False
    return any(value.get_element_type().is_integral_number() for value in op.input_values())


def _makes_integers(op: Any) -> bool:
    """Whether it turns floats that were rounded into 8 bits."""
    if op.get_type_name() != "Convert":
        return False
    if op.get_output_element_type(0).get_type_name() not in _EIGHT_BITS:
        return False
    node = op.input_value(0).get_node()
    for _ in range(_FAR):
        if node.get_type_name() == "Round":
            return True
        if node.get_type_name() not in _ARITHMETIC:
            return False
        node = node.input_value(0).get_node()
    return False
