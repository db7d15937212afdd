"""Where the images of a tar archive lie in it, so that they are read there and nothing is unpacked.

The archive is a stranger's: every header is checked, and what is no plain file (links, devices,
sparse files), leads outside, or ends too soon refuses the archive. `tarfile` would do, but for an
object and some 100 microseconds for every member, of which a million images have two.
"""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from core.images.listing import IMAGE_SUFFIXES
from core.images.member_names import BadNameError, is_hidden, name_parts

SIDECAR = ".json"
_KEPT = frozenset({*IMAGE_SUFFIXES, SIDECAR})
_BLOCK = 512
_ZEROS = bytes(_BLOCK)
_TICK_EVERY = 5000  # members
_MAX_HEADER_BYTES = 2**20  # of a long name or of pax records
_MAX_MEMBERS, _MAX_NAMES_BYTES = 10_000_000, 512 * 2**20
_MAX_OTHERS, _LONGEST_OTHER = 64, 16  # kinds of files that are counted, letters of their endings
_PLAIN, _FOLDER, _PAX, _GLOBAL, _LONG_NAME, _LONG_LINK = b"0\0007", b"5", b"xX", b"g", b"L", b"K"
_SIZES = struct.Struct("<4Q")
_DIGEST = 32


class TarRefusedError(OSError):
    """An archive that is not read; its text is a clause that says why."""

    def __init__(self, clause: str, path: Path | str) -> None:
        super().__init__(0, clause, str(path))


@dataclass
class TarIndex:
    """The images and sidecars of an archive, by name.

    Attributes:
        names: one after the other, sorted by their bytes; `ends` are where each ends.
        starts, sizes: of their contents, in bytes of the archive.
        others: how many files of other endings there are, as far as `_MAX_OTHERS` endings.
    """

    names: bytes = b""
    ends: array[int] = field(default_factory=lambda: array("Q"))
    starts: array[int] = field(default_factory=lambda: array("Q"))
    sizes: array[int] = field(default_factory=lambda: array("Q"))
    others: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of members."""
        return len(self.ends)

    def __iter__(self) -> Iterator[str]:
        """The names, in their order."""
        for place in range(len(self)):
            yield self._name(place).decode("utf-8", "surrogateescape")

    def find(self, name: str) -> tuple[int, int] | None:
        """Where a member begins and how large it is, in bytes; None where there is none."""
        wanted = name.encode("utf-8", "surrogateescape")
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._name(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        if low < len(self) and self._name(low) == wanted:
            return self.starts[low], self.sizes[low]
        return None

    def _name(self, place: int) -> bytes:
        return self.names[self.ends[place - 1] if place else 0 : self.ends[place]]

    def to_bytes(self) -> bytes:
        """As it is stored; `from_bytes` reads it."""
        others = msgspec.json.encode(self.others)
        parts = (self.ends, self.starts, self.sizes)
        data = _SIZES.pack(len(self), len(self.names), len(others), 0)
        data += b"".join(one.tobytes() for one in parts) + self.names + others
        return hashlib.blake2b(data, digest_size=_DIGEST).digest() + data

    @staticmethod
    def from_bytes(stored: bytes) -> TarIndex:
        """What `to_bytes` gave; raises ValueError where it is damaged."""
        digest, data = stored[:_DIGEST], stored[_DIGEST:]
        if hashlib.blake2b(data, digest_size=_DIGEST).digest() != digest:
            raise ValueError("the index is damaged")
        count, names, others, _ = _SIZES.unpack_from(data)
        at, index = _SIZES.size, TarIndex()
        for column in (index.ends, index.starts, index.sizes):
            column.frombytes(data[at : at + 8 * count])
            at += 8 * count
        index.names = data[at : at + names]
        index.others = msgspec.json.decode(data[at + names :][:others], type=dict[str, int])
        return index


def index_tar(file: IO[bytes], path: Path | str, tick: Callable[[], None]) -> TarIndex:
    """The index of an open archive; of members of one name the last counts, as tar has it.

    `tick` is called now and then, and may raise to stop. Raises TarRefusedError.
    """
    found: dict[bytes, tuple[int, int]] = {}
    others: Counter[str] = Counter()
    total = 0
    for number, (name, start, size) in enumerate(_members(file, path)):
        if number % _TICK_EVERY == 0:
            tick()
        try:
            parts = name_parts(name)
        except BadNameError as error:
            raise TarRefusedError(str(error), path) from error
        if is_hidden(parts):
            continue
        suffix = parts[-1][parts[-1].rfind(".") :].lower() if "." in parts[-1] else ""
        if suffix in _KEPT:
            key = "/".join(parts).encode("utf-8", "surrogateescape")
            total += len(key)
            found[key] = start, size
        elif len(suffix) <= _LONGEST_OTHER and (suffix in others or len(others) < _MAX_OTHERS):
            others[suffix] += 1
        if number >= _MAX_MEMBERS or total > _MAX_NAMES_BYTES:
            raise TarRefusedError(f"it has more than {_MAX_MEMBERS:,} files", path)
    index = TarIndex(others=dict(others))
    names = sorted(found)
    end = 0
    for name_bytes in names:
        end += len(name_bytes)
        index.ends.append(end)
        index.starts.append(found[name_bytes][0])
        index.sizes.append(found[name_bytes][1])
    index.names = b"".join(names)
    return index


def _members(file: IO[bytes], path: Path | str) -> Iterator[tuple[str, int, int]]:
    """Name, start and size of every plain file."""
    end, at = file.seek(0, 2), 0
    name, stated = b"", -1  # of headers before the one that they are about
    while header := _header(file, path, at, end):
        at += _BLOCK
        size = stated if stated >= 0 and header.kind in _PLAIN else header.size
        if at + size > end:
            raise TarRefusedError("it is cut short", path)
        if header.kind in _LONG_NAME:
            name = _text(file, path, at, size).rstrip(b"\0")
        elif header.kind in _PAX:
            records = _records(_text(file, path, at, size), path)
            name = records.get(b"path", name)
            stated = _decimal(records[b"size"], path) if b"size" in records else stated
        elif header.kind in _PLAIN:
            called = name or header.name
            if not called.endswith(b"/"):  # a folder, of very old archives
                yield called.decode("utf-8", "surrogateescape"), at, size
        elif header.kind not in (_FOLDER + _GLOBAL + _LONG_LINK):
            raise TarRefusedError("it has links, devices or other files that are not plain", path)
        if header.kind in _PLAIN + _FOLDER:
            name, stated = b"", -1
        at += -(-size // _BLOCK) * _BLOCK


@dataclass(frozen=True, slots=True)
class _Header:
    name: bytes
    kind: bytes
    size: int


def _header(file: IO[bytes], path: Path | str, at: int, end: int) -> _Header | None:
    """The header there; None at the end, which is a block of zeros or that of the file."""
    if at == end:
        return None
    file.seek(at)
    block = file.read(_BLOCK)
    if len(block) < _BLOCK:
        raise TarRefusedError("it is cut short" if at else "it is no tar archive", path)
    if block == _ZEROS:
        return None
    damaged = TarRefusedError("it is damaged" if at else "it is no tar archive", path)
    try:
        checked, size = _number(block[148:156]), _number(block[124:136])
    except ValueError:
        raise damaged from None
    if sum(block) - sum(block[148:156]) + 8 * 32 != checked or size < 0:
        raise damaged
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0" and block[345]:
        name = block[345:500].partition(b"\0")[0] + b"/" + name
    return _Header(name, block[156:157], size)


def _number(digits: bytes) -> int:
    """Octal, or, with the first bit set, the bytes of the number; raises ValueError."""
    if digits[0] & 0x80:
        return int.from_bytes(digits[1:], "big") if digits[0] == 0x80 else -1
    text = digits.partition(b"\0")[0].strip()
    return int(text, 8) if text else 0


def _text(file: IO[bytes], path: Path | str, at: int, size: int) -> bytes:
    if size > _MAX_HEADER_BYTES:
        raise TarRefusedError("one of its headers is too large", path)
    file.seek(at)
    return file.read(size)


def _records(data: bytes, path: Path | str) -> dict[bytes, bytes]:
    """The records of a pax header: ``20 path=images/a.jpg\\n`` each."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + 20)
        end = at + (_decimal(data[at:space], path) if space > at else 0)
        key, equal, value = data[space + 1 : end - 1].partition(b"=")
        if not space < end <= len(data) or not equal:
            raise TarRefusedError("it is damaged", path)
        if key.startswith(b"GNU.sparse"):
            raise TarRefusedError("it has sparse files", path)
        found[key] = value
        at = end
    return found


def _decimal(digits: bytes, path: Path | str) -> int:
    if not digits.isdigit() or len(digits) > 20:
        raise TarRefusedError("it is damaged", path)
    return int(digits)
