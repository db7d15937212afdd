"""The formats that can be read; each is asked whether a file is its own."""

from __future__ import annotations

from collections.abc import Callable

from core.images.formats import bmp, jpeg, png, tiff, webp
from core.images.header import Format, ImageHeader
from core.images.source import Source

_READERS: tuple[Callable[[Source], ImageHeader | None], ...] = (
    *(jpeg.read, png.read, webp.read, bmp.read, tiff.read),
)
_CHECKS: dict[Format, Callable[[bytes, ImageHeader], bool]] = {
    "JPEG": jpeg.is_complete,
    "PNG": png.is_complete,
    "WebP": webp.is_complete,
    "BMP": bmp.is_complete,
    "TIFF": tiff.is_complete,
}
END_MARKS: dict[Format, str] = {
    "JPEG": "its end-of-image marker is missing",
    "PNG": "its end chunk is missing",
    "WebP": "it is shorter than its header says",
    "BMP": "rows of pixels are missing",
    "TIFF": "strips of pixels are missing",
}


def read_header(source: Source) -> ImageHeader | None:
    """What the file says about itself; None where it is in none of the formats.

    Raises DamagedError where it begins as one of them and then makes no sense.
    """
    for read in _READERS:
        header = read(source)
        if header is not None:
            return header
    return None


def is_complete(data: bytes, header: ImageHeader) -> bool:
    """Whether the whole image is in `data`, as far as that shows without decoding."""
    return _CHECKS[header.format](data, header)
