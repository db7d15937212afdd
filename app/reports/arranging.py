"""The rows of a report's table, and the order in which they are shown; may run in any thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.kit.tables.names import Names
from core.documents.tables import Column
from core.reports.filters import AnyComparison, RowFilter

Whole = NDArray[np.int64]
Choose = Callable[[Any, RowFilter], NDArray[np.bool_]]  # of the comparison that the rows are of
NO_COLUMN = -1


def no_rows() -> Whole:
    """No row numbers."""
    return np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Rows:
    """The columns of a report.

    Attributes:
        comparison: that they are of.
        values: one array ``[R]`` a column; of a column of names, indices into its `names`.
        names: by column.
        images: int64 ``[R]``, which image each row is about.
        keys: int64 ``[R]``, the same in every report for the same row.
        worst_first: int64 ``[R]``, row numbers in the report's own order.
    """

    comparison: AnyComparison | None = None
    values: tuple[NDArray[Any], ...] = ()
    names: dict[int, Names] = field(default_factory=lambda: {0: Names()})
    images: Whole = field(default_factory=no_rows)
    keys: Whole = field(default_factory=no_rows)
    worst_first: Whole = field(default_factory=no_rows)

    def names_of(self, column: int, names: tuple[str, ...]) -> Names:
        """These names; where they are the same as here, so that their alphabet is kept."""
        before = self.names.get(column)
        return before if before is not None and before.original == names else Names(names)


@dataclass(frozen=True)
class Arrangement:
    """What is shown of the rows, and in which order; without a column, worst first."""

    chosen: RowFilter = field(default_factory=RowFilter)
    column: int = NO_COLUMN
    descending: bool = False


def ordered(rows: Rows, columns: tuple[Column, ...], wanted: Arrangement, mask: Choose) -> Whole:
    """Numbers of the rows that are shown, from the top."""
    order = rows.worst_first
    if rows.comparison is not None and not wanted.chosen.empty:
        order = order[mask(rows.comparison, wanted.chosen)[order]]
    if not 0 <= wanted.column < len(columns):
        return order
    values = rows.values[wanted.column][order]
    form = columns[wanted.column].form
    if form == "text":
        values = rows.names[wanted.column].ranks[values]
    elif form == "ratio":
        values = np.round(values, 6)  # 1.000 and 0.99999999999 are equal to a reader
    if wanted.descending:
        values = -values
    return order[np.argsort(values, kind="stable")]  # equal ones stay worst first
