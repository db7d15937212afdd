"""Two reports of one kind beside each other: figures with their differences, image by image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.documents.tables import AnyTable, Column, Figure, Table, some_rows
from core.metrics.arrays import Real
from core.metrics.matching.thresholds import Thresholds
from core.reports.kind import ReportImages
from core.reports.wording import Headline, headline_text
from core.values import Plain, Value, to_plain

Whole = NDArray[np.int64]
Figures = Mapping[str, float | None]

Counted = Mapping[str, tuple[str, str]]
COUNTED: Counted = {
    "missed": ("missed", "Missed"),
    "extra": ("extra", "Extra"),
    "class_changed": ("class_changed", "Class changed"),
    "shifted": ("shifted", "Shifted"),
    "drifted": ("drifted", "Score drift"),
}
"""What is counted in an image: its key in files, and its title, by its name in a comparison."""


def image_columns(counted: Counted = COUNTED) -> tuple[Column, ...]:
    """Of a table of images of both reports."""
    return (
        Column("image", "Image Name", meaning="Double-click to see the second report's boxes."),
        Column("change", "Difference", "change", "Of the damage, second less first: above zero the "
               "second differs more."),
        Column("damage_first", "Damage, first", "ratio", "Sorts the images, worst first."),
        Column("damage_second", "Damage, second", "ratio", "Sorts the images, worst first."),
        *(
            Column(f"{key}_{place}", f"{words}, {place}", "count")
            for key, words in counted.values()
            for place in ("first", "second")
        ),
    )  # fmt: skip


def line_columns(name: str) -> tuple[Column, ...]:
    """Of tables of lines; `name` is what a line is about."""
    return (
        Column("name", name),
        Column("first", "First", "number"),
        Column("second", "Second", "number"),
        Column("difference", "Difference", "number_change", "Second minus first."),
    )


class Line(Value):
    """One figure in both reports; None where a report does not have it."""

    name: str
    first: float | None
    second: float | None

    @property
    def difference(self) -> float | None:
        """Second minus first."""
        if self.first is None or self.second is None:
            return None
        return self.second - self.first


@dataclass(frozen=True, eq=False)
class ImageChanges:
    """The images that both comparisons have; the one that got worst in the second one first.

    Attributes:
        images: int64 ``[R]``, numbers in the second comparison's tables.
        first, second: int64 ``[R]`` by the names in `COUNTED`.
        first_damage, second_damage: float64 ``[R]``.
        counted: what the counts are called in reports of this kind.
    """

    names: tuple[str, ...]
    images: Whole
    first: dict[str, Whole]
    second: dict[str, Whole]
    first_damage: Real
    second_damage: Real
    counted: Counted = field(default_factory=lambda: COUNTED)

    @property
    def worse(self) -> str:
        """What images with more damage in the second report did."""
        return "got worse" if self.counted is COUNTED else "differ more in the second report"

    @property
    def change(self) -> Real:
        """Float64 ``[R]``: how much more damage the second has."""
        return self.second_damage - self.first_damage

    def table(self, most: int | None = None) -> Table:
        """One row an image, at most so many of them."""
        return Table(image_columns(self.counted), self._values(np.arange(len(self.images))[:most]))

    def rows(self) -> AnyTable:
        """One row an image, of all images."""
        return some_rows(image_columns(self.counted), np.arange(len(self.images)), self._values)

    def _values(self, places: NDArray[np.intp]) -> tuple[Sequence[Any], ...]:
        counts = [one[name] for name in COUNTED for one in (self.first, self.second)]
        columns = (self.change, self.first_damage, self.second_damage, *counts)
        names = [self.names[place] for place in places.tolist()]
        return names, *(column[places].tolist() for column in columns)


@dataclass(frozen=True, eq=False)
class Versus:
    """The figures of two reports, and their details (classes or layers), most changed first.

    Where reports have images: `images` are those that both have, `drawn` what those of the second
    report are drawn from. `thresholds` are those of both, where there are any, and `headlines`
    those of the two reports at them.
    """

    figures: tuple[Line, ...]
    details: tuple[Line, ...]
    images: ImageChanges | None = None
    drawn: ReportImages | None = None
    thresholds: Thresholds | None = None
    headlines: tuple[Headline, ...] = ()

    def plain(self) -> Plain:
        """As JSON."""
        plain: Plain = {
            "figures": [_plain(line) for line in self.figures],
            "details": [_plain(line) for line in self.details],
        }
        if self.thresholds is not None:
            plain["thresholds"] = to_plain(self.thresholds)
        if self.headlines:
            plain["headlines"] = [headline_text(one) for one in self.headlines]
        if self.images is not None:
            plain["per_image"] = self.images.rows().records()
        return plain


def line_table(name: str, lines: Sequence[Line]) -> Table:
    """One row a line; `name` is what a line is about."""
    rows = ((line.name, line.first, line.second, line.difference) for line in lines)
    return Table.of_rows(line_columns(name), rows)


def lines_of(first: Iterable[Figure], second: Iterable[Figure]) -> tuple[Line, ...]:
    """The figures of both in their order, by name; texts are left out."""
    return in_order(*({f.name: f.value for f in figures} for figures in (first, second)))


def in_order(first: Mapping[str, object], second: Mapping[str, object]) -> tuple[Line, ...]:
    """In the first one's order, then what only the second one has."""
    return tuple(
        Line(name=name, first=_number(first.get(name)), second=_number(second.get(name)))
        for name in dict.fromkeys((*first, *second))
    )


def most_changed(first: Figures, second: Figures) -> tuple[Line, ...]:
    """Most changed first; what only one report has comes last."""
    return tuple(sorted(in_order(first, second), key=_changed))


def _changed(line: Line) -> float:
    return 1.0 if line.difference is None else -abs(line.difference)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def _plain(line: Line) -> Plain:
    return {**to_plain(line), "difference": line.difference}
