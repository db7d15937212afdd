"""What is done to the statistics of an image after they left the rewritten network in one row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.optimize.lanes import total_of

Outputs = dict[str, NDArray[Any]]
ROW = "row of statistics"  # what the names of outputs begin with that are pieces of it


@dataclass(frozen=True, eq=False)
class Statistic:
    """A statistic, and where its values are in an array of many."""

    names: tuple[str, ...]
    part: slice
    shape: tuple[int, ...]
    kind: type[Any]


def _cut(values: NDArray[np.float32], statistics: list[Statistic]) -> Outputs:
    """The statistics, in their own types, as OpenVINO converts an output in the end."""
    rows: dict[type[Any], NDArray[Any]] = {np.float32: values}
    if any(one.kind is np.float16 for one in statistics):
        with np.errstate(over="ignore"):
            rows[np.float16] = values.astype(np.float16)
    return {
        name: rows[one.kind][one.part].reshape(one.shape)
        for one in statistics
        for name in one.names
    }


@dataclass(frozen=True, eq=False)
class Extremes:
    """Statistics that are in the row as they are; some of them are to become absolute.

    Attributes:
        places: of their values in the row.
        largest: how many of these values are maxima, first, that become absolute; minima follow.
        statistics: by where they are among `places`.
    """

    places: NDArray[np.intp]
    largest: int
    statistics: list[Statistic]

    def finish(self, row: NDArray[np.float32]) -> Outputs:
        """From the row."""
        values = row[self.places]
        high, low = values[: self.largest], values[self.largest : 2 * self.largest]
        # The absolute value of the larger one, because that of 0 and -0 may be either.
        np.abs(np.maximum(high, -low), out=high)
        return _cut(values, self.statistics)


@dataclass(frozen=True, eq=False)
class Means:
    """Means of which the row has partial sums, and pixels that are in none of them.

    Attributes:
        lanes: ``[lanes, C]``: places of the partial sums of all channels of all means.
        left: ``[pixels, C]`` of the pixels that are left over, for some of the channels each, one
            after another.
        pixels: that each channel has.
        statistics: by where their channels are.
    """

    lanes: NDArray[np.intp]
    left: list[NDArray[np.intp]]
    pixels: NDArray[np.float32]
    statistics: list[Statistic]

    @property
    def names(self) -> Iterator[str]:
        """Of the means."""
        return (name for one in self.statistics for name in one.names)

    def finish(self, row: NDArray[np.float32]) -> Outputs:
        """From the row, in the order of the kernel."""
        total = total_of(row[self.lanes])
        start = 0
        for places in self.left:
            own = total[start : start + places.shape[1]]
            for pixel in row[places]:
                own += pixel
            start += places.shape[1]
        return _cut(total / self.pixels, self.statistics)


class Rest:
    """What is still to be done to the outputs of a rewritten network."""

    def __init__(self, wanted: frozenset[str]) -> None:
        """These names of outputs are asked for."""
        self.wanted = wanted
        self.extremes: Extremes | None = None
        self.means: Means | None = None

    def finish(self, outputs: Outputs, row: NDArray[np.float32]) -> Outputs:
        """The outputs that NNCF asks for, from those of the network; `row` is that of them."""
        finished = {name: one for name, one in outputs.items() if name in self.wanted}
        for part in (self.extremes, self.means):
            if part is not None:
                finished |= part.finish(row)
        return finished
