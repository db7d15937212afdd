"""The layers of a quantized network that can be its parent's as well, and the last ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.metrics.tensors.layers import NMS
from core.optimize.moments import constant_of
from core.optimize.structure import Structure

if TYPE_CHECKING:
    import openvino as ov

QUANTIZER = "FakeQuantize"
FLOATS = ("f32", "f16")
_CHOOSING = NMS | {"TopK"}
_TWICE = ("Convolution", "GroupConvolution", "MatMul")
_PASSING = (  # a range of all channels is the same before them and behind them
    "Concat", "MaxPool", "Reshape", "Slice", "Split", "Squeeze", "StridedSlice", "Transpose",
    "Unsqueeze", "VariadicSplit",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Layer:
    """A quantized operation, the quantizer of what it reads, and its parent's weights and bias.

    The quantizer may lie in front of operations that only move values: there it does the same.
    """

    name: str
    operation: Any
    quantizer: Any
    weights: NDArray[Any]
    bias: NDArray[Any] | None

    @property
    def multiplications(self) -> float:
        """Of one inference; of an image's side that may be any, as if it were one."""
        outputs = [side.get_length() if side.is_static else 1 for side in self._given]
        inputs = self.weights.shape
        last = self.operation.get_type_name() == "MatMul"
        each = inputs[2:] if self.operation.get_type_name() == "GroupConvolution" else inputs[1:]
        width = np.prod(inputs) / outputs[-1] if last else np.prod(each)
        return float(np.prod(outputs) * width)

    @property
    def _given(self) -> list[Any]:
        return list(self.operation.get_output_partial_shape(0))


def layers_of(quantized: ov.Model, parent: ov.Model) -> tuple[tuple[Layer, ...], tuple[Any, ...]]:
    """The layers in front of what chooses, in the network's order, and the last operations there.

    Behind what chooses, such as TopK, a little error makes another choice, and all of it looks
    alike.
    """
    operations = quantized.get_ordered_ops()
    chosen: set[str] = set()
    for op in operations:
        before = (value.get_node().get_friendly_name() for value in op.input_values())
        if op.get_type_name() in _CHOOSING or any(name in chosen for name in before):
            chosen.add(op.get_friendly_name())
    weighted = set(Structure(parent).layers) - chosen
    later: set[str] = set()
    ends = []
    for op in reversed(operations):
        name = op.get_friendly_name()
        readers = _readers(op) - chosen
        if readers & (later | weighted):
            later.add(name)
        elif name in weighted:
            ends.append(op)
    of_parent = {op.get_friendly_name(): op for op in parent.get_ordered_ops()}
    found = [
        _layer(op, of_parent[op.get_friendly_name()])
        for op in operations
        if op.get_friendly_name() in weighted
    ]
    return tuple(one for one in found if one is not None), tuple(ends[::-1])


def _readers(op: Any) -> set[str]:
    targets = (one for output in op.outputs() for one in output.get_target_inputs())
    return {target.get_node().get_friendly_name() for target in targets}


def _layer(op: Any, parent: Any) -> Layer | None:
    """None where it was not quantized, or cannot be computed twice."""
    kind = op.get_type_name()
    weights = constant_of(parent.input_value(1).get_node())
    if kind not in _TWICE or weights is None or kind != parent.get_type_name():
        return None
    quantizer, bias = _quantizer(op), _added(parent)
    alike = tuple(weights.get_data().shape) == tuple(op.get_input_shape(1))
    if quantizer is None or not alike or (bias is not None and addition_of(op) is None):
        return None
    return Layer(op.get_friendly_name(), op, quantizer, weights.get_data(), bias)


def _quantizer(op: Any) -> Any:
    """The one of what it reads; None where there is none, or several that differ."""
    found, pending = [], [op.input_value(0).get_node()]
    while pending:
        node = pending.pop()
        if node.get_type_name() == QUANTIZER:
            found.append(node)
        elif node.get_type_name() in _PASSING:
            pending += (
                sources_of(node) if node.get_type_name() == "Concat" else sources_of(node)[:1]
            )
        else:
            return None
    if any(one.get_output_element_type(0).get_type_name() not in FLOATS for one in found):
        return None
    limits = [[one.tolist() for one in limits_of(quantizer)] for quantizer in found]
    moved = op.input_value(0).get_node().get_type_name() != QUANTIZER
    several = any(isinstance(one, list) for one in limits[0])
    return None if moved and (several or any(one != limits[0] for one in limits)) else found[0]


def limits_of(quantizer: Any) -> list[NDArray[np.float32]]:
    """Its ranges of what goes in and of what comes out: scalars, unless channels have their own."""
    values = [constant_of(one).get_data() for one in sources_of(quantizer)[1:]]
    return [one.reshape(()) if one.size == 1 else one for one in values]


def _added(op: Any) -> Any:
    """The values of a constant that is added to what the operation gives, and to nothing else."""
    addition = addition_of(op)
    constants = [] if addition is None else map(constant_of, sources_of(addition))
    return next((one.get_data() for one in constants if one is not None), None)


def addition_of(op: Any) -> Any:
    """The operation that adds a constant to what this one gives; None where others read it, too."""
    readers = [one.get_node() for one in op.output(0).get_target_inputs()]
    if len(readers) != 1 or readers[0].get_type_name() != "Add":
        return None
    constants = [constant_of(one) for one in sources_of(readers[0])]
    return readers[0] if any(one is not None for one in constants) else None


def sources_of(op: Any) -> list[Any]:
    """The operations that it reads from, in the order of its inputs."""
    return [value.get_node() for value in op.input_values()]
