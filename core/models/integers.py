"""Integer inputs and outputs: which real values they stand for, by their scale and zero point.

A quantized model may take and give integers of 8 or 16 bits. What they stand for is in the graph:
a FakeQuantize between floats and whole numbers (TFLite, ONNX's QuantizeLinear), or arithmetic
with constants (ONNX's DequantizeLinear). Outputs are turned into the real values; so is an image
unless its bytes are pixels as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import InputError
from core.models.facts import NO_MEAN, NO_SCALE, UNIT_SCALE, Triple

if TYPE_CHECKING:
    import openvino as ov

_BOUNDS = {"u8": (0, 255), "i8": (-128, 127), "u16": (0, 65535), "i16": (-32768, 32767)}
_MOVING = {"Transpose", "Reshape", "Squeeze", "Unsqueeze", "Convert", "Pad", "StridedSlice"}
_TOLERANCE = 0.03  # of a range: calibration images need not have been white and black
_HALF: Triple = (127.5, 127.5, 127.5)
# What pixels 0 and 255 are in a usual range: the mean and scale that bring them there.
_RANGES: tuple[tuple[float, float, tuple[Triple, Triple]], ...] = (
    (0.0, 1.0, (NO_MEAN, UNIT_SCALE)),
    (-1.0, 1.0, (_HALF, _HALF)),
    (0.0, 255.0, (NO_MEAN, NO_SCALE)),
)
_EXPORT = (
    "Export it with inputs and outputs of floats; a converter's option for their type, such as "
    "TFLite's inference_output_type, has that."
)


@dataclass(frozen=True)
class Span:
    """The real values that the smallest and the largest integer of a type stand for."""

    low: float
    high: float

    def usual(self) -> tuple[Triple, Triple] | None:
        """Mean and scale that bring pixels into this range; None where it is no usual one."""
        for low, high, values in _RANGES:
            near = _TOLERANCE * (high - low)
            if abs(self.low - low) < near and abs(self.high - high) < near:
                return values
        return None


def real_outputs(model: ov.Model, name: str) -> None:
    """Let the outputs that are integers give the real values that they stand for, in place.

    Raises InputError, naming the model as `name`, where that is not known for a table of them.
    """
    changed = False
    for result in model.get_results():
        kind = result.get_element_type().get_type_name()
        if kind not in _BOUNDS:
            continue
        if _dequantized(result):
            changed = True
        elif _is_table(result):
            port = min(result.output(0).get_names(), key=len, default=result.get_friendly_name())
            raise InputError(
                f"{name} gives its output {port} as integers of {kind[1:]} bits, and does not "
                "say what they stand for.",
                _EXPORT,
            )
    if changed:
        model.validate_nodes_and_infer_types()


def quantized_pixels(model: ov.Model, index: int, name: str) -> tuple[Triple, Triple] | None:
    """Mean and scale that the image input's own quantization tells; None where none does.

    An input of integers that are no pixels takes the real values afterwards, as f32; one of
    bytes that are pixels stays. Raises InputError where nothing tells what integers mean.
    """
    parameter = model.input(index).get_node()
    kind = parameter.get_element_type().get_type_name()
    span = _span_of(parameter, kind)
    if kind not in _BOUNDS:
        return span.usual() if span is not None else None
    if span is None:
        if kind == "u8":
            return None  # pixels, as networks take them that scale them themselves
        raise InputError(
            f"{name} takes its image as integers of {kind[1:]} bits, and does not state what they "
            "represent.",
            _EXPORT,
        )
    usual = span.usual()
    if kind == "u8" and usual is not None:
        return NO_MEAN, NO_SCALE
    _take_real_values(model, index, span, kind)
    return usual


def _dequantized(result: Any) -> bool:
    """Replace the conversion to integers above an output by the real values; False if unknown."""
    from openvino import opset8 as ops

    node = result.input_value(0).get_node()
    while node.get_type_name() in _MOVING - {"Convert"}:
        node = node.input_value(0).get_node()
    if node.get_type_name() != "Convert" or not _only_for_outputs(node):
        return False
    rounded = node.input_value(0).get_node()
    if rounded.get_type_name() != "FakeQuantize":
        return False
    value, low, high, *_ = rounded.input_values()
    levels = int(rounded.get_attributes()["levels"])
    real = ops.fake_quantize(value, low, high, low, high, levels)
    names = result.output(0).get_names()
    for target in list(node.output(0).get_target_inputs()):
        target.replace_source_output(real.output(0))
    node.output(0).set_names(set())
    if names:
        result.output(0).set_names(names)
    return True


def _only_for_outputs(node: Any) -> bool:
    waiting = [node]
    while waiting:
        for target in waiting.pop().output(0).get_target_inputs():
            follower = target.get_node()
            if follower.get_type_name() == "Result":
                continue
            if follower.get_type_name() not in _MOVING:
                return False
            waiting.append(follower)
    return True


def _is_table(result: Any) -> bool:
    """Labels and counts may be small integers; boxes and scores are no such thing."""
    shape = result.output(0).get_partial_shape()
    return shape.rank.is_dynamic or len(shape) > 2 or (len(shape) == 2 and shape[1] != 1)


def _span_of(parameter: Any, kind: str) -> Span | None:
    """What the graph's first operation on an input tells: of its integers, or of its floats."""
    for node in _downstream(parameter):
        if node.get_type_name() == "FakeQuantize":
            first, last = (3, 4) if kind in _BOUNDS else (1, 2)
            low, high = (_number(node.input_value(place).get_node()) for place in (first, last))
            return None if low is None or high is None else Span(low, high)
        if kind in _BOUNDS and node.get_type_name() in {"Subtract", "Multiply"}:
            return _span_of_arithmetic(node, *_BOUNDS[kind])
    return None


def _span_of_arithmetic(node: Any, lowest: int, highest: int) -> Span | None:
    """Of ``(integer - zero point) * scale``."""
    zero: float | None = 0.0
    if node.get_type_name() == "Subtract":
        zero = _number(node.input_value(1).get_node())
        followers = [target.get_node() for target in node.output(0).get_target_inputs()]
        node = followers[0] if followers else node
    if zero is None or node.get_type_name() != "Multiply":
        return None
    scale = _number(node.input_value(1).get_node())
    return None if scale is None else Span((lowest - zero) * scale, (highest - zero) * scale)


def _downstream(parameter: Any) -> Iterator[Any]:
    """What follows an input, moving and converting passed over."""
    waiting, seen = [parameter], 0
    while waiting and seen < 20:
        seen += 1
        for target in waiting.pop(0).output(0).get_target_inputs():
            node = target.get_node()
            if node.get_type_name() in _MOVING:
                waiting.append(node)
            else:
                yield node


def _number(node: Any) -> float | None:
    """The value of a constant of one number."""
    while node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    if node.get_type_name() != "Constant" or int(np.prod(list(node.get_output_shape(0)))) != 1:
        return None
    return float(np.asarray(node.get_data(), np.float64).reshape(-1)[0])


def _take_real_values(model: ov.Model, index: int, span: Span, kind: str) -> None:
    """An image of floats, rounded to the integers that the network takes."""
    from openvino import opset8 as ops

    old = model.input(index).get_node()
    new = ops.parameter(old.get_partial_shape(), np.float32)
    lowest, highest = (np.float32(bound) for bound in _BOUNDS[kind])
    rounded = ops.fake_quantize(
        new,
        np.float32(span.low),
        np.float32(span.high),
        lowest,
        highest,
        int(highest - lowest) + 1,
    )
    names = old.output(0).get_names()
    new.set_friendly_name(old.get_friendly_name())
    value = ops.convert(rounded, kind)
    for target in old.output(0).get_target_inputs():
        target.replace_source_output(value.output(0))
    model.replace_parameter(model.get_parameter_index(old), new)
    old.output(0).set_names(set())
    new.output(0).set_names(names)
    model.validate_nodes_and_infer_types()
