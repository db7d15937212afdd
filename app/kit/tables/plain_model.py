"""A table whose cells are at hand: figures, classes, layers, reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from app.kit.tables.columns import Column
from app.kit.tables.rows_model import RowsModel

Cell = str | int | float | None


@dataclass(frozen=True)
class PlainColumn:
    """One column; without `shown` it holds text. `meaning` is the header's tooltip."""

    title: str
    meaning: str = ""
    shown: Callable[[Any], str] | None = None


class PlainModel(RowsModel):
    """Rows of cells; the key of a row is its number, unless others are given."""

    def __init__(self, columns: Sequence[PlainColumn], parent: QObject | None = None) -> None:
        super().__init__(plain_columns(columns), parent)

    def set_rows(
        self,
        rows: Sequence[Any],
        keys: Sequence[Any] | None = None,
        columns: Sequence[Column[Any]] | None = None,
    ) -> None:
        """Show these; `keys` are what `UserRole` gives of each row, else its number."""
        super().set_rows(rows, range(len(rows)) if keys is None else keys, columns)


def plain_columns(columns: Sequence[PlainColumn]) -> list[Column[Sequence[Cell]]]:
    """Each of the cell at its place."""
    return [_column(number, one) for number, one in enumerate(columns)]


def _column(number: int, one: PlainColumn) -> Column[Sequence[Cell]]:
    return Column(
        one.title,
        one.meaning,
        lambda row: row[number],
        one.shown or str,
        right=one.shown is not None,
    )
