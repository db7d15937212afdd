"""Writing protocol buffers by hand: just enough for small model files of other frameworks."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Message = bytes


def number(field: int, value: int) -> Message:
    """A varint field."""
    return _varint(field << 3) + _varint(value & 0xFFFFFFFFFFFFFFFF)


def real(field: int, value: float) -> Message:
    """A 32-bit float field."""
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def text(field: int, value: str | bytes) -> Message:
    """A field of bytes: a string, or another message."""
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def onnx_model(
    table: NDArray[np.float32], size: int, metadata: dict[str, str] | None = None
) -> Message:
    """An ONNX file: an image ``[1,3,size,size]``, of which nothing comes, plus `table`.

    Field numbers are those of onnx.proto.
    """
    nodes = [
        _node("ReduceMean", ["images"], ["mean"], text(5, _onnx_integer("keepdims", 0))),
        _node("Mul", ["mean", "zero"], ["nothing"]),
        _node("Add", ["table", "nothing"], ["output0"]),
    ]
    graph = b"".join(text(1, node) for node in nodes) + text(2, "known")
    graph += text(5, _onnx_tensor("table", table))
    graph += text(5, _onnx_tensor("zero", np.zeros((), np.float32)))
    graph += text(11, _onnx_value("images", (1, 3, size, size)))
    graph += text(12, _onnx_value("output0", table.shape))
    props = b"".join(text(14, text(1, k) + text(2, v)) for k, v in (metadata or {}).items())
    return number(1, 8) + text(7, graph) + text(8, number(2, 13)) + props


def onnx_with_weights_in(location: str) -> Message:
    """The part of an ONNX file that says where its weights lie."""
    tensor = text(13, text(1, "location") + text(2, location)) + number(14, 1)
    return number(1, 8) + text(7, text(5, tensor))


def onnx_with_operation(kind: str, domain: str) -> Message:
    """An ONNX file with one operation, of a domain of its own or of ONNX's ("")."""
    node = _node(kind, ["images", "zero"], ["output0"]) + text(7, domain)
    graph = text(1, node) + text(2, "one") + text(5, _onnx_tensor("zero", np.zeros(3, np.float32)))
    graph += text(11, _onnx_value("images", (1, 3, 8, 8)))
    graph += text(12, _onnx_value("output0", (1, 4)))
    domains = text(8, text(1, domain) + number(2, 1)) if domain else b""
    return number(1, 8) + text(7, graph) + text(8, number(2, 13)) + domains


def frozen_graph(table: NDArray[np.float32], size: int) -> Message:
    """A TensorFlow graph: an image ``[1,size,size,3]``, of which nothing comes, plus `table`.

    Field numbers are those of graph.proto, node_def.proto, attr_value.proto and tensor.proto.
    """
    f32 = text(5, text(1, "T") + text(2, number(6, 1)))
    shape = b"".join(text(2, number(1, side)) for side in (1, size, size, 3))
    placeholder = text(5, text(1, "dtype") + text(2, number(6, 1)))
    placeholder += text(5, text(1, "shape") + text(2, text(7, shape)))
    index = text(5, text(1, "Tidx") + text(2, number(6, 3)))
    return b"".join(
        text(1, node)
        for node in (
            _tf_node("images", "Placeholder", [], placeholder),
            _tf_constant("axes", np.arange(4, dtype=np.int32)),
            _tf_node("mean", "Mean", ["images", "axes"], f32 + index),
            _tf_constant("zero", np.zeros((), np.float32)),
            _tf_node("nothing", "Mul", ["mean", "zero"], f32),
            _tf_constant("table", table),
            _tf_node("output", "AddV2", ["table", "nothing"], f32),
        )
    )


def saved_model(graph: Message) -> Message:
    """A SavedModel around a frozen graph, with the signature ``serving_default``."""

    def info(name: str) -> Message:
        return text(1, name) + number(2, 1)

    signature = text(1, text(1, "images") + text(2, info("images:0")))
    signature += text(2, text(1, "output0") + text(2, info("output:0")))
    signature += text(3, "tensorflow/serving/predict")
    meta = text(1, text(4, "serve")) + text(2, graph)
    meta += text(5, text(1, "serving_default") + text(2, signature))
    return number(1, 1) + text(2, meta)


def paddle_program(rows: int, columns: int, size: int) -> Message:
    """A Paddle program: an image ``[1,3,size,size]`` pooled, reshaped to ``[1,rows,columns]``.

    Field numbers are those of framework.proto. It has no weights.
    """
    channels, side = 3, _pooled(rows * columns)
    ops = [
        _paddle_op("feed", {"X": ["feed"]}, {"Out": ["image"]}, [_paddle_int("col", 0)]),
        _paddle_op(
            "pool2d", {"X": ["image"]}, {"Out": ["pooled"]},
            [
                _paddle_text("pooling_type", "avg"), _paddle_ints("ksize", [side, side]),
                _paddle_bool("adaptive", True), _paddle_bool("global_pooling", False),
                _paddle_ints("strides", [1, 1]), _paddle_ints("paddings", [0, 0]),
                _paddle_bool("ceil_mode", False), _paddle_bool("exclusive", True),
                _paddle_text("data_format", "NCHW"),
                _paddle_text("padding_algorithm", "EXPLICIT"),
            ],
        ),
        _paddle_op(
            "reshape2", {"X": ["pooled"]}, {"Out": ["rows"]},
            [_paddle_ints("shape", [1, rows, columns])],
        ),
        _paddle_op("fetch", {"X": ["rows"]}, {"Out": ["fetch"]}, [_paddle_int("col", 0)]),
    ]  # fmt: skip
    shapes = {
        "image": (1, channels, size, size),
        "pooled": (1, channels, side, side),
        "rows": (1, rows, columns),
    }
    variables = [_paddle_variable(name, shape) for name, shape in shapes.items()]
    ends = (("feed", 9), ("fetch", 10))
    variables += [text(1, name) + text(2, number(1, kind)) for name, kind in ends]
    block = number(1, 0) + number(2, 0xFFFFFFFFFFFFFFFF)
    block += b"".join(text(3, variable) for variable in variables)
    block += b"".join(text(4, op) for op in ops)
    return text(1, block) + text(4, number(1, 0))


def _pooled(values: int) -> int:
    side: int = round((values / 3) ** 0.5)
    assert 3 * side * side == values
    return side


def _paddle_op(
    kind: str, inputs: dict[str, list[str]], outputs: dict[str, list[str]], more: Sequence[Message]
) -> Message:
    def names(field: int, ports: dict[str, list[str]]) -> Message:
        return b"".join(
            text(field, text(1, port) + b"".join(text(2, name) for name in given))
            for port, given in ports.items()
        )

    attributes = b"".join(text(4, attribute) for attribute in more)
    return names(1, inputs) + names(2, outputs) + text(3, kind) + attributes


def _paddle_int(name: str, value: int) -> Message:
    return text(1, name) + number(2, 0) + number(3, value)


def _paddle_text(name: str, value: str) -> Message:
    return text(1, name) + number(2, 2) + text(5, value)


def _paddle_ints(name: str, values: Sequence[int]) -> Message:
    return text(1, name) + number(2, 3) + b"".join(number(6, value) for value in values)


def _paddle_bool(name: str, value: bool) -> Message:
    return text(1, name) + number(2, 6) + number(10, int(value))


def _paddle_variable(name: str, shape: Sequence[int]) -> Message:
    tensor = number(1, 5) + b"".join(number(2, side) for side in shape)
    return text(1, name) + text(2, number(1, 7) + text(3, text(1, tensor)))


def _node(kind: str, inputs: list[str], outputs: list[str], more: Message = b"") -> Message:
    return (
        b"".join(text(1, name) for name in inputs)
        + b"".join(text(2, name) for name in outputs)
        + text(4, kind)
        + more
    )


def _onnx_integer(name: str, value: int) -> Message:
    return text(1, name) + number(3, value) + number(20, 2)


def _onnx_tensor(name: str, values: NDArray[np.float32]) -> Message:
    sides = b"".join(number(1, side) for side in values.shape)
    return sides + number(2, 1) + text(8, name) + text(9, values.astype("<f4").tobytes())


def _onnx_value(name: str, shape: Sequence[int]) -> Message:
    sides = b"".join(text(1, number(1, side)) for side in shape)
    return text(1, name) + text(2, text(1, number(1, 1) + text(2, sides)))


def _tf_node(name: str, kind: str, inputs: list[str], attributes: Message) -> Message:
    return text(1, name) + text(2, kind) + b"".join(text(3, i) for i in inputs) + attributes


def _tf_constant(name: str, values: NDArray[np.generic]) -> Message:
    kind = 1 if values.dtype == np.float32 else 3
    sides = b"".join(text(2, number(1, side)) for side in values.shape)
    tensor = number(1, kind) + text(2, sides) + text(4, values.tobytes())
    attributes = text(5, text(1, "dtype") + text(2, number(6, kind)))
    attributes += text(5, text(1, "value") + text(2, text(8, tensor)))
    return _tf_node(name, "Const", [], attributes)


def _varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
