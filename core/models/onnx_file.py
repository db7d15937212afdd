"""What an ONNX file says besides its graph: metadata, and the files its weights lie in.

Field numbers are those of onnx.proto: ModelProto.graph 7 and metadata_props 14,
GraphProto.node 1 and initializer 5, NodeProto.attribute 5, AttributeProto.t 5,
TensorProto.external_data 13.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.errors import InputError
from core.models.protobuf import fields, strings

MAX_BYTES = 2**31  # no protocol buffer is larger
_SHOWN = 200  # characters of a name that is somebody else's


def metadata_props(path: Path) -> dict[str, str]:
    """The key and value pairs that an exporter left; {} where there are none."""
    found: dict[str, str] = {}
    for number, content in fields(memoryview(_data(path))):
        if number == 14:
            found |= strings(content)
    return found


def check_external_data(path: Path) -> None:
    """Raises InputError where weights lie outside the model's folder, or are not there."""
    for location in sorted(set(_locations(path))):
        shown = location[:_SHOWN]
        try:
            place = (path.parent / location).resolve()
            inside, there = place.is_relative_to(path.parent.resolve()), place.is_file()
        except (OSError, ValueError):  # no system has a file of that name
            raise InputError(
                f"{path} is damaged: it wants its weights from {shown}, which is no file's name.",
                "Copy or export it again.",
            ) from None
        if not inside:
            raise InputError(
                f"{path} wants its weights from {shown}, outside its own folder.",
                "Put the file with the weights beside the model and export it again.",
            )
        if not there:
            raise InputError(
                f"{path} needs its weights, {shown}, in the same folder.",
                "Copy that file there too.",
            )


def external_files(path: Path) -> Iterator[Path]:
    """The files that an ONNX file has its weights in."""
    yield from (path.parent / location for location in sorted(set(_locations(path))))


def _data(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        return b""
    return path.read_bytes()


def _locations(path: Path) -> Iterator[str]:
    for number, graph in fields(memoryview(_data(path))):
        if number == 7:
            for tensor in _tensors(graph):
                for place, content in fields(tensor):
                    if place == 13 and "location" in (entry := strings(content)):
                        yield entry["location"]


def _tensors(graph: memoryview) -> Iterator[memoryview]:
    for number, content in fields(graph):
        if number == 5:
            yield content
        elif number == 1:
            for part, attribute in fields(content):
                if part == 5:
                    yield from (tensor for field, tensor in fields(attribute) if field == 5)
