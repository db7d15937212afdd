"""Tables of datasets: comma, semicolon or tab between columns, in any encoding, of any length."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.datasets.reading import WAY_OUT, read_start, text_start
from core.detection.text import NotTextError, decode_text
from core.errors import InputError
from core.files import open_regular, sentence, why

MAX_TABLE_BYTES = 4 * 1024**3  # Open Images' boxes for training have 2.3 GB
MAX_ROWS = 50_000_000
_SEPARATORS = ",;\t|"


def heading(path: Path) -> list[str]:
    """The columns of the first row, without spaces around them; [] where there are none."""
    first = text_start(path).lstrip("\r\n").splitlines()[:1]
    return [name.strip() for row in csv.reader(first, delimiter=_separator(first)) for name in row]


@contextmanager
def rows_of(path: Path) -> Iterator[Iterator[list[str]]]:
    """The rows of a table, the first one included.

    Raises InputError where the file cannot be read or is damaged, has too many bytes or rows.
    """
    try:
        start = decode_text(_whole_lines(read_start(path)))
        opened = open_regular(path, MAX_TABLE_BYTES)
    except OSError as error:
        raise InputError(sentence(path, error), WAY_OUT) from error
    except NotTextError as error:
        raise InputError(f"{path} is damaged: {why(error)}.", WAY_OUT) from error
    with opened, io.TextIOWrapper(opened, start.codec, errors="replace", newline="") as text:
        try:
            lines = start.text.lstrip("\r\n").splitlines()[:1]
            yield _limited(csv.reader(text, delimiter=_separator(lines)), path)
        except csv.Error as error:
            raise InputError(f"{path} is damaged: {why(error)}.", WAY_OUT) from error


def _limited(rows: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    for count, row in enumerate(rows):
        if count > MAX_ROWS:
            raise InputError(f"{path} has more than {MAX_ROWS:,} rows.", WAY_OUT)
        if count == 0 and row:
            row[0] = row[0].lstrip("\ufeff")
        yield row


def _whole_lines(data: bytes) -> bytes:
    """Without the last letter, which may be cut in two."""
    return data.rstrip(bytes(range(128, 256)))


def _separator(lines: list[str]) -> str:
    return max(_SEPARATORS, key=lines[0].count) if lines else ","
