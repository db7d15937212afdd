"""Opening an image, wherever it lies: a file, or a member of a tar archive, read in its place.

A member is called as if the archive were a folder, ``shard-000000.tar/0001.jpg``. Where it lies in
the archive is found once and remembered in the user's cache folder, by the archive's place, size
and times.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import time_ns
from types import TracebackType
from typing import IO

from core.files import TooLargeError, open_regular, read_regular, why
from core.images.tar_index import TarIndex, index_tar
from core.unfinished import unfinished, user_cache

TAR = ".tar"
_INSIDE = re.compile(r"\.tar[/\\]" if os.name == "nt" else r"\.tar/", re.IGNORECASE)
_PIECE = 2**20
_LARGEST_INDEX = 2**30
_LIMIT_BYTES = 2 * 2**30  # of all stored indices
_HELD_MEMBERS = 1_000_000  # in memory
_JUST_NOW = 2 * 10**9  # nanoseconds: a file that is as young may change without its time changing
_FORMAT = b"1"  # of what is stored: another one is another file


class ImageFile:
    """The bytes of an image in an open file: all of it, or a stretch of an archive."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self.file, self.start, self.size = file, start, size

    def __enter__(self) -> ImageFile:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Close the file."""
        self.file.close()

    def at(self, offset: int, size: int) -> bytes:
        """Bytes from `offset` on; fewer than `size` at the end."""
        self.file.seek(self.start + offset)
        return self.file.read(max(0, min(size, self.size - offset)))

    def digest(self) -> str:
        """SHA-256 of all bytes, in hexadecimal."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()

    def pieces(self, size: int = _PIECE) -> Iterator[bytes]:
        """All bytes, some at a time."""
        for offset in range(0, self.size, size):
            yield self.at(offset, size)


def open_image(path: Path | str, limit: int | None = None) -> ImageFile:
    """The image at `path`; raises OSError as `core.files.open_regular` does."""
    inside = _inside(os.fspath(path))
    if inside is None:
        file = open_regular(path, limit)
        return ImageFile(file, 0, os.fstat(file.fileno()).st_size)
    shard, name = inside
    file = open_regular(shard)
    try:
        start, size = _member(shard, os.fstat(file.fileno()), name)
        if limit is not None and size > limit:
            raise TooLargeError(path, limit)
    except BaseException:
        file.close()
        raise
    return ImageFile(file, start, size)


def read_bytes(path: Path | str, limit: int) -> bytes:
    """All bytes of an image; raises OSError as `open_image` does."""
    if _inside(os.fspath(path)) is None:
        return read_regular(path, limit)
    with open_image(path, limit) as image:
        return image.at(0, image.size)


def start_of(path: Path | str, size: int) -> bytes:
    """The first bytes of an image; none where it cannot be read."""
    try:
        with open_image(path) as image:
            return image.at(0, size)
    except OSError:
        return b""


def why_not(path: Path | str) -> str:
    """Why an image cannot be read, as a clause: ``not a regular file``; "" where it can."""
    try:
        open_image(path).file.close()
    except OSError as error:
        return why(error)
    return ""


def status(path: Path | str) -> tuple[int, int, int]:
    """Size in bytes of an image, and both times of its file in nanoseconds; raises OSError."""
    inside = _inside(os.fspath(path))
    found = os.stat(inside[0] if inside else path)  # noqa: PTH116  # no Path for each of a million
    size = _member(inside[0], found, inside[1])[1] if inside else found.st_size
    return size, found.st_mtime_ns, found.st_ctime_ns


def is_there(path: Path | str) -> bool:
    """Whether there is such an image that may be read: a file, or a member of an archive.

    A folder that only somebody else may look into has none: homes of another machine are often so.
    """
    inside = _inside(os.fspath(path))
    with suppress(OSError):
        if inside is None:
            return Path(path).is_file()
        status(path)
        return True
    return False


def file_of(path: Path) -> Path:
    """The file that an image lies in: itself, or the archive that it is a member of."""
    inside = _inside(os.fspath(path))
    return path if inside is None else Path(inside[0])


def index_of(shard: Path | str, tick: Callable[[], None] = lambda: None) -> TarIndex:
    """What a tar archive holds; `tick` may raise to stop. Raises OSError where it is not read."""
    place = os.fspath(shard)
    return _index(place, os.stat(place), tick)  # noqa: PTH116


def _inside(path: str) -> tuple[str, str] | None:
    """Archive and member of a path that leads into one; None of any other."""
    for found in _INSIDE.finditer(path):
        shard = path[: found.end() - 1]
        if os.path.isfile(shard):  # noqa: PTH113
            return shard, path[found.end() :].replace(os.sep, "/")
    return None


def _member(shard: str, found: os.stat_result, name: str) -> tuple[int, int]:
    place = _index(shard, found).find(name)
    if place is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{shard}/{name}")
    return place


_held: OrderedDict[str, tuple[tuple[int, int, int], TarIndex]] = OrderedDict()
_lock = Lock()


def _index(
    shard: str, found: os.stat_result, tick: Callable[[], None] = lambda: None
) -> TarIndex:  # fmt: skip
    """The index of an archive that is as `found` says: held, stored, or made now."""
    stamp = found.st_size, found.st_mtime_ns, found.st_ctime_ns
    with _lock:
        known = _held.get(shard)
        if known is not None and known[0] == stamp:
            _held.move_to_end(shard)
            return known[1]
    index = _stored_or_made(shard, stamp, tick)
    with _lock:
        _held[shard] = stamp, index
        _held.move_to_end(shard)
        while len(_held) > 1 and sum(len(one) for _, one in _held.values()) > _HELD_MEMBERS:
            _held.popitem(last=False)
    return index


def _stored_or_made(shard: str, stamp: tuple[int, int, int], tick: Callable[[], None]) -> TarIndex:
    about = os.fsencode(os.path.abspath(shard)) + f"\0{stamp}".encode()  # noqa: PTH100
    stored = user_cache() / "tars" / f"{hashlib.sha256(_FORMAT + about).hexdigest()}.index"
    with suppress(OSError, ValueError):  # it is made anew
        index = TarIndex.from_bytes(read_regular(stored, _LARGEST_INDEX))
        os.utime(stored)
        return index
    with open_regular(shard) as file:
        index = index_tar(file, shard, tick)
    if max(stamp[1:]) < time_ns() - _JUST_NOW:
        with suppress(OSError):  # it is made again the next time
            _store(stored, index.to_bytes())
    return index


def _store(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = unfinished(place)
    try:
        temporary.write_bytes(data)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)
    files = sorted((one.stat().st_mtime, one.stat().st_size, one.path)
                   for one in os.scandir(place.parent))  # fmt: skip
    total = sum(size for _, size, _ in files)
    for _, size, path in files:
        if total <= _LIMIT_BYTES:
            break
        Path(path).unlink(missing_ok=True)
        total -= size
