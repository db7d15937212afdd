"""What an archive may hold, and where its files may go."""

from __future__ import annotations

import shutil
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.images.foreign import ARCHIVE_SUFFIXES, FOREIGN_SUFFIXES
from core.images.listing import IMAGE_SUFFIXES
from core.images.member_names import BadNameError, is_hidden, name_parts
from core.remarks.of_images import ARCHIVE

USEFUL_SUFFIXES = frozenset(
    IMAGE_SUFFIXES
    | {".txt", ".json", ".xml", ".csv", ".yaml", ".yml", ".names", ".data", ".labels", ".pbtxt"}
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold.

    Attributes:
        entries: of any kind.
        file_bytes, total_bytes: unpacked.
        ratio: of unpacked to packed bytes, from `free_bytes` unpacked on.
        spare_bytes: that must be left free on the disk.
        suffixes: of the files that are written; others are of no use.
        way_out: what to do about an archive that holds more.
    """

    entries: int = 500_000
    file_bytes: int = 4 * 1024**3
    total_bytes: int = 100 * 1024**3
    ratio: float = 200.0
    free_bytes: int = 64 * 1024**2
    spare_bytes: int = 512 * 1024**2
    suffixes: frozenset[str] = USEFUL_SUFFIXES
    way_out: str = "Unpack it with another program, and drop the folder."


class Guard:
    """Counts what is unpacked, and refuses what goes beyond the limits; InputError says why."""

    def __init__(self, archive: Path, folder: Path, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._packed = max(1, archive.stat().st_size)
        self._room = shutil.disk_usage(folder).free - limits.spare_bytes
        self._entries = 0
        self._total = 0
        self.left_out: Counter[str] = Counter()
        """Images of other formats that were not written, by format."""
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def refuse(self, because: str) -> InputError:
        """The error for this archive."""
        return InputError(f"{self._archive} is refused: {because}.", self._limits.way_out)

    def entry(self) -> None:
        """One more entry, of whatever kind."""
        self._entries += 1
        if self._entries > self._limits.entries:
            raise self.refuse(f"it has more than {self._limits.entries:,} entries")

    def size(self, name: str, unpacked: int) -> None:
        """One more file that says it is so large."""
        if not 0 <= unpacked <= self._limits.file_bytes:
            raise self.refuse(f"{name} has more than {_size(self._limits.file_bytes)} unpacked")
        self._total += unpacked
        self.passed(self._total)
        self._room_left()

    def passed(self, total: int) -> None:
        """So many bytes were decompressed in all, those that are of no use included."""
        limits = self._limits
        if total > limits.total_bytes:
            raise self.refuse(f"it holds more than {_size(limits.total_bytes)} unpacked")
        if total > max(limits.free_bytes, self._packed * limits.ratio):
            raise self.refuse(
                f"it unpacks to more than {limits.ratio:.0f} times its own size, as no images would"
            )

    def _room_left(self) -> None:
        if self._total > self._room:
            raise InputError(
                f"The disk has not enough free space to unpack {self._archive}.",
                "Free some space and start again.",
            )

    def place(self, name: str, *, folder: bool = False) -> str | None:
        """Where an entry goes, relative with ``/``; None if it is of no use. Refuses bad names."""
        parts = self._parts(name)
        if is_hidden(parts):
            return None
        path = "/".join(parts)
        keys = [_key("/".join(parts[: n + 1])) for n in range(len(parts))]
        above = keys if folder else keys[:-1]
        if any(key in self._files for key in above):
            raise self.refuse(f"{path} clashes with another entry")
        self._folders.update(above)
        if folder:
            return path
        if keys[-1] in self._files or keys[-1] in self._folders:
            raise self.refuse(f"{path} clashes with another entry")
        self._files.add(keys[-1])
        suffix = path[path.rfind(".") :].lower()
        if suffix in self._limits.suffixes:
            return path
        if suffix in FOREIGN_SUFFIXES:
            self.left_out[FOREIGN_SUFFIXES[suffix]] += 1
        elif suffix in ARCHIVE_SUFFIXES:
            self.left_out[ARCHIVE] += 1
        return None

    def _parts(self, name: str) -> list[str]:
        try:
            return name_parts(name)
        except BadNameError as error:
            raise self.refuse(str(error)) from error


def _key(path: str) -> str:
    """Equal for names that some file systems take for one."""
    return unicodedata.normalize("NFC", path).casefold()


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1024**3:.0f} GiB" if size_bytes >= 1024**3 else f"{size_bytes:,} bytes"
