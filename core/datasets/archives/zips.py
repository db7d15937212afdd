"""Zip archives."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from core.datasets.archives.limits import Guard
from core.detection.text import NotTextError, decode_text

MAX_DIRECTORY_BYTES = 128 * 1024 * 1024
_TAIL = 65_557 + 76  # the end record with its comment, and its 64-bit locator and record before
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1
_UTF8 = 0x800
_UNICODE_NAME = 0x7075  # Info-ZIP's extra field
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)

ERRORS = (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError)


def is_ours(start: bytes) -> bool:
    """Whether a file begins as zip archives do, the empty one included."""
    return start[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def files(path: Path, guard: Guard) -> Iterator[tuple[str, IO[bytes], float]]:
    """Place, open file and share done (0..1) of every useful file, all checked beforehand."""
    _check_directory_size(path, guard)
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        for member in members:
            _check(member, guard)
        _check_overlaps(members, guard)
        names = names_of(members)
        places = [
            (guard.place(name, folder=member.is_dir()), member)
            for name, member in zip(names, members, strict=True)
        ]
        wanted = [(place, m) for place, m in places if place is not None and not m.is_dir()]
        for _, member in wanted:
            guard.size(member.filename, member.file_size)
        for number, (place, member) in enumerate(wanted, start=1):
            with archive.open(member) as file:
                yield place, file, number / len(wanted)


def names_of(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of entries as they were meant.

    Those that are not marked as UTF-8 are in whatever the packing system used, which is told by
    all of them together: UTF-8 all the same, Chinese, or DOS's own. A second name in UTF-8 that
    some programs add counts more.
    """
    raw = [_raw(member) for member in members]
    try:
        codec = decode_text(b"\n".join(one for one in raw if one)).codec
    except NotTextError:
        codec = "cp437"
    if codec not in ("utf-8", "gb18030"):
        codec = "cp437"
    return [
        _second_name(member) or (one.decode(codec, "replace") if one else member.filename)
        for one, member in zip(raw, members, strict=True)
    ]


def _raw(member: zipfile.ZipInfo) -> bytes:
    """The bytes of a name that is not marked as UTF-8; none where it is, or is plain."""
    name = member.orig_filename.partition("\0")[0]
    return b"" if member.flag_bits & _UTF8 or name.isascii() else name.encode("cp437", "replace")


def _second_name(member: zipfile.ZipInfo) -> str:
    """Info-ZIP's name in UTF-8, if it belongs to the first one."""
    first = member.orig_filename.encode("cp437", "replace")
    extra = member.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_NAME and len(field) > 5 and field[0] == 1:
            checked = int.from_bytes(field[1:5], "little") == zlib.crc32(first)
            return field[5:].decode("utf-8", "replace") if checked else ""
    return ""


def _check(member: zipfile.ZipInfo, guard: Guard) -> None:
    guard.entry()
    if member.flag_bits & _ENCRYPTED:
        raise guard.refuse("it is encrypted")
    if member.compress_type not in _METHODS:
        raise guard.refuse("it is compressed in a way that is not known here")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise guard.refuse(f"{member.filename[:200]} is a link or a device")


def _check_overlaps(members: list[zipfile.ZipInfo], guard: Guard) -> None:
    """Entries that share bytes are how a small file unpacks to petabytes."""
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < end:
            raise guard.refuse("its entries overlap")
        name = len(member.orig_filename.encode("utf-8", "surrogateescape"))
        if not member.flag_bits & _UTF8:
            name = len(member.orig_filename)  # one byte a letter, in the old code page
        end = member.header_offset + _LOCAL_HEADER + name + member.compress_size


def _check_directory_size(path: Path, guard: Guard) -> None:
    """Python reads all of the directory of entries at once."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise guard.refuse("it is cut short: its directory is missing")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    large = tail.rfind(b"PK\x06\x06", 0, at)
    if directory == 0xFFFFFFFF and large >= 0:
        directory = int.from_bytes(tail[large + 40 : large + 48], "little")
    if directory > MAX_DIRECTORY_BYTES:
        raise guard.refuse("its directory of entries is too large")
