"""PNG: chunks, from the header to the end."""

from __future__ import annotations

from core.images.formats.tags import exif_orientation
from core.images.header import DamagedError, ImageHeader
from core.images.source import Held, Part, Source

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 200_000
_WITH_ALPHA = frozenset({4, 6})  # colour types


def read(source: Source) -> ImageHeader | None:
    """The header, or None where this is no PNG."""
    start = source.at(0, 33)
    if not start.startswith(SIGNATURE):
        return None
    if len(start) < 33 or start[12:16] != b"IHDR":
        raise DamagedError("its header is missing")
    orientation, transparent = 1, start[25] in _WITH_ALPHA
    for kind, at, length in _chunks(source):
        if kind == b"eXIf":
            orientation = exif_orientation(Part(source, at, length))
        elif kind == b"tRNS":
            transparent = True
    return ImageHeader(
        "PNG",
        int.from_bytes(start[16:20], "big"),
        int.from_bytes(start[20:24], "big"),
        orientation=orientation,
        alpha="straight" if transparent else "none",
    )


def is_complete(data: bytes, header: ImageHeader) -> bool:
    """Whether the chunks go on to the one that ends a PNG."""
    return any(kind == b"IEND" for kind, _, _ in _chunks(Held(data)))


def _chunks(source: Source) -> list[tuple[bytes, int, int]]:
    """Kind, offset and length of the data of every chunk that is there as a whole."""
    chunks = []
    position = len(SIGNATURE)
    while position + 12 <= source.size:
        head = source.at(position, 8)
        length = int.from_bytes(head[:4], "big")
        if position + 12 + length > source.size:
            break
        chunks.append((head[4:], position + 8, length))
        if head[4:] == b"IEND":
            break
        if len(chunks) > MAX_CHUNKS:
            raise DamagedError("it has too many chunks")
        position += 12 + length
    return chunks
