"""Operations in a model file that are not its format's own, and whether the file is whole.

OpenVINO does not always say which operation stopped it. An ONNX file tells the domain of every
operation, a TFLite file lists the names of its custom ones. Field numbers are those of
onnx.proto (ModelProto.graph 7, GraphProto.node 1, NodeProto.op_type 4 and domain 7) and of
TFLite's schema (Model.operator_codes 1, OperatorCode.custom_code 1).
"""

from __future__ import annotations

from pathlib import Path

from core.models.flatbuffer import root_table
from core.models.onnx_file import MAX_BYTES
from core.models.protobuf import ends_well, fields

_OWN_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "org.openvinotoolkit"}
_MOST = 100_000  # operations and operator codes that are looked at
# The field without which there is no graph: ModelProto.graph, GraphDef.node, ProgramDesc.blocks.
_GRAPHS = {".onnx": 7, ".pb": 1, ".pdmodel": 1}


def foreign_operations(path: Path) -> tuple[str, ...]:
    """Names of a file's operations that its format does not define; () where it tells of none."""
    suffix = path.suffix.lower()
    if not path.is_file() or suffix not in {".onnx", ".tflite"} or path.stat().st_size > MAX_BYTES:
        return ()
    data = path.read_bytes()
    found = _of_onnx(data) if suffix == ".onnx" else _of_tflite(data)
    return tuple(dict.fromkeys(found))


def is_whole(path: Path) -> bool:
    """Whether a protocol buffer ends where its last field does: it was not cut short."""
    graph = _GRAPHS.get(path.suffix.lower())
    if graph is None or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return False
    data = memoryview(path.read_bytes())
    return ends_well(data) and any(number == graph for number, _ in fields(data))


def _of_onnx(data: bytes) -> list[str]:
    found = []
    graphs = [content for number, content in fields(memoryview(data)) if number == 7]
    for graph in graphs[:1]:
        for place, (number, node) in enumerate(fields(graph)):
            if number != 1 or place > _MOST:
                continue
            texts = {key: bytes(value) for key, value in fields(node) if key in (4, 7)}
            domain = texts.get(7, b"").decode("utf-8", "replace")
            if domain not in _OWN_DOMAINS:
                found.append(texts.get(4, b"").decode("utf-8", "replace"))
    return found


def _of_tflite(data: bytes) -> list[str]:
    model = root_table(data)
    codes = model.tables(1, _MOST) if model is not None else ()
    return [name for code in codes if (name := code.text(1))]
