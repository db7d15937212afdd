"""The one file that is wanted out of an archive, and nothing else."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from core.errors import WorkbenchError

MAX_UNPACKED_BYTES = 4 * 2**30
MAX_MEMBERS = 10_000
CHUNK_BYTES = 2**20


def unpack_member(archive: Path, member: str, target: Path, report: Callable[[], None]) -> None:
    """Write the file `member` of a ``.tar.gz`` to `target`, which must not exist.

    The archive is read once, from its beginning, and no further than to that file: links,
    devices, and names that lead elsewhere are never looked at. `report` may raise to stop.
    Raises WorkbenchError where the archive is damaged, too large, or has no such file.
    """
    try:
        with (
            gzip.open(archive) as unpacked,
            _Bounded(unpacked, archive, report) as stream,
            tarfile.open(fileobj=stream, mode="r|") as tar,
        ):
            for number, info in enumerate(tar):
                if number >= MAX_MEMBERS:
                    raise _too_large(archive)
                if info.isreg() and not info.issparse() and info.name.removeprefix("./") == member:
                    _copy(tar.extractfile(info), target)
                    return
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise WorkbenchError(
            f"The archive {archive.name} is damaged: {str(error)[:200] or 'it ends too early'}.",
            "Download it again.",
        ) from error
    raise WorkbenchError(
        f"There is no {member} in the archive {archive.name}.", "Choose another model."
    )


class _Bounded(io.RawIOBase):
    """A stream that ends in an error where too much comes out of it."""

    def __init__(self, stream: gzip.GzipFile, archive: Path, report: Callable[[], None]) -> None:
        super().__init__()
        self._stream = stream
        self._archive = archive
        self._report = report
        self._left = MAX_UNPACKED_BYTES

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        self._report()
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(self._archive)
        return data


def _copy(source: IO[bytes] | None, target: Path) -> None:
    assert source is not None  # it is a regular file
    with source, target.open("xb") as out:
        while chunk := source.read(CHUNK_BYTES):
            out.write(chunk)


def _too_large(archive: Path) -> WorkbenchError:
    return WorkbenchError(
        f"The archive {archive.name} is larger than any detector needs.", "Choose another model."
    )
