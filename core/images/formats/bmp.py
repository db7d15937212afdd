"""BMP. A fourth byte in its pixels is padding to most programs, and never taken for alpha."""

from __future__ import annotations

import struct

from core.images.header import DamagedError, ImageHeader
from core.images.source import Source

_RUN_LENGTH = (1, 2)


def read(source: Source) -> ImageHeader | None:
    """The header, or None where this is no BMP."""
    start = source.at(0, 54)
    if start[:2] != b"BM":
        return None
    try:
        (at,) = struct.unpack_from("<I", start, 10)
        (header_size,) = struct.unpack_from("<I", start, 14)
        if header_size == 12:
            width, height = struct.unpack_from("<HH", start, 18)
        else:
            width, height = struct.unpack_from("<ii", start, 18)
    except struct.error:
        raise DamagedError("its header is cut off") from None
    return ImageHeader("BMP", abs(width), abs(height), data_at=at)


def is_complete(data: bytes, header: ImageHeader) -> bool:
    """Whether all rows are there."""
    old = data[14:18] == b"\x0c\0\0\0"
    bits = int.from_bytes(data[24:26] if old else data[28:30], "little")
    compression = 0 if old else int.from_bytes(data[30:34], "little")
    if compression in _RUN_LENGTH:
        size = int.from_bytes(data[34:38], "little")
    else:
        size = (header.width * bits + 31) // 32 * 4 * header.height
    return header.data_at + size <= len(data)
