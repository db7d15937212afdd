"""JPEG: segments up to the first scan, and the marker that ends the last one."""

from __future__ import annotations

import re

from core.images.formats.tags import exif_orientation
from core.images.header import DamagedError, ImageHeader
from core.images.source import Part, Source

MAX_SEGMENTS = 10_000
_START, _END, _SCAN, _APP1 = 0xD8, 0xD9, 0xDA, 0xE1
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_PIECE = 1_000_000  # bytes: searched within 3 ms
_EXIF = b"Exif\0\0"
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def read(source: Source) -> ImageHeader | None:
    """The header, or None where this is no JPEG."""
    if source.at(0, 3) != b"\xff\xd8\xff":
        return None
    position, orientation, size = 2, 0, (0, 0)
    for _ in range(MAX_SEGMENTS):
        position = _next_marker(source, position)
        marker = source.at(position + 1, 1)[0]
        if marker in _ALONE:
            position += 2
            continue
        length = int.from_bytes(source.at(position + 2, 2), "big")
        if marker == _END or length < 2:
            break
        if marker in _FRAMES:
            frame = source.at(position + 4, 5)
            size = int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")
        elif marker == _APP1 and not orientation and source.at(position + 4, 6) == _EXIF:
            orientation = exif_orientation(Part(source, position + 10, length - 8))
        elif marker == _SCAN:
            return ImageHeader("JPEG", *size, orientation=orientation or 1, data_at=position)
        position += 2 + length
    raise DamagedError("its header ends before the image begins")


def is_complete(data: bytes, header: ImageHeader) -> bool:
    """Whether the end-of-image marker follows the scans.

    One inside a thumbnail does not count, and neither do bytes that only look like it.
    """
    position = header.data_at
    for _ in range(MAX_SEGMENTS):
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        position = _marker_in_scan(data, position)
        if position < 0:
            return False
        if data[position + 1] == _END:
            return True
    return False


def _marker_in_scan(data: bytes, position: int) -> int:
    """Where the next one begins, or -1; in pieces, so that other threads get their turn."""
    for start in range(position, len(data), _PIECE):
        found = _MARKER_IN_SCAN.search(data, start, start + _PIECE + 1)
        if found is not None:
            return found.start()
    return -1


def _next_marker(source: Source, position: int) -> int:
    """Where the next marker begins; as decoders do, stray and fill bytes are passed over."""
    near = source.at(position, 2)
    if len(near) == 2 and near[0] == 0xFF and near[1] not in (0, 0xFF):
        return position
    found = re.search(rb"\xff[^\x00\xff]", source.at(position, 65536))
    if found is None:
        raise DamagedError("its header ends before the image begins")
    return position + found.start()
