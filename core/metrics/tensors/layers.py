"""Which tensors of two networks can be compared: those of one name and kind, before any NMS."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import openvino as ov

NMS = frozenset(
    {
        "DetectionOutput",
        "NonMaxSuppression",
        "NonMaxSuppressionIEInternal",
        "MatrixNms",
        "MulticlassNms",
        "NMSRotated",
        "ExperimentalDetectronDetectionOutput",
        "ExperimentalDetectronGenerateProposalsSingleImage",
        "Proposal",
    }
)
WEIGHTED = frozenset({"Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul"})
MOVING = frozenset(  # they compute nothing: their values are those of a layer before
    {
        "Parameter", "Constant", "Result", "FakeQuantize", "Convert", "Reshape", "Transpose",
        "Squeeze", "Unsqueeze", "ShapeOf", "Split", "VariadicSplit", "StridedSlice", "Slice",
        "Gather", "Broadcast", "Tile", "Pad", "PriorBox", "PriorBoxClustered", "Range",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """A tensor that both networks have.

    Attributes:
        name: friendly name of the operation that makes it.
        kind: type of that operation; of a bias, that of the operation that it is added to.
        operations: names of the operations that are to be kept in float to fix it.
        inputs: names of the layers that its values come from, as far as they are compared too.
        output: what it is to the user, if it is an output of the network; empty for a layer.
        size_bytes: of the tensor in float32, for one image.
    """

    name: str
    kind: str
    operations: tuple[str, ...]
    inputs: tuple[str, ...]
    output: str
    size_bytes: int


def shared_layers(parent: ov.Model, optimized: ov.Model) -> tuple[Layer, ...]:
    """The layers in the parent's order, and the outputs, those of an SSD as they enter its NMS."""
    others = {op.get_friendly_name(): op for op in optimized.get_ordered_ops()}
    depends = depending_on_image(parent)
    outputs, after_nms = _outputs(parent, depends)
    layers: dict[str, tuple[Any, tuple[str, ...]]] = {}
    biased: dict[str, Any] = {}  # convolutions by the name of the operation that adds their bias
    nearest: dict[str, tuple[str, ...]] = {}  # layers that an operation's values come from
    for op in parent.get_ordered_ops():
        name, kind = op.get_friendly_name(), op.get_type_name()
        sources = _sources(op)
        before = tuple(dict.fromkeys(one for source in sources for one in nearest.get(source, ())))
        nearest[name] = before
        other = others.get(name)
        alike = other is not None and other.get_type_name() == kind and _comparable(op)
        bias = bias_of(op, depends)
        if bias is not None:
            biased[bias] = op
        elif alike and name in depends and name not in after_nms:
            layers[name] = op, before
            if kind not in MOVING:
                nearest[name] = (name,)
    return tuple(
        Layer(
            name,
            biased.get(name, op).get_type_name(),
            (biased[name].get_friendly_name(), name) if name in biased else (name,),
            before,
            outputs.get(name, ""),
            _bytes(op),
        )
        for name, (op, before) in layers.items()
        if op.get_type_name() not in MOVING or name in outputs
    )


def _outputs(model: ov.Model, depends: Container[str]) -> tuple[dict[str, str], set[str]]:
    """What the operations are called that the user takes for outputs, and those after an NMS."""
    outputs: dict[str, str] = {}
    after_nms: set[str] = set()
    for op in model.get_ordered_ops():
        kind, sources = op.get_type_name(), _sources(op)
        if kind in NMS or any(source in after_nms for source in sources):
            after_nms.add(op.get_friendly_name())
        if kind in NMS:
            entering = [source for source in sources if source in depends]
            outputs |= {source: f"{source}, before {kind}" for source in entering}
        if kind == "Result" and sources[0] not in after_nms:
            outputs.setdefault(sources[0], sources[0])
    return outputs, after_nms


def _sources(op: Any) -> list[str]:
    return [value.get_node().get_friendly_name() for value in op.input_values()]


def _comparable(op: Any) -> bool:
    """One floating-point output whose number of dimensions is known."""
    return bool(
        op.get_type_name() not in ("Parameter", "Result")
        and op.get_output_size() == 1
        and op.get_output_element_type(0).is_real()
        and op.get_output_partial_shape(0).rank.is_static
    )


def depending_on_image(network: ov.Model) -> set[str]:
    """Names of the operations whose values depend on the image: not only on its shape."""
    depends: set[str] = set()
    for op in network.get_ordered_ops():
        sources = (value.get_node().get_friendly_name() for value in op.input_values())
        own = op.get_type_name()
        if own == "Parameter" or (own != "ShapeOf" and any(one in depends for one in sources)):
            depends.add(op.get_friendly_name())
    return depends


def bias_of(op: Any, depends: set[str]) -> str | None:
    """The name of the operation that only adds a constant to this convolution or product."""
    if op.get_type_name() not in WEIGHTED:
        return None
    targets = (target.get_node() for target in op.output(0).get_target_inputs())
    consumers = [node for node in targets if node.get_type_name() != "ShapeOf"]
    if len(consumers) != 1 or consumers[0].get_type_name() != "Add":
        return None
    added = consumers[0]
    sources = {value.get_node().get_friendly_name() for value in added.input_values()}
    return str(added.get_friendly_name()) if sources - depends else None


def _bytes(op: Any) -> int:
    total = 4
    for side in op.get_output_partial_shape(0):
        total *= side.get_length() if side.is_static else 1
    return total
