"""Weights that are stored in 8 bits in a network that computes with floats.

Measured with OpenVINO 2026.4.1: compiled in true f32 for more than one stream, such a network
gives other numbers every second time, all of them wrong (yolov8n with int8 weights, TFLite).
Its weights are therefore turned back into the floats that they stand for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openvino as ov

_EIGHT_BITS = {"i8", "u8"}


def unpack_weights(model: ov.Model) -> bool:
    """Turn 8-bit weights into floats, in place; says whether there were any.

    A quantized network, which computes with 8 bits too, is left alone.
    """
    operations = model.get_ops()
    if any(op.get_type_name() == "FakeQuantize" for op in operations):
        return False
    packed = [
        op
        for op in operations
        if op.get_type_name() == "Convert"
        and op.input_value(0).get_node().get_type_name() == "Constant"
        and op.input_value(0).get_element_type().get_type_name() in _EIGHT_BITS
    ]
    if not packed:
        return False
    from openvino.passes import ConstantFolding, Manager

    for convert in packed:
        marks = convert.get_rt_info()  # among them that folding it is forbidden
        for key in list(marks):
            del marks[key]
    manager = Manager()
    manager.register_pass(ConstantFolding())
    manager.run_passes(model)
    return True
