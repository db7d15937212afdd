"""Networks whose layers compute as the parent's, and some, behind a gate, as they were quantized.

A layer with a gate is there twice, and the gate is for the difference. What lies in front of all
that have one is a network of its own, for it gives the same whatever the gates are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov

from core.metrics.tensors.layers import depending_on_image
from core.optimize.gated_layers import (
    FLOATS,
    QUANTIZER,
    Layer,
    addition_of,
    layers_of,
    limits_of,
    sources_of,
)
from core.optimize.moments import constant_of

Value = tuple[str, int]
"""What an operation of the networks here gives: its name in them, and the place of the output."""


@dataclass(frozen=True, eq=False)
class Behind:
    """What lies behind some layers, which have gates: it gives the last ones that they reach.

    Inputs of `model` are `values`, and then the gates, float32 ``[layers]``: with 0 a layer
    computes as the parent's, with 1 as it was quantized.
    """

    model: ov.Model
    values: tuple[Value, ...]
    gates: int


class Gates:
    """Makes such networks of a quantized one and its parent.

    Attributes:
        layers: those that can have a gate, in the network's order.
    """

    def __init__(self, quantized: ov.Model, parent: ov.Model) -> None:
        """`parent` computes the same by the same operations; `quantized` is changed by it."""
        self.layers, ends = layers_of(quantized, parent)
        for place, op in enumerate(quantized.get_ordered_ops()):
            op.set_friendly_name(f"{place}")  # no other has it, and copies keep it
            if op.get_type_name() == QUANTIZER:  # each layer gets one of its own
                op.output(0).replace(op.input_value(0))
        results = []
        for layer in self.layers:
            results += _made_parents(layer)
        biased = {
            _key(one): addition_of(one.operation) for one in self.layers if one.bias is not None
        }
        for place, op in enumerate(ends):
            last = biased.get(op.get_friendly_name(), op)
            results.append(_result(last.output(0), f"end {place}"))
        self._model = ov.Model(results, quantized.get_parameters())

    def before(self, values: Sequence[Value]) -> ov.Model:
        """The network that gives these values; its inputs are those of the whole one."""
        operations = _by_name(self._model)
        results = [_result(operations[name].output(place)) for name, place in values]
        return ov.Model(results, self._model.get_parameters())

    def behind(self, layers: Sequence[Layer]) -> Behind:
        """The network behind these of its layers, in the same order."""
        model = self._model.clone()
        operations, depending = _by_name(model), depending_on_image(model)
        reached = _reached(model, {_key(layer) for layer in layers})
        ends = [one for one in model.get_results() if one.get_friendly_name() in reached]
        inputs = _cut(ends, reached, depending)
        gates = ov.opset13.parameter([len(layers)], np.float32)
        each = ov.opset13.split(gates, ov.opset13.constant(0), len(layers))
        for place, layer in enumerate(layers):
            _open(layer, operations, each.output(place))
        return Behind(ov.Model(ends, [*inputs.values(), gates]), tuple(inputs), len(layers))


def _key(layer: Layer) -> str:
    """Its operation's name in the networks here."""
    return str(layer.operation.get_friendly_name())


def _weights_of(layer: Layer) -> str:
    """The name of the result that is its weights as they were quantized."""
    return f"weights of {_key(layer)}"


def _bias_of(layer: Layer) -> str:
    return f"bias of {_key(layer)}"


def _by_name(model: ov.Model) -> dict[str, Any]:
    return {op.get_friendly_name(): op for op in model.get_ordered_ops()}


def _result(value: Any, name: str = "") -> Any:
    """Of a value, which is f32 there where it is a float."""
    half = value.get_element_type() == ov.Type.f16
    found = ov.opset13.result(ov.opset13.convert(value, "f32") if half else value)
    if name:
        found.set_friendly_name(name)
    return found


def _made_parents(layer: Layer) -> list[Any]:
    """Give the operation the parent's weights and bias; results that are those it had."""
    op = layer.operation
    kind = op.get_output_element_type(0).to_dtype()
    places = [(op.input(1), layer.weights, _weights_of(layer))]
    if layer.bias is not None:
        addition = addition_of(op)
        constants = [constant_of(one) is not None for one in sources_of(addition)]
        places.append((addition.input(constants.index(True)), layer.bias, _bias_of(layer)))
    had = []
    for place, values, name in places:
        had.append(ov.opset13.result(place.get_source_output()))
        had[-1].set_friendly_name(name)
        place.replace_source_output(ov.opset13.constant(values.astype(kind)).output(0))
    return had


def _reached(model: ov.Model, names: Collection[str]) -> set[str]:
    """The names of these operations, and of all that what they give comes to."""
    reached = set(names)
    for op in model.get_ordered_ops():
        if any(one.get_friendly_name() in reached for one in sources_of(op)):
            reached.add(op.get_friendly_name())
    return reached


def _cut(ends: Sequence[Any], reached: set[str], depending: set[str]) -> dict[Value, Any]:
    """Inputs in the place of all that depends on the image, and that is not reached.

    Whole numbers, such as shapes, are computed again from these: an input could be any number.
    """
    inputs: dict[Value, Any] = {}
    given: dict[Value, Any] = {}
    pending, seen = list(ends), set()
    while pending:
        for place in pending.pop().inputs():
            value = place.get_source_output()
            node = value.get_node()
            name, kind = node.get_friendly_name(), value.get_element_type()
            own = node.get_type_name() == "Parameter" or kind.get_type_name() in FLOATS
            if own and name in depending and name not in reached:
                key = (name, value.get_index())
                if key not in inputs:
                    half = kind == ov.Type.f16
                    shape = value.get_partial_shape()
                    inputs[key] = ov.op.Parameter(ov.Type.f32 if half else kind, shape)
                    given[key] = ov.opset13.convert(inputs[key], "f16") if half else inputs[key]
                place.replace_source_output(given[key].output(0))
            elif name not in seen:
                seen.add(name)
                pending.append(node)
    return inputs


def _open(layer: Layer, operations: dict[str, Any], gate: Any) -> None:
    """What the layer gives from then on: the parent's values, and the difference by the gate."""
    op = operations[_key(layer)]
    value, kind = op.input_value(0), op.get_output_element_type(0).get_type_name()
    limits = [ov.opset13.constant(one) for one in limits_of(layer.quantizer)]
    levels = layer.quantizer.get_attributes()["levels"]
    read = ov.opset13.fake_quantize(value, *limits, levels)
    rounded = _computed(op, read, operations[_weights_of(layer)].input_value(0))
    unrounded = op
    if layer.bias is not None:
        unrounded = addition_of(op)
        rounded = ov.opset13.add(rounded, operations[_bias_of(layer)].input_value(0))
    readers = list(unrounded.output(0).get_target_inputs())
    # one of each side: else OpenVINO lays out all in another way for it, and back
    sides = ov.opset13.constant([1] * len(op.get_output_partial_shape(0)))
    level = ov.opset13.convert(ov.opset13.reshape(gate, sides, False), kind)
    lost = ov.opset13.multiply(ov.opset13.subtract(rounded, unrounded), level)
    gated = ov.opset13.add(unrounded, lost).output(0)
    for reader in readers:
        reader.replace_source_output(gated)


def _computed(op: Any, value: Any, weights: Any) -> Any:
    """The same operation of other inputs."""
    facts = op.get_attributes()
    if op.get_type_name() == "MatMul":
        return ov.opset13.matmul(value, weights, facts["transpose_a"], facts["transpose_b"])
    many = op.get_type_name() == "GroupConvolution"
    make = ov.opset13.group_convolution if many else ov.opset13.convolution
    names = ("strides", "pads_begin", "pads_end", "dilations", "auto_pad")
    return make(value, weights, *(facts[name] for name in names))
