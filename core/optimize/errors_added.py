"""What each layer adds to a network's error when it runs in INT8, and how much of its work it is.

How far a layer's own tensor is from the parent's says little of what becomes of it. Here one
network has every layer twice, as the parent computes it and as it was quantized, with a gate for
the difference. With one gate open at a time, the error is that layer's alone where it counts: at
the last layers. Those in front of what chooses, such as TopK, are taken: behind it a little error
makes another choice, and all of it looks alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from core.metrics.tensors.layers import NMS
from core.optimize.moments import constant_of
from core.optimize.structure import Structure
from core.optimize.weighed import Weighed

Tensors = Sequence[NDArray[Any]]
_CHOOSING = NMS | {"TopK"}
_TWICE = ("Convolution", "GroupConvolution", "MatMul")
_QUANTIZER = "FakeQuantize"
_PASSING = (  # a range of all channels is the same before them and behind them
    "Concat", "MaxPool", "Reshape", "Slice", "Split", "Squeeze", "StridedSlice", "Transpose",
    "Unsqueeze", "VariadicSplit",
)  # fmt: skip
_FLOATS = ("f32", "f16")
_ENGINE = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": "", "LP_TRANSFORMS_MODE": "NO"}
_TINY = 1e-12


def errors_added(
    quantized: ov.Model,
    parent: ov.Model,
    images: Iterable[Tensors],
    core: ov.Core,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Weighed, ...]:
    """What each quantized layer adds, in the network's order; `quantized` is changed by it.

    `parent` computes the same with the same operations. `images` are tensors of all inputs; a share
    is the median over them, for the values of one image may lie far outside of all ranges. `step`
    hears how many layers are done with one, of how many, and may raise to stop. Empty where no
    layer can be told apart.
    """
    network, layers = gated(quantized, parent)
    if not layers:
        return ()
    request, count = core.compile_model(network, "CPU", _ENGINE).create_infer_request(), len(layers)
    seen = []
    for tensors in images:
        wanted = _ran(request, tensors, np.zeros(count, np.float32))
        spread = [np.square(one - one.mean()).sum() + _TINY for one in wanted]
        errors = np.zeros(count)
        for place, gates in enumerate(np.eye(count, dtype=np.float32)):
            found = _ran(request, tensors, gates)
            each = zip(found, wanted, spread, strict=True)
            errors[place] = sum(np.square(a - b).sum() / most for a, b, most in each)
            step(place + 1, count)
        seen.append(errors / max(errors.sum(), _TINY))
    errors = np.median(seen, axis=0) if seen else np.zeros(count)
    work = np.array([one.multiplications for one in layers])
    shares = errors / max(errors.sum(), _TINY), work / max(work.sum(), _TINY)
    return tuple(
        Weighed(layer.name, float(error), float(part))
        for layer, error, part in zip(layers, *shares, strict=True)
    )


@dataclass(frozen=True, eq=False)
class Layer:
    """A quantized operation, the quantizer of what it reads, and its parent's weights and bias.

    The quantizer may lie in front of operations that only move values: there it does the same.
    """

    operation: Any
    quantizer: Any
    weights: Any
    bias: Any

    @property
    def name(self) -> str:
        """The operation's."""
        return str(self.operation.get_friendly_name())

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


def gated(quantized: ov.Model, parent: ov.Model) -> tuple[ov.Model, tuple[Layer, ...]]:
    """A network of both, which gives what the last layers do, and the layers that have a gate.

    Its last input are the gates, float32 ``[layers]``: with 0 a layer computes as the parent's,
    with 1 as it was quantized. No layers, and `quantized` as it is, where there are none.
    """
    layers, ends = _layers(quantized, parent)
    if not layers or not ends:
        return quantized, ()
    given = {op.get_friendly_name(): op.output(0) for op in quantized.get_ordered_ops()}
    for op in quantized.get_ordered_ops():
        if op.get_type_name() == _QUANTIZER:  # each layer gets one of its own
            op.output(0).replace(op.input_value(0))
    gates = ov.opset13.parameter([len(layers)], np.float32)
    each = ov.opset13.split(gates, ov.opset13.constant(0), len(layers))
    for place, layer in enumerate(layers):
        given[layer.name] = _gated(layer, each.output(place))
    results = [ov.opset13.result(given[name]) for name in ends]
    return ov.Model(results, [*quantized.get_parameters(), gates]), tuple(layers)


def _layers(quantized: ov.Model, parent: ov.Model) -> tuple[list[Layer], list[str]]:
    """The layers in front of what chooses, and the names of the last ones."""
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
            ends.append(name)
    of_parent = {op.get_friendly_name(): op for op in parent.get_ordered_ops()}
    found = [
        _layer(op, of_parent[op.get_friendly_name()])
        for op in operations
        if op.get_friendly_name() in weighted
    ]
    return [one for one in found if one is not None], ends[::-1]


def _readers(op: Any) -> set[str]:
    targets = (one for output in op.outputs() for one in output.get_target_inputs())
    return {target.get_node().get_friendly_name() for target in targets}


def _layer(op: Any, parent: Any) -> Layer | None:
    """None where it was not quantized, or cannot be computed twice."""
    kind = op.get_type_name()
    weights = constant_of(parent.input_value(1).get_node())
    if kind not in _TWICE or weights is None or kind != parent.get_type_name():
        return None
    quantizer = _quantizer(op)
    alike = tuple(weights.get_data().shape) == tuple(op.get_input_shape(1))
    if quantizer is None or not alike:
        return None
    return Layer(op, quantizer, weights.get_data(), _added(parent))


def _quantizer(op: Any) -> Any:
    """The one of what it reads; None where there is none, or several that differ."""
    found, pending = [], [op.input_value(0).get_node()]
    while pending:
        node = pending.pop()
        if node.get_type_name() == _QUANTIZER:
            found.append(node)
        elif node.get_type_name() in _PASSING:
            pending += _sources(node) if node.get_type_name() == "Concat" else _sources(node)[:1]
        else:
            return None
    if any(one.get_output_element_type(0).get_type_name() not in _FLOATS for one in found):
        return None
    limits = [[one.tolist() for one in _limits(quantizer)] for quantizer in found]
    moved = op.input_value(0).get_node().get_type_name() != _QUANTIZER
    several = any(isinstance(one, list) for one in limits[0])
    return None if moved and (several or any(one != limits[0] for one in limits)) else found[0]


def _limits(quantizer: Any) -> list[NDArray[np.float32]]:
    """Its ranges of what goes in and of what comes out: scalars, unless channels have their own."""
    values = [constant_of(one).get_data() for one in _sources(quantizer)[1:]]
    return [one.reshape(()) if one.size == 1 else one for one in values]


def _added(op: Any) -> Any:
    """The values of a constant that is added to what the operation gives, and to nothing else."""
    addition = _addition(op)
    constants = [] if addition is None else map(constant_of, _sources(addition))
    return next((one.get_data() for one in constants if one is not None), None)


def _addition(op: Any) -> Any:
    readers = [one.get_node() for one in op.output(0).get_target_inputs()]
    if len(readers) != 1 or readers[0].get_type_name() != "Add":
        return None
    constants = [constant_of(one) for one in _sources(readers[0])]
    return readers[0] if any(one is not None for one in constants) else None


def _sources(op: Any) -> list[Any]:
    return [value.get_node() for value in op.input_values()]


def _gated(layer: Layer, gate: Any) -> Any:
    """What the layer gives from then on: the parent's values, and the difference by the gate."""
    op, value = layer.operation, layer.operation.input_value(0)
    limits = [ov.opset13.constant(one) for one in _limits(layer.quantizer)]
    levels = layer.quantizer.get_attributes()["levels"]
    op.input(0).replace_source_output(ov.opset13.fake_quantize(value, *limits, levels).output(0))
    kind = op.get_output_element_type(0).to_dtype()
    unrounded = _computed(op, value, layer.weights.astype(kind))
    addition = _addition(op) if layer.bias is not None else None
    rounded = (op if addition is None else addition).output(0)
    readers = list(rounded.get_target_inputs())
    if addition is not None:
        unrounded = ov.opset13.add(unrounded, ov.opset13.constant(layer.bias.astype(kind)))
    gate = ov.opset13.convert(gate, op.get_output_element_type(0).get_type_name())
    lost = ov.opset13.multiply(ov.opset13.subtract(rounded, unrounded), gate)
    gated = ov.opset13.add(unrounded, lost).output(0)
    for reader in readers:
        reader.replace_source_output(gated)
    return gated


def _computed(op: Any, value: Any, weights: NDArray[Any]) -> Any:
    """The same operation of other inputs."""
    facts, constant = op.get_attributes(), ov.opset13.constant(weights)
    if op.get_type_name() == "MatMul":
        return ov.opset13.matmul(value, constant, facts["transpose_a"], facts["transpose_b"])
    many = op.get_type_name() == "GroupConvolution"
    make = ov.opset13.group_convolution if many else ov.opset13.convolution
    names = ("strides", "pads_begin", "pads_end", "dilations", "auto_pad")
    return make(value, constant, *(facts[name] for name in names))


def _ran(request: ov.InferRequest, tensors: Tensors, gates: NDArray[Any]) -> list[NDArray[Any]]:
    request.infer([*tensors, gates], share_inputs=True)
    return [np.array(one.data, dtype=np.float64) for one in request.output_tensors]
