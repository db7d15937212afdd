"""What a column of a table is: its title, the value of a row in it, and how that is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.text import significant

Row = TypeVar("Row")

NOTHING = "–"  # what a cell without a value shows


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column of rows of a kind.

    Attributes:
        meaning: the header's tooltip.
        value: of a row, None where it has none; without `value`, the row's place from 0.
        text: how a value that is there is written.
        key: what the column sorts by, where that is not the value.
        hint: the cell's tooltip, where that is not the text.
        right: whether cells stand on the right, as numbers do.
        roles: what a cell answers to other roles of Qt, such as its font.
        change: takes what the user enters into a cell; without it a cell cannot be edited.
        check: takes whether the user ticks a cell; whether it is ticked, `roles` say.
    """

    title: str
    meaning: str = ""
    value: Callable[[Row], Any] | None = None
    text: Callable[[Any], str] = str
    key: Callable[[Row], Any] | None = None
    hint: Callable[[Row], str] | None = None
    right: bool = False
    roles: Mapping[int, Callable[[Row], Any]] = field(default_factory=dict)
    change: Callable[[Row, Any], object] | None = None
    check: Callable[[Row, bool], object] | None = None

    def value_of(self, place: int, row: Row) -> Any:
        """The value of a row."""
        return place if self.value is None else self.value(row)

    def text_of(self, place: int, row: Row) -> str:
        """What its cell shows."""
        value = self.value_of(place, row)
        return NOTHING if value is None else self.text(value)

    def key_of(self, place: int, row: Row) -> Any:
        """What it is sorted by: text without regard to case; None for what is missing."""
        key = self.value_of(place, row) if self.key is None else self.key(row)
        return key.casefold() if isinstance(key, str) else key


def ratio(value: float) -> str:
    """Three digits."""
    return f"{value:.3f}"


def change(value: float) -> str:
    """With its sign."""
    return f"{value:+z.4f}"


def short(value: float) -> str:
    """Three significant digits."""
    return significant(value, 3)


def counted(value: int) -> str:
    """A whole number."""
    return f"{value:,}"


def number(value: float) -> str:
    """A whole number as such, any other with four digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def signed(value: float) -> str:
    """A change of such a number."""
    return f"{value:+,}" if isinstance(value, int) else f"{value:+z.4f}"
