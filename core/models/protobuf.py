"""Just enough of protocol buffers' wire format to look into ONNX files.

See https://protobuf.dev/programming-guides/encoding: a field is a key (number and wire type),
then a varint, 8 bytes, a length and as many bytes, or 4 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


def fields(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Number and content of every field that holds bytes, in order; stops where data ends badly."""
    for number, content, _ in _walk(data):
        if content is not None:
            yield number, content


def ends_well(data: memoryview) -> bool:
    """Whether the fields fill the data to its last byte."""
    return max((end for _, _, end in _walk(data)), default=0) == len(data)


def _walk(data: memoryview) -> Iterator[tuple[int, memoryview | None, int]]:
    """Every whole field: number, content where it holds bytes, and where it ends."""
    place = 0
    try:
        while place < len(data):
            key, place = _varint(data, place)
            number, kind = key >> 3, key & 7
            if kind == _BYTES:
                length, place = _varint(data, place)
                if place + length > len(data):
                    return
                place += length
                yield number, data[place - length : place], place
            elif kind == _VARINT:
                _, place = _varint(data, place)
                yield number, None, place
            elif kind in (_EIGHT, _FOUR):
                place += 8 if kind == _EIGHT else 4
                yield number, None, place
            else:
                return
    except IndexError:
        return


def strings(data: memoryview) -> dict[str, str]:
    """One entry of a map of strings: ``{key: value}`` of fields 1 and 2."""
    parts = {number: bytes(content).decode("utf-8", "replace") for number, content in fields(data)}
    return {parts.get(1, ""): parts.get(2, "")}


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, place
        shift += 7
    raise IndexError
