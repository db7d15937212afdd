"""Image files byte by byte: kinds that no encoder at hand writes, and damaged ones."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tests.support.images import encoded


def exif(orientation: int, *, big_endian: bool = False) -> bytes:
    """An EXIF block with this orientation and nothing else."""
    mark = ">" if big_endian else "<"
    start = (b"MM\0*" if big_endian else b"II*\0") + struct.pack(mark + "IH", 8, 1)
    return start + struct.pack(mark + "HHIHHI", 274, 3, 1, orientation, 0, 0)


def jpeg_turned(jpeg: bytes, block: bytes) -> bytes:
    """The JPEG with an EXIF block."""
    block = b"Exif\0\0" + block
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


def png_turned(png_file: bytes, block: bytes) -> bytes:
    """The PNG with an EXIF block, behind its pixels, where some programs write it."""
    return png_file[:-12] + chunk(b"eXIf", block) + png_file[-12:]


def webp_turned(webp: bytes, width: int, height: int, block: bytes) -> bytes:
    """The simple WebP as an extended one with an EXIF block."""
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + bytes([8, 0, 0, 0]) + size + webp[12:]
    body += b"EXIF" + struct.pack("<I", len(block)) + block + b"\0" * (len(block) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png(width: int, height: int, rows: bytes, bits: int = 8, kind: int = 2, extra: bytes = b"") -> bytes:  # fmt: skip  # noqa: E501
    """A PNG of these raw rows (a filter byte before each) and colour type."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + extra + pixels + chunk(b"IEND", b"")


def tiff(
    pixels: NDArray[Any],
    photometric: int = 2,
    *,
    orientation: int = 1,
    big_endian: bool = False,
    strips: int = 1,
    more: dict[int, list[int]] | None = None,
) -> bytes:
    """An uncompressed TIFF of ``[height, width]`` or ``[height, width, samples]``."""
    mark: Literal["<", ">"] = ">" if big_endian else "<"
    height, width = pixels.shape[:2]
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    data = pixels.astype(pixels.dtype.newbyteorder(">" if big_endian else "<")).tobytes()
    rows = -(-height // strips)
    size = len(data) // height * rows
    places = [8 + size * n for n in range(strips)]
    tags = {
        256: [width],
        257: [height],
        258: [pixels.dtype.itemsize * 8] * samples,
        259: [1],
        262: [photometric],
        273: places,
        274: [orientation],
        277: [samples],
        278: [rows],
        279: [min(size, 8 + len(data) - place) for place in places],
        **(more or {}),
    }
    return _with_tags(data, tags, mark)


def _with_tags(data: bytes, tags: dict[int, list[int]], mark: str) -> bytes:
    entries, blobs = [], b""
    for tag, values in sorted(tags.items()):
        kind = "H" if tag in (258, 259, 262, 274, 277, 320, 338, 339) else "I"
        value = struct.pack(f"{mark}{len(values)}{kind}", *values)
        if len(value) > 4:
            blobs += value
            value = struct.pack(mark + "I", 8 + len(data) + len(blobs) - len(value))
        number = 3 if kind == "H" else 4
        entries.append(struct.pack(mark + "HHI", tag, number, len(values)) + value.ljust(4, b"\0"))
    start = (b"MM\0*" if mark == ">" else b"II*\0") + struct.pack(
        mark + "I", 8 + len(data) + len(blobs)
    )
    directory = struct.pack(mark + "H", len(entries)) + b"".join(entries) + b"\0\0\0\0"
    return start + data + blobs + directory


def cmyk_jpeg(cyan: int, magenta: int, yellow: int, black: int) -> bytes:
    """A JPEG of 8 x 8 pixels of one colour (0..255 of ink), stored inverted as Adobe does.

    Each component is one DC coefficient; its category is coded in four bits.
    """
    bits = ""
    for ink in (cyan, magenta, yellow, black):
        value = (255 - ink) - 128
        length = abs(value).bit_length()
        coded = value if value >= 0 else value + (1 << length) - 1
        bits += f"{length:04b}" + (f"{coded:0{length}b}" if length else "") + "0"
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    ids = (67, 77, 89, 75)
    parts = [
        (0xEE, b"Adobe\0\x64\0\0\0\0\0"),
        (0xDB, b"\0" + bytes([8] * 64)),
        (0xC0, struct.pack(">BHHB", 8, 8, 8, 4) + b"".join(bytes([n, 0x11, 0]) for n in ids)),
        (0xC4, b"\0" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12))),
        (0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"),
        (0xDA, bytes([4]) + b"".join(bytes([n, 0]) for n in ids) + b"\0\x3f\0"),
    ]
    segments = b"".join(
        b"\xff" + bytes([kind]) + struct.pack(">H", len(data) + 2) + data for kind, data in parts
    )
    return b"\xff\xd8" + segments + scan + b"\xff\xd9"


def write_turned(path: Path, image: NDArray[np.uint8], orientation: int) -> Path:
    """An image file whose pixels are stored as in `image` and asks to be turned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = image.shape[:2]
    if path.suffix in (".tif", ".tiff"):
        data = tiff(image[..., ::-1], orientation=orientation)
    elif path.suffix == ".png":
        data = png_turned(encoded(image, ".png"), exif(orientation))
    elif path.suffix == ".webp":
        data = webp_turned(encoded(image, ".webp"), width, height, exif(orientation))
    else:
        data = jpeg_turned(encoded(image), exif(orientation, big_endian=True))
    path.write_bytes(data)
    return path
