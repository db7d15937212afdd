"""TIFF: the first image of the file."""

from __future__ import annotations

from typing import Literal

from core.images.formats.tags import ORIENTATION, Tags, is_tiff, read_tags
from core.images.header import DamagedError, ImageHeader
from core.images.orientation import ORIENTATIONS
from core.images.source import Held, Source

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLES = 256, 257, 258, 262, 277
_STRIPS, _ROWS, _STRIP_SIZES = 273, 278, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES = 322, 323, 324, 325
_EXTRA, _SAMPLE_FORMAT = 338, 339
_HEADER = {
    *(_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLES, _TILE_WIDTH, _TILE_HEIGHT),
    *(_EXTRA, _SAMPLE_FORMAT, ORIENTATION),
}
_PLACES = {_HEIGHT, _STRIPS, _ROWS, _STRIP_SIZES, _TILES, _TILE_SIZES}
_GREY_OR_RGB = (0, 1, 2)
MAX_TILE_SIDE = 65_536


def read(source: Source) -> ImageHeader | None:
    """The header, or None where this is no TIFF."""
    if not is_tiff(source.at(0, 4)):
        return None
    tags = read_tags(source, _HEADER)
    if max(tags.one(_TILE_WIDTH, 0), tags.one(_TILE_HEIGHT, 0)) > MAX_TILE_SIDE:
        raise DamagedError("its tiles are too large")
    orientation = tags.one(ORIENTATION, 1)
    upright = (1).to_bytes(2, "big" if tags.big_endian else "little")
    return ImageHeader(
        "TIFF",
        tags.one(_WIDTH, 0),
        tags.one(_HEIGHT, 0),
        orientation=orientation if orientation in ORIENTATIONS else 1,
        alpha=_alpha(tags),
        orientation_at=(tags.places[ORIENTATION], upright) if ORIENTATION in tags.places else None,
        refusal=_refusal(tags),
    )


def is_complete(data: bytes, header: ImageHeader) -> bool:
    """Whether every strip or tile of the image lies in the file."""
    tags = read_tags(Held(data), _PLACES)
    places = tags.values.get(_STRIPS) or tags.values.get(_TILES) or ()
    sizes = tags.values.get(_STRIP_SIZES) or tags.values.get(_TILE_SIZES) or ()
    if not places or len(sizes) not in (0, len(places)):
        return False
    if _STRIPS in tags.values:
        rows = max(1, min(tags.one(_ROWS, header.height), header.height))
        if len(places) < -(-header.height // rows):
            return False
    known = sizes or (1,) * len(places)
    return all(place + size <= len(data) for place, size in zip(places, known, strict=True))


def _alpha(tags: Tags) -> Literal["none", "straight", "premultiplied"]:
    """Of four samples only. The decoder multiplies 8-bit colours by their alpha itself."""
    extra = tags.one(_EXTRA, 0)
    if tags.one(_SAMPLES, 1) != 4 or extra not in (1, 2):
        return "none"
    return "premultiplied" if extra == 1 or tags.one(_BITS, 1) == 8 else "straight"


def _refusal(tags: Tags) -> str:
    bits = tags.one(_BITS, 1)
    if bits > 16 or tags.one(_SAMPLE_FORMAT, 1) == 3:
        return f"has {bits} bits a sample; save it with 8 or 16"
    if bits > 8 and tags.one(_PHOTOMETRIC, 1) not in _GREY_OR_RGB:
        return "has 16 bits a sample but is neither grey nor RGB; save it with 8"
    return ""
