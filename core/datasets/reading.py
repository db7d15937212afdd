"""Reading the small text files of datasets, with limits."""

from __future__ import annotations

import os
from pathlib import Path

from core.detection.text import NotTextError, as_utf8, decode_text
from core.errors import InputError
from core.files import open_regular, read_regular, sentence, why

WAY_OUT = "Fix it, or choose the folder with the images alone."


def read_limited(path: Path | str, limit: int) -> bytes:
    """The bytes of a regular file.

    Raises InputError where it is larger than `limit`, no regular file, or cannot be read, and
    FileNotFoundError where it is not there.
    """
    try:
        return read_regular(path, limit)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(sentence(path, error), WAY_OUT) from error


def read_utf8(path: Path | str, limit: int) -> bytes:
    """As `read_limited`, of a text file in whatever encoding; gives UTF-8 without a mark."""
    try:
        return as_utf8(read_limited(path, limit))
    except NotTextError as error:
        raise InputError(f"{path} is damaged: {error}.", WAY_OUT) from error


def why_not(path: Path | str) -> str:
    """Why a file cannot be read, as a clause: ``not a regular file``; "" where it can."""
    try:
        open_regular(path).close()
    except OSError as error:
        return why(error)
    return ""


def read_start(path: Path | str, size: int = 65536) -> bytes:
    """The first bytes of a regular file; none where it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(size)
    except OSError:
        return b""


def text_start(path: Path | str, size: int = 65536) -> str:
    """The text that a file begins with; "" where it cannot be read or is no text."""
    try:
        return _decoded_start(path, size)
    except NotTextError:
        return ""


def is_damaged_text(path: Path | str) -> bool:
    """Whether a file begins with bytes that are no text, as one with a NUL in it does."""
    try:
        _decoded_start(path, 65536)
    except NotTextError:
        return True
    return False


def _decoded_start(path: Path | str, size: int) -> str:
    data = read_start(path, size)
    if len(data) == size:  # a letter may be cut in two
        data = data.rstrip(bytes(range(128, 256)))
    return decode_text(data).text


def read_lines(path: Path, limit: int = 1_000_000) -> tuple[str, ...]:
    """The lines of a text file that are not empty, without the spaces around them."""
    text = read_utf8(path, limit).decode()
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def number_of(text: str) -> float | None:
    """The number that a text is, with a decimal point or comma; None where it is none."""
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


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
