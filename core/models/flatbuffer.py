"""Just enough of FlatBuffers to look into TFLite files; what is out of bounds reads as nothing.

See https://flatbuffers.dev/internals: a table starts with the distance back to its vtable, which
lists where in the table each field is; strings, vectors and tables are distances forward.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_MOST_TEXT = 1000


@dataclass(frozen=True)
class Table:
    """A table at `place` in `data`."""

    data: bytes
    place: int

    def text(self, field: int) -> str:
        """A string; "" where there is none."""
        start = self._target(field)
        length = _unsigned(self.data, start) if start else None
        if start is None or length is None or length > _MOST_TEXT:
            return ""
        return self.data[start + 4 : start + 4 + length].decode("utf-8", "replace")

    def tables(self, field: int, most: int) -> tuple[Table, ...]:
        """The tables of a vector, `most` of them at most."""
        start = self._target(field)
        length = _unsigned(self.data, start) if start else None
        if start is None or length is None:
            return ()
        places = range(start + 4, start + 4 + 4 * min(length, most), 4)
        found = [_followed(self.data, place) for place in places]
        return tuple(Table(self.data, place) for place in found if place is not None)

    def _target(self, field: int) -> int | None:
        back = _read("<i", self.data, self.place)
        if back is None:
            return None
        vtable = self.place - back
        size, offset = (_read("<H", self.data, vtable + at) for at in (0, 4 + 2 * field))
        if not size or not offset or 4 + 2 * field >= size:
            return None
        return _followed(self.data, self.place + offset)


def root_table(data: bytes) -> Table | None:
    """The root of a buffer; None where it has none."""
    place = _followed(data, 0)
    return None if place is None else Table(data, place)


def _followed(data: bytes, place: int) -> int | None:
    distance = _unsigned(data, place)
    return place + distance if distance and place + distance < len(data) else None


def _unsigned(data: bytes, place: int) -> int | None:
    return _read("<I", data, place)


def _read(form: str, data: bytes, place: int) -> int | None:
    if not 0 <= place <= len(data) - struct.calcsize(form):
        return None
    return int(struct.unpack_from(form, data, place)[0])
