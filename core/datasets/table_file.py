"""Tables of datasets: comma, semicolon or tab between columns, in any encoding, of any length."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.datasets.reading import WAY_OUT, read_start
from core.detection.text import NotTextError, Text, decode_text
from core.errors import InputError
from core.files import open_regular, sentence, why

MAX_TABLE_BYTES = 4 * 1024**3  # Open Images' boxes for training have 2.3 GB
MAX_ROWS = 50_000_000
DAMAGED_LINES = "lines_with_nul"
_SEPARATORS = ",;\t|"


def heading(path: Path) -> list[str]:
    """The columns of the first row, without spaces around them; [] where there are none."""
    try:
        first = _start(path).text.lstrip("\r\n").splitlines()[:1]
    except NotTextError:
        return []
    return [name.strip() for row in csv.reader(first, delimiter=_separator(first)) for name in row]


@contextmanager
def rows_of(
    path: Path, damaged: Callable[[int], None] = lambda line: None
) -> Iterator[Iterator[list[str]]]:
    """The rows of a table, the first one included.

    `damaged` gets the number of a row with a NUL in it, which no text has; it comes empty.
    Raises InputError where the file cannot be read or is damaged, has too many bytes or rows.
    """
    try:
        start = _start(path)
        opened = open_regular(path, MAX_TABLE_BYTES)
    except OSError as error:
        raise InputError(sentence(path, error), WAY_OUT) from error
    except NotTextError as error:
        raise InputError(f"{path} is damaged: {why(error)}.", WAY_OUT) from error
    with opened, io.TextIOWrapper(opened, start.codec, errors="replace", newline="") as text:
        try:
            lines = start.text.lstrip("\r\n").splitlines()[:1]
            yield _limited(csv.reader(text, delimiter=_separator(lines)), path, damaged)
        except csv.Error as error:
            raise InputError(f"{path} is damaged: {why(error)}.", WAY_OUT) from error


def _limited(
    rows: Iterator[list[str]], path: Path, damaged: Callable[[int], None]
) -> Iterator[list[str]]:  # fmt: skip
    for count, row in enumerate(rows):
        if count > MAX_ROWS:
            raise InputError(f"{path} has more than {MAX_ROWS:,} rows.", WAY_OUT)
        if count == 0 and row:
            row[0] = row[0].lstrip("\ufeff")
        if any("\0" in cell for cell in row):
            damaged(count + 1)
            row.clear()
        yield row


def _start(path: Path) -> Text:
    """What the table begins with; its first line alone where NULs follow it."""
    data = read_start(path).rstrip(bytes(range(128, 256)))  # the last letter may be cut in two
    try:
        return decode_text(data)
    except NotTextError:
        return decode_text(data.lstrip(b"\r\n").partition(b"\n")[0])


def _separator(lines: list[str]) -> str:
    return max(_SEPARATORS, key=lines[0].count) if lines else ","
