"""Reading the small text files of datasets, with limits."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from core.errors import InputError

_WAY_OUT = "Mend it, or drop the folder with the images alone."


def read_limited(path: Path | str, limit: int) -> bytes:
    """The bytes of a regular file.

    Raises InputError where it is larger than `limit`, no regular file, or cannot be read, and
    FileNotFoundError where it is not there.
    """
    try:
        status = os.stat(path)  # noqa: PTH116  # no Path for each of 100 000
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not a regular file.", _WAY_OUT)
        if status.st_size > limit:
            raise InputError(f"{path} is larger than {limit // 2**20} MiB.", _WAY_OUT)
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(limit)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.", _WAY_OUT) from error


def read_start(path: Path | str, size: int = 65536) -> bytes:
    """The first bytes of a regular file; none where it cannot be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            return b""
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(size)
    except OSError:
        return b""


def read_lines(path: Path, limit: int = 1_000_000) -> tuple[str, ...]:
    """The lines of a text file that are not empty, without the spaces around them."""
    text = read_limited(path, limit).decode("utf-8-sig", "replace")
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def stem(name: str) -> str:
    """A name without its suffix, its folders kept: ``a/b.jpg`` to ``a/b``."""
    dot = name.rfind(".")
    return name[:dot] if dot > name.rfind("/") + 1 else name


def files_in(folder: Path, *suffixes: str) -> list[Path]:
    """The files of one folder (not of those in it) with these suffixes, by name."""
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if entry.name.lower().endswith(suffixes) and not entry.is_dir()
            ]
    except OSError:
        return []
    return [folder / name for name in sorted(names) if not name.startswith("._")]


def folders_in(folder: Path) -> list[Path]:
    """The folders in one folder that are not hidden, by name."""
    try:
        with os.scandir(folder) as entries:
            names = [e.name for e in entries if e.is_dir() and not e.name.startswith(".")]
    except OSError:
        return []
    return [folder / name for name in sorted(names) if not name.startswith("__")]
