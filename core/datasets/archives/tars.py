"""Tar archives, plain or compressed: read once from front to back."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from core.datasets.archives.limits import Guard
from core.detection.text import NotTextError, decode_text

MAX_READ = 16 * 1024 * 1024  # asked for at once; only a header that lies wants more
MAX_XZ_MEMORY = 512 * 1024 * 1024
_CHUNK = 1024 * 1024
_XZ = b"\xfd7zXZ\0"

ERRORS = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError,
          RecursionError)  # fmt: skip


def is_ours(start: bytes) -> bool:
    """Whether a file begins as a tar archive, or as something compressed."""
    return start[257:262] == b"ustar" or _compressed(start)


def files(path: Path, guard: Guard) -> Iterator[tuple[str, IO[bytes], float]]:
    """Place, open file and share done (0..1) of every useful file, each checked as it comes."""
    size = max(1, path.stat().st_size)
    with path.open("rb") as packed:
        start = packed.read(262)
        packed.seek(0)
        stream = _Bounded(_decompressed(packed, start), guard)
        with tarfile.open(fileobj=stream, mode="r:") as archive:  # type: ignore[call-overload]  # it asks for less than its types say
            for member in archive:
                archive.members = []  # or they would all be kept
                place = _place(member, guard)
                if place is not None:
                    guard.size(member.name, member.size)
                    file = archive.extractfile(member)
                    if file is not None:
                        yield place, file, min(1.0, packed.tell() / size)
        while stream.read(_CHUNK):
            pass  # to the end, where gzip has its checksum


def _place(member: tarfile.TarInfo, guard: Guard) -> str | None:
    guard.entry()
    name = _meant(member.name)
    if member.isdir():
        guard.place(name, folder=True)
        return None
    if not member.isreg() or member.issparse():
        raise guard.refuse(f"{member.name[:200]} is a link or a device")
    return guard.place(name)


def _meant(name: str) -> str:
    """A name that is not UTF-8 in Chinese, if it is; else as it stands, byte for byte."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = name.encode("utf-8", "surrogateescape")
        with suppress(NotTextError):
            read = decode_text(raw)
            if read.codec == "gb18030":
                return read.text
    return name


def _compressed(start: bytes) -> bool:
    return start.startswith((b"\x1f\x8b", b"BZh", _XZ))


def _decompressed(packed: IO[bytes], start: bytes) -> IO[bytes]:
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=packed)  # type: ignore[return-value]  # as IO[bytes]
    if start.startswith(b"BZh"):
        return bz2.BZ2File(packed)
    if start.startswith(_XZ):
        return _Xz(packed)  # type: ignore[return-value]  # as IO[bytes]
    return packed


class _Xz:
    """As `lzma.LZMAFile`, with a limit on the memory that the file may ask for."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._decoder = lzma.LZMADecompressor(memlimit=MAX_XZ_MEMORY)

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end. Several streams behind each other are one."""
        while True:
            if self._decoder.eof:
                rest = self._decoder.unused_data or self._packed.read(65536)
                if not rest.startswith(_XZ):
                    return b""
                self._decoder = lzma.LZMADecompressor(memlimit=MAX_XZ_MEMORY)
                out = self._decoder.decompress(rest, size)
            else:
                data = self._packed.read(65536) if self._decoder.needs_input else b""
                if not data and self._decoder.needs_input:
                    raise EOFError("the compressed data ends too soon")
                out = self._decoder.decompress(data, size)
            if out:
                return out


class _Bounded:
    """A stream that goes forward only, counts what it gives, and never gives too much at once."""

    def __init__(self, stream: IO[bytes], guard: Guard) -> None:
        self._stream = stream
        self._guard = guard
        self._at = 0
        self._passed = 0

    def tell(self) -> int:
        """Bytes given or passed over so far."""
        return self._at

    def seek(self, position: int, whence: int = 0) -> int:
        """Go forward."""
        if whence != 0 or position < self._at:
            raise tarfile.ReadError("the archive points backwards")
        while self._at < position:
            if not self.read(min(_CHUNK, position - self._at)):
                break
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes, fewer only at the end."""
        if not 0 <= size <= MAX_READ:
            raise self._guard.refuse("one of its headers is too large")
        parts = []
        while size > 0:
            data = self._stream.read(size)
            if not data:
                break
            parts.append(data)
            size -= len(data)
        whole = b"".join(parts)
        self._at += len(whole)
        self._passed += len(whole)
        if self._passed > 64 * _CHUNK:  # what is passed over is paid for as well
            self._guard.passed(self._at)
            self._passed = 0
        return whole
