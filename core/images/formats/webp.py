"""WebP: chunks of a RIFF file; lossy, lossless and extended ones."""

from __future__ import annotations

from core.images.formats.tags import exif_orientation
from core.images.header import DamagedError, ImageHeader
from core.images.source import Held, Part, Source

MAX_CHUNKS = 100_000
_ALPHA_FLAG, _EXIF_FLAG = 0x10, 0x08
_EXIF = b"Exif\0\0"


def read(source: Source) -> ImageHeader | None:
    """The header, or None where this is no WebP."""
    start = source.at(0, 30)
    if start[:4] != b"RIFF" or start[8:12] != b"WEBP":
        return None
    if len(start) < 30:
        raise DamagedError("its header is cut off")
    kind, head = start[12:16], start[20:]
    if kind == b"VP8 ":
        if head[3:6] != b"\x9d\x01\x2a":
            raise DamagedError("its first frame does not begin as it should")
        width, height = (int.from_bytes(head[n : n + 2], "little") & 0x3FFF for n in (6, 8))
        return ImageHeader("WebP", width, height)
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        return ImageHeader("WebP", width, height, alpha="straight" if bits >> 28 & 1 else "none")
    if kind != b"VP8X":
        raise DamagedError("its first chunk is unknown")
    return ImageHeader(
        "WebP",
        int.from_bytes(head[4:7], "little") + 1,
        int.from_bytes(head[7:10], "little") + 1,
        orientation=_orientation(source) if head[0] & _EXIF_FLAG else 1,
        alpha="straight" if head[0] & _ALPHA_FLAG else "none",
    )


def is_complete(data: bytes, header: ImageHeader) -> bool:
    """Whether the file is as long as it says, and its last chunk with it."""
    said = 8 + int.from_bytes(data[4:8], "little")
    if said > len(data) + (said % 2):
        return False
    ends = [at + length for _, at, length in _chunks(Held(data))]
    return bool(ends) and ends[-1] <= len(data)


def _orientation(source: Source) -> int:
    for kind, at, length in _chunks(source):
        if kind == b"EXIF":
            skipped = 6 if source.at(at, 6) == _EXIF else 0
            return exif_orientation(Part(source, at + skipped, length - skipped))
    return 1


def _chunks(source: Source) -> list[tuple[bytes, int, int]]:
    """Kind, offset and length of every chunk that begins in the file."""
    chunks = []
    position, end = 12, min(source.size, 8 + int.from_bytes(source.at(4, 4), "little"))
    while position + 8 <= end:
        head = source.at(position, 8)
        length = int.from_bytes(head[4:], "little")
        chunks.append((head[:4], position + 8, length))
        if len(chunks) > MAX_CHUNKS:
            raise DamagedError("it has too many chunks")
        position += 8 + length + length % 2
    return chunks
