"""A TFLite file by hand: as much of it as tells which operations it uses."""

from __future__ import annotations

import struct


def tflite_with_operation(name: str) -> bytes:
    """A TFLite file whose only operator code is the custom one of this name."""
    text = name.encode()
    parts = {
        0: struct.pack("<I4s", 20, b"TFL3"),  # where the root is, and the mark
        8: struct.pack("<HHHHHH", 8, 8, 0, 4, 0, 0),  # the model's vtable: field 1 at 4
        20: struct.pack("<iI", 12, 8),  # the model: its vtable 12 back, the vector 8 on from 24
        32: struct.pack("<II", 1, 12),  # the vector: one table, 12 on from 36
        40: struct.pack("<HHHH", 8, 8, 0, 4),  # the operator code's vtable: field 1 at 4
        48: struct.pack("<iI", 8, 4),  # the operator code, and its name 4 on from 52
        56: struct.pack("<I", len(text)) + text + b"\0",
    }
    data = bytearray()
    for place, part in parts.items():
        data += bytes(place - len(data)) + part
    return bytes(data)
