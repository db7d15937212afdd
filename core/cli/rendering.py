"""How results are shown in the terminal: sentences, and tables as wide as the terminal allows.

Names in them may be anyone's: none is taken for markup, and what a terminal would obey is replaced.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TextIO

from core.documents import tables as typed
from core.text import visible, visible_lines

_UNLIMITED = 100_000  # characters: a file or a pipe gets every cell on one line


@dataclass(frozen=True)
class Table:
    """Rows of text under titles; without titles, just rows.

    Attributes:
        numbers: titles of columns that are aligned right, and never broken.
        indent: blanks before every row.
    """

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Collection[str] = ()
    indent: int = 0


Rendered = str | list[str | Table]
"""A result as it is shown: text, or text and tables one below the other."""


def rendered(table: typed.Table) -> Table:
    """A table of typed values."""
    shown = table.readable()
    numbers = [column.title for column in shown.columns if column.form != "text"]
    return Table(shown.titles, shown.texts(), numbers)


def join(*results: Rendered) -> Rendered:
    """Several results, one below the other."""
    parts: list[str | Table] = []
    for one in results:
        parts += [one] if isinstance(one, str) else one
    return parts


def show(parts: Rendered, file: TextIO | None = None) -> None:
    """Write a result to `file`, by default standard output."""
    out = sys.stdout if file is None else file
    for part in [parts] if isinstance(parts, str) else parts:
        if isinstance(part, str):
            print(visible_lines(part), file=out)
        else:
            _show_table(part, out)


def _show_table(table: Table, out: TextIO) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table as RichTable
    from rich.text import Text

    terminal = out.isatty()
    console = Console(
        file=out, width=None if terminal else _UNLIMITED, markup=False, highlight=False, emoji=False
    )
    drawn = RichTable(box=None, pad_edge=False, show_header=any(table.titles), header_style="bold")
    for place, title in enumerate(table.titles):
        number = title in table.numbers
        wide = max((len(row[place]) for row in table.rows), default=0)
        # What a row is about is copied into other commands: whole, if there is room for it.
        whole = number or (place == 0 and wide <= 0.6 * console.width)
        justify: Literal["left", "right"] = "right" if number else "left"
        drawn.add_column(Text(visible(title)), justify=justify, no_wrap=whole, overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(visible(cell)) for cell in row))
    shown = Padding(drawn, (0, 0, 0, table.indent))
    if terminal:
        console.print(shown)
        return
    with console.capture() as captured:
        console.print(shown)
    for line in captured.get().splitlines():
        print(line.rstrip(), file=out)
