"""Opening files that strangers made: regular ones only, and no more of them than was asked for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import IO

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # or opening a pipe waits for whoever writes to it
    | getattr(os, "O_NOCTTY", 0)
)


class NotRegularError(OSError):
    """A pipe, a device or a folder where a file was expected: it might never end."""

    def __init__(self, path: Path | str) -> None:
        self.clause = "not a regular file"
        super().__init__(0, self.clause, str(path))


class TooLargeError(OSError):
    """A file with more bytes than are read of its kind."""

    def __init__(self, path: Path | str, limit: int) -> None:
        self.clause = f"larger than {_size(limit)}"
        super().__init__(0, self.clause, str(path))


def open_regular(path: Path | str, limit: int | None = None) -> IO[bytes]:
    """The file, open for reading; links are followed.

    Nothing waits: what is no regular file is refused after it was opened, so that nobody can put
    a pipe in its place meanwhile. Raises NotRegularError, TooLargeError beyond `limit` bytes, and
    OSError as `open` does.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError:  # a NUL, or half a character where the system wants UTF-8
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotRegularError(path)
        if limit is not None and status.st_size > limit:
            raise TooLargeError(path, limit)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path | str, limit: int) -> bytes:
    """All bytes of a regular file; raises OSError as `open_regular` does."""
    with open_regular(path, limit) as file:
        data = file.read(limit + 1)
    if len(data) > limit:  # it grew meanwhile
        raise TooLargeError(path, limit)
    return data


def sentence(path: Path | str, error: OSError) -> str:
    """What an OSError of these functions says, for the user."""
    if isinstance(error, (NotRegularError, TooLargeError)):
        return f"{path} is {error.clause}."
    return f"{path} cannot be read: {error.strerror or error}."


def why(error: Exception) -> str:
    """What went wrong, without the number that the system gives it."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _size(size_bytes: int) -> str:
    return f"{size_bytes // 2**20} MiB" if size_bytes >= 2**20 else f"{size_bytes:,} bytes"


def is_special(path: Path) -> bool:
    """Whether a device, a pipe or a socket lies there itself: nothing may take its place."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode))


def require_replaceable(path: Path) -> None:
    """Raises NotRegularError where a device or a pipe lies at `path`: no file replaces it."""
    if is_special(path):
        raise NotRegularError(path)
