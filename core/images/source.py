"""Bytes that are read here and there, from memory or from an open file."""

from __future__ import annotations

import os
from typing import Protocol

_HEAD = 16 * 1024


class Source(Protocol):
    """Something with bytes at offsets."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def at(self, offset: int, length: int) -> bytes:
        """The bytes there; fewer than `length` where the end comes first."""


class Held:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self._data)

    def at(self, offset: int, length: int) -> bytes:
        """The bytes there; fewer than `length` where the end comes first."""
        return self._data[offset : offset + length] if offset >= 0 else b""


class OpenFile:
    """A regular file that is open for reading, from `start` on; its beginning is read once."""

    def __init__(self, descriptor: int, size: int, start: int = 0) -> None:
        self._descriptor = descriptor
        self._size = size
        self._start = start
        self._head = self._read(0, min(_HEAD, size))

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self._size

    def at(self, offset: int, length: int) -> bytes:
        """The bytes there; fewer than `length` where the end comes first."""
        if offset < 0:
            return b""
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        return self._read(offset, min(length, max(0, self._size - offset)))

    def _read(self, offset: int, length: int) -> bytes:
        place = self._start + offset
        os.lseek(self._descriptor, place, os.SEEK_SET)  # pread is not on every system
        return os.read(self._descriptor, length)


class Part:
    """The bytes of another source from an offset on."""

    def __init__(self, whole: Source, start: int, size: int) -> None:
        self._whole = whole
        self._start = start
        self._size = max(0, min(size, whole.size - start))

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self._size

    def at(self, offset: int, length: int) -> bytes:
        """The bytes there; fewer than `length` where the end comes first."""
        if not 0 <= offset <= self._size:
            return b""
        return self._whole.at(self._start + offset, min(length, self._size - offset))
