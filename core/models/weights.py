"""Weights that are stored in 8 bits in a network that computes with floats.

Measured with OpenVINO 2026.4.1: compiled in true f32 for more than one stream, such a network
gives other numbers every second time, all of them wrong (yolov8n with int8 weights, TFLite).
Its weights are therefore turned back into the floats that they stand for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from core.models.quantized import is_quantized

if TYPE_CHECKING:
    import openvino as ov

_EIGHT_BITS = {"i8", "u8"}


def unpack_weights(model: ov.Model) -> int:
    """Turn 8-bit weights into floats, in place; says how many there were.

    A quantized network, which computes with 8 bits too, is left alone.
    """
    operations = model.get_ops()
    if is_quantized(model):
        return 0
    packed = [
        op
        for op in operations
        if op.get_type_name() == "Convert"
        and op.input_value(0).get_node().get_type_name() == "Constant"
        and op.input_value(0).get_element_type().get_type_name() in _EIGHT_BITS
    ]
    if not packed:
        return 0
    count = sum(int(math.prod(op.get_output_shape(0))) for op in packed)
    from openvino.passes import ConstantFolding, Manager

    for convert in packed:
        marks = convert.get_rt_info()  # among them that folding it is forbidden
        for key in list(marks):
            del marks[key]
    manager = Manager()
    manager.register_pass(ConstantFolding())
    manager.run_passes(model)
    return count
