"""What was sent to a worker's host: files named by their content, up to a limit."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.files import open_regular
from core.unfinished import user_cache
from core.values import Value

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9a-f]{32}")
_READ_BYTES = 2**20
LARGEST_BYTES = 64 * 2**30  # of one file, such as a model's weights


class Piece(Value):
    """Where some bytes belong: in the file with this hash, which has `total` of them."""

    digest: str
    offset: int
    total: int


@dataclass(frozen=True)
class ContentCache:
    """The files that one user sent for one machine; `number` is the machine's."""

    number: str
    limit_bytes: int

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        if not _NUMBER.fullmatch(self.number):
            raise ValueError("the machine has no such number")
        return user_cache() / "machines" / self.number

    def holds(self, digest: str) -> bool:
        """Whether the file is there; what it holds is looked at where it is used."""
        return self._path(digest).is_file()

    def put(self, piece: Piece, data: bytes, sender: str) -> None:
        """Store a piece; the last one makes the file, if it has the content that it is named by.

        `sender` keeps two that send the same apart. Raises OSError, ValueError.
        """
        if not 0 <= piece.offset <= piece.total <= LARGEST_BYTES or not sender.isalnum():
            raise ValueError("it is no piece of a file")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        arriving = self.folder / f"{self._path(piece.digest).name}.{sender}"
        try:
            with arriving.open("r+b" if piece.offset else "wb") as file:
                file.seek(piece.offset)
                file.write(data)
        except OSError:  # a full disk is left as it was
            arriving.unlink(missing_ok=True)
            raise
        if piece.offset + len(data) < piece.total:
            return
        try:
            if hash_of(arriving) != piece.digest:
                raise ValueError("what arrived is not what was sent")
            arriving.replace(self._path(piece.digest))
        finally:
            arriving.unlink(missing_ok=True)

    def link(self, digest: str, at: Path) -> bool:
        """Have the file at another place, too, where nothing removes it; False where there is none.

        What it holds is to be looked at where it is read.
        """
        path = self._path(digest)
        try:
            try:
                os.link(path, at)
            except FileNotFoundError:
                return False
            except OSError:  # another disk, or one without links
                shutil.copyfile(path, at)
            os.utime(path)
        except FileNotFoundError:
            return at.exists()
        return True

    def place(self, digest: str, at: Path) -> bool:
        """As `link`, of a file that is looked at; False where it is damaged: then it is removed."""
        if not self.link(digest, at):
            return False
        if hash_of(at) == digest:
            return True
        at.unlink()
        self._path(digest).unlink(missing_ok=True)
        return False

    def trim(self, coming: int = 0) -> None:
        """Remove what was unused for longest, so that `coming` bytes more keep to the limit."""
        with suppress(FileNotFoundError):
            status = {one.path: one.stat() for one in os.scandir(self.folder)}
            total = sum(one.st_size for one in status.values()) + coming
            for path in sorted(status, key=lambda path: status[path].st_mtime):
                if total <= self.limit_bytes:
                    break
                Path(path).unlink(missing_ok=True)
                total -= status[path].st_size

    def clear(self) -> int:
        """Remove all; gives how many bytes that were."""
        freed = 0
        with suppress(FileNotFoundError):
            freed = sum(one.stat().st_size for one in os.scandir(self.folder))
        shutil.rmtree(self.folder, ignore_errors=True)
        return freed

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("it is no hash of a file")
        return self.folder / digest


def hash_of(path: Path) -> str:
    """The hash of a file's content; raises OSError."""
    digest = hashlib.sha256()
    with open_regular(path, LARGEST_BYTES) as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


def lacking(cache: ContentCache, digests: Sequence[str]) -> list[str]:
    """Those of the files that are not there."""
    return [one for one in dict.fromkeys(digests) if not cache.holds(one)]
