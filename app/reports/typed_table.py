"""A table of typed values, as a report's kind computes it, in the window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from textwrap import fill
from typing import Any

from PySide6.QtWidgets import QWidget

from app.kit.figures import Figure as Tile
from app.kit.tables.plain_model import PlainColumn, PlainModel, plain_columns
from app.reports.report_view import ReportTableView
from core.documents.tables import Column, Figure, Table, shown

_TOOLTIP = 88  # characters in a line


class TypedTable(ReportTableView):
    """Shows tables with these columns, but for those that only files have."""

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        """`name` is what a screen reader calls it."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._columns = tuple(one for one in columns if not one.in_files)
        self.rows = PlainModel([_plain(one) for one in self._columns], self)
        self.setModel(self.rows)

    def show_table(self, table: Table, keys: Sequence[Any] | None = None) -> None:
        """Show the rows in their order; `keys` are what an activated row gives, else its number.

        The table's own columns are shown where they are called otherwise.
        """
        readable = table.readable()
        changed = readable.columns != self._columns
        self._columns = readable.columns
        columns = plain_columns([_plain(one) for one in self._columns]) if changed else None
        self.rows.set_rows(list(readable.rows()), keys, columns)


@lru_cache(maxsize=1000)  # asked for whenever a heading is measured
def folded(meaning: str) -> str:
    """An explanation in lines that a tooltip has room for."""
    return fill(meaning, _TOOLTIP)


def tiles(figures: Sequence[Figure], leading: Sequence[str]) -> list[Tile]:
    """Figures as tiles; those with the keys `leading` lead to images."""
    return [
        Tile(one.name, one.text, folded(one.meaning), one.key if one.key in leading else "")
        for one in figures
    ]


def _plain(column: Column) -> PlainColumn:
    form = None if column.form == "text" else partial(shown, form=column.form)
    return PlainColumn(column.title, folded(column.meaning), form)
