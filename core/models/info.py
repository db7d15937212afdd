"""What a network consists of: the facts of a model card."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from core.models.quantized import COMPUTING, is_quantized
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov


class Port(Value):
    """An input or output: its name, shape ("?" where it is dynamic) and element type."""

    name: str
    shape: tuple[int | str, ...]
    element_type: str

    def describe(self) -> str:
        """Such as ``image [1,3,384,384] f32``."""
        return f"{self.name} [{','.join(map(str, self.shape))}] {self.element_type}"


class ModelInfo(Value):
    """Facts of a network.

    Attributes:
        framework: the format it came in: ``openvino`` or ``onnx``.
        weight_precisions: number of weights by element type, such as ``{"f16": 1790000}``.
        parameters: number of weights, constants of shape arithmetic left out.
        gflops: of one inference, 2 for a multiply-add, convolutions and matrix products only;
            None where shapes are dynamic.
        size_bytes: of the weights and the graph on disk, as the user gave it.
        quantized: whether it computes with integers already.
        packed_weights: whether its file has most weights in 8 bits, though it computes with
            floats.
    """

    framework: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    operations: int
    weight_precisions: dict[str, int]
    parameters: int
    gflops: float | None
    size_bytes: int
    quantized: bool
    packed_weights: bool = False

    @property
    def quantization(self) -> str:
        """What to know before it is optimized, in a sentence; "" where there is nothing."""
        if self.quantized:
            return (
                "It is quantized already: it can be measured and compared, but not optimized again."
            )
        if self.packed_weights:
            return "Its weights are quantized already, to 8 bits; it computes with floats."
        return ""

    @property
    def precision(self) -> str:
        """The precision that a user would call this model by: ``INT8``, ``FP16``, ``FP32``."""
        if self.quantized:
            return "INT8"
        common = max(self.weight_precisions, key=lambda k: self.weight_precisions[k], default="f32")
        return {"f16": "FP16", "f32": "FP32", "bf16": "BF16"}.get(common, common.upper())


FORMATS = {
    "openvino": "OpenVINO IR",
    "onnx": "ONNX",
    "tensorflow": "TensorFlow",
    "tflite": "TFLite",
    "paddle": "Paddle",
}


def foreign_format(framework: str) -> str:
    """What sizes are to be told with: a file of another format than the IR; "" for an IR."""
    return "" if framework in ("", "openvino") else FORMATS.get(framework, framework)


def size_change(before_bytes: int, after_bytes: int) -> str:
    """Such as ``1.65 times smaller``."""
    if after_bytes <= before_bytes:
        return f"{before_bytes / after_bytes:.2f} times smaller"
    return f"{after_bytes / before_bytes:.2f} times larger"


def model_info(
    model: ov.Model, framework: str, size_bytes: int, packed_weights: int = 0
) -> ModelInfo:
    """The facts of `model`; `packed_weights` are those that its file has in 8 bits."""
    operations = model.get_ops()
    weights: Counter[str] = Counter()
    for op in operations:
        if op.get_type_name() == "Constant":
            kind = op.get_element_type().get_type_name()
            if kind[0] in "fbui" and kind not in {"i64", "i32", "boolean"}:
                weights[kind] += math.prod(op.get_output_shape(0))
    return ModelInfo(
        framework=framework,
        inputs=tuple(_port(port) for port in model.inputs),
        outputs=tuple(_port(port) for port in model.outputs),
        operations=len(operations),
        weight_precisions=dict(weights.most_common()),
        parameters=sum(weights.values()),
        gflops=gflops_of(model),
        size_bytes=size_bytes,
        quantized=is_quantized(model),
        packed_weights=2 * packed_weights > sum(weights.values()),
    )


def _port(port: Any) -> Port:
    names = sorted(port.get_names(), key=len)
    whole = port.partial_shape
    sides = () if whole.rank.is_dynamic else tuple(whole)
    shape = tuple(side.get_length() if side.is_static else "?" for side in sides)
    return Port(
        name=names[0] if names else port.get_node().get_friendly_name(),
        shape=shape,
        element_type=port.get_element_type().get_type_name(),
    )


def gflops_of(model: ov.Model) -> float | None:
    """Of one inference, as in `ModelInfo`."""
    total = 0
    for op in model.get_ops():
        kind = op.get_type_name()
        if kind not in COMPUTING:
            continue
        if any(port.get_partial_shape().is_dynamic for port in (*op.inputs(), *op.outputs())):
            return None
        total += 2 * _multiply_adds(op, kind)
    return round(total / 1e9, 4)


def _multiply_adds(op: Any, kind: str) -> int:
    output = [int(side) for side in op.output(0).get_shape()]
    first, second = ([int(side) for side in op.input(number).get_shape()] for number in (0, 1))
    if kind == "MatMul":
        inner = (
            first[-2] if op.get_attributes().get("transpose_a") and len(first) > 1 else first[-1]
        )
        return math.prod(output) * inner
    if kind == "ConvolutionBackpropData":
        return math.prod(first) * math.prod(second[1:])
    if kind == "GroupConvolution":  # weights [groups, out, in, ...]
        return math.prod(output) * math.prod(second[2:])
    return math.prod(output) * math.prod(second[1:])
