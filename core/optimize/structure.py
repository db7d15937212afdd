"""Parts of a detector, found by walking its graph from the outputs: exporters rename everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.metrics.tensors.layers import MOVING, WEIGHTED, bias_of, depending_on_image
from core.models.plan import Part

if TYPE_CHECKING:
    import openvino as ov


_PRODUCTS = frozenset({"MatMul", "ScaledDotProductAttention"})
_ELEMENTWISE = frozenset(
    {
        "Add", "Subtract", "Multiply", "Divide", "Power", "Sqrt", "Exp", "Log", "Abs", "Negative",
        "Maximum", "Minimum", "Mod", "FloorMod", "SquaredDifference", "Clamp", "Sigmoid", "Tanh",
        "Relu", "PRelu", "Elu", "Selu", "Gelu", "Mish", "Swish", "HSwish", "HSigmoid",
        "HardSigmoid", "SoftPlus", "SoftSign", "Floor", "Ceiling", "Round", "Sign", "Concat",
        "MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "Interpolate", "MVN",
        "NormalizeL2", "GroupNormalization", "BatchNormInference", "ReduceMean", "ReduceSum",
        "ReduceMax", "ReduceL2",
    }
)  # fmt: skip

_QUANTIZED = frozenset(
    {
        "MatMul", "ScaledDotProductAttention", "Add", "Subtract", "Multiply", "Divide", "Power",
        "Maximum", "Minimum", "FloorMod", "SquaredDifference", "Concat", "MaxPool", "AvgPool",
        "AdaptiveAvgPool", "Interpolate", "MVN", "NormalizeL2", "GroupNormalization",
        "BatchNormInference", "ReduceMean", "ReduceSum", "ReduceL2",
    }
)  # fmt: skip


def operations_of(model: ov.Model, part: Part) -> tuple[str, ...]:
    """Friendly names of the operations that make up that part, from the input to the outputs.

    Only operations whose values depend on the image, and without the additions of a bias, which
    NNCF keeps with their convolution. Empty where the model has no such part.
    """
    return Structure(model).operations_of(part)


@dataclass(frozen=True, eq=False)
class Structure:
    """A model's graph, walked once for all parts."""

    model: ov.Model
    _operations: list[_Operation] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_operations", _walk(self.model))

    def operations_of(self, part: Part) -> tuple[str, ...]:
        """As the function of this name."""
        found = {
            "first_layer": self._first_layer,
            "head": self._head,
            "last_convolutions": self._last,
            "post_processing": self._post_processing,
            "elementwise": [op for op in self._operations if op.kind in _ELEMENTWISE],
            "depthwise": [op for op in self._operations if op.depthwise],
            "attention": [op for op in self._operations if op.attends],
            "linear": [op for op in self._operations if op.kind == "MatMul" and not op.attends],
        }[part]
        return tuple(op.name for op in found if not op.adds_bias)

    def quantized_of(self, part: Part) -> tuple[str, ...]:
        """Those operations of a part whose inputs NNCF quantizes, unless they stay in float."""
        quantized = {
            op.name for op in self._operations if op.kind in _QUANTIZED or op.kind in WEIGHTED
        }
        return tuple(name for name in self.operations_of(part) if name in quantized)

    @property
    def layers(self) -> tuple[str, ...]:
        """The operations with weights, from the input to the outputs."""
        return tuple(op.name for op in self._operations if op.weighted)

    @property
    def _first_layer(self) -> list[_Operation]:
        return [op for op in self._operations if op.weighted and not op.behind]

    @property
    def _last(self) -> list[_Operation]:
        return [op for op in self._operations if op.weighted and not op.before]

    @property
    def _post_processing(self) -> list[_Operation]:
        return [op for op in self._operations if not op.weighted and not op.before and op.behind]

    @cached_property
    def _head(self) -> list[_Operation]:
        """What leads to the outputs of one grid alone; with one grid, to one output alone.

        No deeper than the shallowest grid's, for the coarsest grid has a part of the neck to
        itself.
        """
        keys = {op.grid for op in self._last}
        several = len(keys) > 1
        groups: dict[Any, int] = {}
        for op in self._last:
            groups.setdefault(op.grid if several else op.name, len(groups))
        reached: dict[str, set[int]] = {}
        depth: dict[str, int] = {}
        for op in reversed(self._operations):
            own = {groups[op.grid if several else op.name]} if op in self._last else set()
            after = [name for name in op.targets if name in reached]
            reached[op.name] = own.union(*(reached[name] for name in after))
            depth[op.name] = op.weighted + max((depth[name] for name in after), default=0)
        inside = [op for op in self._operations if len(reached[op.name]) == 1]
        deepest = [
            max(depth[op.name] for op in inside if reached[op.name] == {group})
            for group in groups.values()
        ]
        limit = min(deepest, default=0)
        return [op for op in inside if 0 < depth[op.name] <= limit and op.behind]


@dataclass(eq=False)
class _Operation:
    """One that depends on the image.

    `behind` and `before` say whether operations with weights come earlier and later.
    """

    name: str
    kind: str
    targets: tuple[str, ...]
    weighted: bool
    depthwise: bool
    adds_bias: bool
    grid: tuple[int, ...]
    attends: bool = False
    behind: bool = False
    before: bool = False


def _walk(model: ov.Model) -> list[_Operation]:
    depends = depending_on_image(model)
    nodes = [op for op in model.get_ordered_ops() if op.get_friendly_name() in depends]
    biases = {bias for op in nodes if (bias := bias_of(op, depends)) is not None}
    operations = {op.get_friendly_name(): _operation(op, depends, biases) for op in nodes}
    for op in operations.values():
        for name in op.targets:
            if name in operations:
                operations[name].behind |= op.behind or op.weighted
    for op in reversed(operations.values()):
        op.before = any(
            operations[name].before or operations[name].weighted
            for name in op.targets
            if name in operations
        )
    found = [op for op in operations.values() if op.kind not in ("Parameter", "Result")]
    return found


def _operation(op: Any, depends: set[str], biases: set[str]) -> _Operation:
    name, kind = op.get_friendly_name(), op.get_type_name()
    sources = [value.get_node().get_friendly_name() for value in op.input_values()]
    constant = any(source not in depends for source in sources)
    shape = op.get_output_partial_shape(0)
    return _Operation(
        name=name,
        kind=kind,
        targets=tuple(
            target.get_node().get_friendly_name()
            for output in op.outputs()
            for target in output.get_target_inputs()
        ),
        weighted=kind in WEIGHTED and constant and not _expects(op),
        depthwise=kind == "GroupConvolution" and constant and _one_channel_each(op),
        adds_bias=name in biases,
        grid=tuple(side.get_length() for side in list(shape)[2:])
        if kind != "MatMul" and shape.is_static
        else (),
        attends=kind == "Softmax" or (kind in _PRODUCTS and not constant),
    )


def _expects(op: Any) -> bool:
    """Whether it takes the mean of distributions: a box side's, in YOLOv8's and DETR's outputs."""
    source = op.input_value(0).get_node()
    while source.get_type_name() in MOVING and source.get_input_size():
        source = source.input_value(0).get_node()
    return bool(source.get_type_name() == "Softmax")


def _one_channel_each(op: Any) -> bool:
    """Weights ``[groups, out, in, ...]`` with one input channel in every group."""
    weights = op.get_input_partial_shape(1)
    return bool(weights.is_static and weights[2].get_length() == 1)
