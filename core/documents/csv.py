"""Tables as CSV: UTF-8, comma, one row of titles; no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from typing import IO

Cell = str | int | float | None

# A cell that begins so is computed when the file is opened, in some programs after blanks and
# quotes as well. A program that takes another separator, as many do by their language, begins new
# cells inside of ours, whether they are quoted or not.
_COMPUTED = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"  # the wide forms as well
_DANGER = re.compile(rf"""^(?=[\t\r\n]|[ "]*+{_COMPUTED})|(?<=[;|\t\r\n])(?=[ "]*+{_COMPUTED})""")
# These colour a terminal, or end a text there.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HALF = re.compile(r"[\ud800-\udfff]")


def csv_table(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table as a file's content; None is an empty cell.

    Text that a spreadsheet would compute gets a ``'`` before it; control characters are
    replaced. Bytes of names of files that are not UTF-8 are written as they are.
    """
    text = _text([titles]) + _text(rows)
    try:
        return _as_bytes(text)
    except UnicodeEncodeError:  # halves of characters that stand for no byte
        return _without_halves(text)


def write_csv(
    file: IO[bytes],
    titles: Sequence[str],
    pieces: Callable[[], Iterable[Iterable[Sequence[Cell]]]],
) -> None:
    """Write what `csv_table` gives of all rows, to a file that can be written again from its start.

    `pieces` gives the rows anew each time, some at a time.
    """
    try:
        _write(file, titles, pieces(), _as_bytes)
    except UnicodeEncodeError:
        _write(file, titles, pieces(), _without_halves)


def _write(
    file: IO[bytes],
    titles: Sequence[str],
    pieces: Iterable[Iterable[Sequence[Cell]]],
    encode: Callable[[str], bytes],
) -> None:
    file.seek(0)
    file.truncate()
    file.write(encode(_text([titles])))
    for rows in pieces:
        file.write(encode(_text(rows)))


def _text(rows: Iterable[Sequence[Cell]]) -> str:
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    safe = _Safe()
    writer.writerows(
        [safe[cell] if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return "".join(lines)


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _without_halves(text: str) -> bytes:
    return _HALF.sub("\ufffd", text).encode()


class _Lines(list[str]):
    """What `csv` writes, but for the ends of lines: only what is in those is quoted by it."""

    def write(self, line: str) -> None:
        self.append(line.removesuffix("\r\n") + "\n")


class _Safe(dict[str, str]):
    """Text, and how it is written; names come in many rows."""

    def __missing__(self, text: str) -> str:
        made = self[text] = _CONTROL.sub("\ufffd", _DANGER.sub("'", text))
        return made
