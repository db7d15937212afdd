"""Reading logs, which may be long: pieces of them, and where words stand.

Places are bytes from the beginning of the file. Nothing here reads a whole file at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from core.errors import WorkbenchError
from core.files import open_regular, sentence
from core.text import visible, visible_lines

PIECE = 128 * 1024  # bytes that are shown at once
_CONTEXT = 2000  # bytes that are shown before words that were found
_STRIDE = 1024 * 1024  # bytes that are searched at once
_LONGEST_TITLE = 1024  # bytes
TITLE = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] (.+)")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # of a terminal


@dataclass(frozen=True)
class Piece:
    """Whole lines of a file, from byte `start` to `end` of its `size` bytes."""

    start: int
    end: int
    size: int
    text: str


@dataclass(frozen=True)
class LogFile:
    """A log: its file, when it was last written to (seconds since 1970) and its bytes."""

    path: Path
    modified: float
    size: int


def log_files(folder: Path) -> tuple[LogFile, ...]:
    """The logs in a folder, those written to last first; none where it cannot be read."""
    found = []
    try:
        for path in folder.iterdir():
            if path.suffix == ".log" and path.is_file() and not path.is_symlink():
                stat = path.stat()
                found.append(LogFile(path, stat.st_mtime, stat.st_size))
    except OSError:
        return tuple(found)
    return tuple(sorted(found, key=lambda one: one.modified, reverse=True))


def entitle(path: Path, title: str) -> None:
    """Begin what a job writes into a log with its title."""
    line = f"[{datetime.now():%Y-%m-%d %H:%M:%S}] {visible(title)}\n"
    with suppress(OSError), path.open("a", encoding="utf-8") as log:  # the disk may be full
        log.write(line)


def title_in(path: Path) -> str:
    """The title of the job that a log begins with; empty where there is none."""
    try:
        with open_regular(path) as file:
            found = TITLE.match(_text(file.read(_LONGEST_TITLE)))
    except OSError:
        return ""
    return found[1] if found else ""


def piece_until(path: Path, end: int | None = None) -> Piece:
    """The lines before byte `end`, or the last ones; raises WorkbenchError."""
    with _opened(path) as file:
        size = file.seek(0, 2)
        stop = size if end is None else min(end, size)
        start = max(0, stop - PIECE)
        file.seek(start)
        data = file.read(stop - start)
        if start and (cut := data.find(b"\n") + 1) and cut < len(data):
            start, data = start + cut, data[cut:]
        return Piece(start, stop, size, _text(data))


def piece_from(path: Path, start: int) -> Piece:
    """The lines from byte `start` on; raises WorkbenchError."""
    with _opened(path) as file:
        size = file.seek(0, 2)
        start = min(start, size)
        file.seek(start)
        data = file.read(PIECE)
        if start + len(data) < size and (cut := data.rfind(b"\n") + 1):
            data = data[:cut]
        return Piece(start, start + len(data), size, _text(data))


def piece_around(path: Path, place: int) -> tuple[Piece, int]:
    """Some lines before the one that starts at byte `place`, and those from there on.

    Also the number of that line in the piece. Raises WorkbenchError.
    """
    with _opened(path) as file:
        start = _line_start(file, max(0, place - _CONTEXT)) if place > _CONTEXT else 0
        file.seek(start)
        line = _text(file.read(max(0, place - start))).count("\n")
    return piece_from(path, start), line


def find(
    path: Path,
    words: str,
    place: int,
    *,
    backwards: bool = False,
    beyond: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> int | None:
    """Where the line starts that is next after `place` (or before it) and has `words`.

    With `beyond` not in the line that `place` is in. Letters count alike in both cases. None where
    there is none, or `stop` says so; raises WorkbenchError.
    """
    wanted = words.encode("utf-8").lower()
    if not wanted:
        return None
    with _opened(path) as file:
        if beyond and not backwards:
            place = _next_line(file, place)
        strides = _before(file, place, len(wanted)) if backwards else _after(file, place, wanted)
        for start, data in strides:
            if stop():
                return None
            text = data.lower()
            found = text.rfind(wanted) if backwards else text.find(wanted)
            if found >= 0:
                return _line_start(file, start + found)
    return None


def _after(file: IO[bytes], place: int, wanted: bytes) -> Iterator[tuple[int, bytes]]:
    while True:
        file.seek(place)
        data = file.read(_STRIDE)
        if len(data) < len(wanted):
            return
        yield place, data
        place += max(1, len(data) - len(wanted) + 1)  # one may lie across the border


def _before(file: IO[bytes], place: int, length: int) -> Iterator[tuple[int, bytes]]:
    while place > 0:
        start = max(0, place - _STRIDE)
        file.seek(start)
        yield start, file.read(place - start)
        if start == 0:
            return
        place = start + length - 1


def _next_line(file: IO[bytes], place: int) -> int:
    file.seek(place)
    while data := file.read(PIECE):
        if (end := data.find(b"\n")) >= 0:
            return place + end + 1
        place += len(data)
    return place


def _line_start(file: IO[bytes], place: int) -> int:
    start = max(0, place - PIECE)
    file.seek(start)
    return start + file.read(place - start).rfind(b"\n") + 1


def _text(data: bytes) -> str:
    text = _COLOURS.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")
    return visible_lines(text.replace("\r", "\n").replace("\t", "    "))


def _opened(path: Path) -> IO[bytes]:
    try:
        return open_regular(path)
    except OSError as error:
        raise WorkbenchError(sentence(path, error), "Choose another log.") from error
