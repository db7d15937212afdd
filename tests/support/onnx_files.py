"""ONNX files by hand, operation by operation: such as exporters and quantizers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.protobuf import Message, number, text

_KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
_OPSET = 13


@dataclass(frozen=True)
class Node:
    """An operation: the names of what goes in and comes out, and its attributes."""

    kind: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, int | Sequence[int]] = field(default_factory=dict)


def onnx_file(
    nodes: Sequence[Node],
    tensors: Mapping[str, NDArray[Any]],
    inputs: Mapping[str, tuple[Sequence[int], str]],
    outputs: Mapping[str, tuple[Sequence[int], str]],
) -> Message:
    """An ONNX file of these operations; `inputs` and `outputs` have a shape and an element type.

    Field numbers are those of onnx.proto.
    """
    graph = b"".join(text(1, _node(node)) for node in nodes) + text(2, "graph")
    graph += b"".join(text(5, _tensor(name, values)) for name, values in tensors.items())
    graph += b"".join(text(11, _value(name, *said)) for name, said in inputs.items())
    graph += b"".join(text(12, _value(name, *said)) for name, said in outputs.items())
    return number(1, 8) + text(7, graph) + text(8, number(2, _OPSET))


def scalar(value: float, kind: str = "float32") -> NDArray[Any]:
    """A tensor of no dimensions."""
    return np.array(value, kind)


def _node(node: Node) -> Message:
    named = b"".join(text(1, name) for name in node.inputs)
    named += b"".join(text(2, name) for name in node.outputs)
    attributes = b"".join(text(5, _attribute(*pair)) for pair in node.attributes.items())
    return named + text(4, node.kind) + attributes


def _attribute(name: str, value: int | Sequence[int]) -> Message:
    if isinstance(value, int):
        return text(1, name) + number(3, value) + number(20, 2)
    return text(1, name) + b"".join(number(8, one) for one in value) + number(20, 7)


def _tensor(name: str, values: NDArray[Any]) -> Message:
    sides = b"".join(number(1, side) for side in values.shape)
    kind = number(2, _KINDS[values.dtype.name])
    return sides + kind + text(8, name) + text(9, values.tobytes())


def _value(name: str, shape: Sequence[int], kind: str) -> Message:
    sides = b"".join(text(1, number(1, side)) for side in shape)
    return text(1, name) + text(2, text(1, number(1, _KINDS[kind]) + text(2, sides)))
