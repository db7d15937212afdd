"""Directories of tags, as TIFF files and EXIF blocks have them."""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass

from core.images.header import DamagedError
from core.images.orientation import ORIENTATIONS
from core.images.source import Source

ORIENTATION = 274
MAX_TAGS = 4096
MAX_VALUES = 1_000_000
_BYTES = {1: 1, 3: 2, 4: 4, 16: 8}  # byte, short, long, long8: the whole numbers


@dataclass(frozen=True, slots=True)
class Tags:
    """The first directory of a TIFF structure.

    Attributes:
        values: of the tags that were asked for and hold whole numbers.
        places: where each of them keeps its values, as an offset into the source.
        big_endian: how its numbers are written.
    """

    values: dict[int, tuple[int, ...]]
    places: dict[int, int]
    big_endian: bool

    def one(self, tag: int, default: int) -> int:
        """The first value of a tag."""
        return self.values.get(tag, (default,))[0]


def is_tiff(start: bytes) -> bool:
    """Whether these first four bytes begin a TIFF structure, classic or big."""
    return start in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_tags(source: Source, wanted: Collection[int]) -> Tags:
    """The first directory's `wanted` tags; raises DamagedError where there is no directory."""
    start = source.at(0, 16)
    if not is_tiff(start[:4]):
        raise DamagedError("its tags do not begin as TIFF's do")
    order = "big" if start[:1] == b"M" else "little"
    mark = ">" if order == "big" else "<"
    big = b"+" in start[:4]
    try:
        (at,) = struct.unpack_from(f"{mark}Q" if big else f"{mark}I", start, 8 if big else 4)
        head = 8 if big else 2
        (count,) = struct.unpack(f"{mark}Q" if big else f"{mark}H", source.at(at, head))
    except struct.error:
        raise DamagedError("its directory of tags is missing") from None
    if count > MAX_TAGS:
        raise DamagedError("its directory of tags is too large")
    entry, inline = (20, 8) if big else (12, 4)
    table = source.at(at + head, entry * count)
    values: dict[int, tuple[int, ...]] = {}
    places: dict[int, int] = {}
    for position in range(0, len(table) - entry + 1, entry):
        tag, kind = struct.unpack_from(f"{mark}HH", table, position)
        if tag not in wanted or kind not in _BYTES or tag in values:
            continue
        (number,) = struct.unpack_from(f"{mark}Q" if big else f"{mark}I", table, position + 4)
        length = number * _BYTES[kind]
        place = at + head + position + entry - inline
        if number > MAX_VALUES:
            raise DamagedError("one of its tags is too large")
        if length > inline:
            place = int.from_bytes(table[position + entry - inline : position + entry], order)  # type: ignore[arg-type]  # "big" or "little"
        data = source.at(place, length)
        if number and len(data) == length:
            letter = {1: "B", 2: "H", 4: "I", 8: "Q"}[_BYTES[kind]]
            values[tag] = struct.unpack(f"{mark}{number}{letter}", data)
            places[tag] = place
    return Tags(values, places, order == "big")


def exif_orientation(source: Source) -> int:
    """The orientation in an EXIF block; 1 where it is absent, or the block is damaged."""
    try:
        orientation = read_tags(source, {ORIENTATION}).one(ORIENTATION, 1)
    except DamagedError:
        return 1
    return orientation if orientation in ORIENTATIONS else 1
