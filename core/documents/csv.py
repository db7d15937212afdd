"""Tables as CSV: UTF-8, comma, one row of titles; no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence

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
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    safe = _Safe()
    writer.writerow([safe[title] for title in titles])
    writer.writerows(
        [safe[cell] if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    text = "".join(lines)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # halves of characters that stand for no byte
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
