"""Figures and tables of typed values: rendered on a page, in a window or a terminal, or as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Literal

from core.documents.csv import Cell, csv_table, write_csv
from core.documents.plain_files import ListInPieces
from core.text import percent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.intp]

Form = Literal[
    "text", "count", "ratio", "fine", "change", "fine_change", "percent", "short", "decibel",
    "number", "number_change",
]  # fmt: skip
"""How a value is written; see `shown`."""

NOTHING = "–"
_RATIOS = ("ratio", "fine", "change")
_TOGETHER = 20_000  # rows, that are values of Python's own at a time
_RATIO_DIGITS = 6  # of a CSV file: more is noise of the arithmetic
_PATTERNS: dict[Form, str] = {
    "count": ",",
    "ratio": ".3f",
    "fine": ".4f",
    "change": "+z.3f",
    "fine_change": "+z.4f",
    "percent": ".1%",
    "short": ".3g",
    "decibel": ".1f",
}


@dataclass(frozen=True)
class Figure:
    """One figure; `key` is what files call it, and `meaning` a sentence that explains it.

    A share that is judged by `limits` is never rounded across one of them.
    """

    key: str
    name: str
    value: Cell
    form: Form
    meaning: str = ""
    limits: tuple[float, ...] = ()

    @property
    def text(self) -> str:
        """The value as people read it."""
        if self.form == "percent" and isinstance(self.value, float):
            return percent(self.value, *self.limits)
        return shown(self.value, self.form)


@dataclass(frozen=True)
class Column:
    """A column: `key` is its title in files, `title` what people read, `meaning` explains it.

    What stands `in_files` alone is too much to be read in a table.
    """

    key: str
    title: str
    form: Form = "text"
    meaning: str = ""
    in_files: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """Columns and their values, all of one length; None stands for what there is not."""

    columns: tuple[Column, ...]
    values: tuple[Sequence[Any], ...]

    @staticmethod
    def of_rows(columns: tuple[Column, ...], rows: Iterable[Sequence[Cell]]) -> Table:
        """A table whose rows are at hand."""
        values = tuple(zip(*rows, strict=True))
        return Table(columns, values or ((),) * len(columns))

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.values[0])

    @property
    def titles(self) -> tuple[str, ...]:
        """What people read above the columns."""
        return tuple(column.title for column in self.columns)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The values row by row."""
        return zip(*self.values, strict=True)

    def texts(self) -> list[tuple[str, ...]]:
        """The rows as people read them."""
        forms = [column.form for column in self.columns]
        columns = [
            [shown(value, form) for value in values]
            for values, form in zip(self.values, forms, strict=True)
        ]
        return list(zip(*columns, strict=True))

    def readable(self, most: int | None = None) -> Table:
        """At most so many rows, without the columns that only files have."""
        return self.part([one.key for one in self.columns if not one.in_files], most)

    def part(self, keys: Sequence[str], most: int | None = None) -> Table:
        """At most so many rows, of the columns with these keys."""
        places = [[column.key for column in self.columns].index(key) for key in keys]
        columns = tuple(self.columns[place] for place in places)
        return Table(columns, tuple(self.values[place][:most] for place in places))

    def records(self) -> list[dict[str, Cell]]:
        """The rows as JSON has them, by the columns' keys."""
        keys = [column.key for column in self.columns]
        values = [_rounded(*one) for one in zip(self.columns, self.values, strict=True)]
        return [dict(zip(keys, row, strict=True)) for row in zip(*values, strict=True)]

    def csv(self) -> bytes:
        """As a CSV file with the columns' keys above."""
        return csv_table([column.key for column in self.columns], self.file_rows())

    def write_csv(self, file: IO[bytes]) -> None:
        """The same to an open file."""
        file.write(self.csv())

    def file_rows(self) -> Iterator[tuple[Cell, ...]]:
        """The rows as files have them."""
        values = [_rounded(*one) for one in zip(self.columns, self.values, strict=True)]
        return zip(*values, strict=True)


@dataclass(frozen=True, eq=False)
class TableInPieces:
    """A table that is never whole in memory: `pieces` gives it anew each time, some rows each."""

    columns: tuple[Column, ...]
    pieces: Callable[[], Iterable[Table]]

    def records(self) -> ListInPieces:
        """As `Table.records`."""
        return ListInPieces(lambda: (piece.records() for piece in self.pieces()))

    def readable(self, most: int | None = None) -> Table:
        """As `Table.readable`: of so many rows that they fit into memory."""
        rows: list[tuple[Cell, ...]] = []
        for piece in self.pieces():
            rows += islice(piece.rows(), None if most is None else most - len(rows))
            if len(rows) == most:
                break
        return Table.of_rows(self.columns, rows).readable()

    def write_csv(self, file: IO[bytes]) -> None:
        """As `Table.write_csv`, to a file that can be written again from its start."""
        keys = [column.key for column in self.columns]
        write_csv(file, keys, lambda: (piece.file_rows() for piece in self.pieces()))


AnyTable = Table | TableInPieces


def some_rows(
    columns: tuple[Column, ...], kept: Places, rows: Callable[[Places], tuple[Sequence[Any], ...]]
) -> AnyTable:
    """The table of the rows `kept`, of which `rows` gives the values; of many, some at a time."""
    if len(kept) <= _TOGETHER:
        return Table(columns, rows(kept))
    starts = range(0, len(kept), _TOGETHER)
    return TableInPieces(
        columns, lambda: (Table(columns, rows(kept[at : at + _TOGETHER])) for at in starts)
    )


def shown(value: Cell, form: Form) -> str:
    """A value as people read it; None is a dash."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    if form in ("number", "number_change"):  # a whole number as such, any other with four digits
        whole = isinstance(value, int)
        if form == "number":
            return f"{value:,}" if whole else f"{value:.4f}"
        return f"{value:+,}" if whole else f"{value:+z.4f}"
    return format(value, _PATTERNS.get(form, ""))


def _rounded(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.form not in _RATIOS:
        return values
    return [None if value is None else round(value, _RATIO_DIGITS) for value in values]
