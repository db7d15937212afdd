"""Where a graph's layers are drawn: layered from top to bottom, after Sugiyama.

Every layer stands below all that it reads; long edges are led through free places on the rows
between; rows are ordered by the median of their neighbours, and spread so that boxes keep their
distance and stand near what they are connected with.
(Sugiyama, Tagawa, Toda 1981; Gansner, Koutsofios, North, Vo 1993.)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.values import Value

ROW_HEIGHT = 0.55  # in widths of a box
GAP = 1.25  # between centres of boxes in a row
THREAD_GAP = 0.35  # between lines that pass a row
LONGEST_LED = 60  # rows; longer edges go straight
SWEEPS = 8


class GraphPlaces(Value):
    """Where a graph's layers are drawn, top to bottom; in units of a box's width.

    Attributes:
        x, y: the centre of each layer's box.
        edges: from layer, to layer, and the points that the line between them passes.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    edges: tuple[tuple[int, int, tuple[tuple[float, float], ...]], ...]


def place_layers(inputs: Sequence[Sequence[int]]) -> GraphPlaces:
    """Places for the layers of a graph; `inputs` are the layers that each reads, all earlier."""
    count = len(inputs)
    rows = _rows(inputs)
    chains = [
        _chain(one, place, rows) for place, read in enumerate(inputs) for one in sorted(set(read))
    ]
    all_rows = list(rows)
    links: list[tuple[int, int]] = []
    paths: list[list[int]] = []
    for one, other, between in chains:
        path = [one]
        for row in between:
            path.append(len(all_rows))
            all_rows.append(row)
        path.append(other)
        paths.append(path)
        if len(path) > 2 or rows[other] - rows[one] == 1:
            links += list(pairwise(path))
    x = _columns(all_rows, links, count)
    y = [row * ROW_HEIGHT for row in all_rows]
    return GraphPlaces(
        x=tuple(round(float(value), 3) for value in x[:count]),
        y=tuple(round(value, 3) for value in y[:count]),
        edges=tuple(
            (path[0], path[-1], tuple((round(float(x[p]), 3), round(y[p], 3)) for p in path[1:-1]))
            for path in paths
        ),
    )


def _rows(inputs: Sequence[Sequence[int]]) -> list[int]:
    """The longest way from the top to each; what reads nothing stands right above its reader."""
    rows: list[int] = []
    for read in inputs:
        rows.append(max((rows[one] + 1 for one in read), default=0))
    nearest: dict[int, int] = {}
    for place, read in enumerate(inputs):
        for one in read:
            nearest[one] = min(nearest.get(one, rows[place]), rows[place])
    for place, read in enumerate(inputs):
        if not read and place in nearest:
            rows[place] = nearest[place] - 1
    return rows


def _chain(one: int, other: int, rows: Sequence[int]) -> tuple[int, int, range]:
    between = range(rows[one] + 1, rows[other])
    return one, other, between if len(between) <= LONGEST_LED else range(0)


def _columns(
    rows: Sequence[int], links: Sequence[tuple[int, int]], boxes: int
) -> NDArray[np.float64]:
    """The centre of every box and thread, left to right."""
    members: list[list[int]] = [[] for _ in range(max(rows, default=0) + 1)]
    for node, number in enumerate(rows):
        members[number].append(node)
    above: list[list[int]] = [[] for _ in rows]
    below: list[list[int]] = [[] for _ in rows]
    for upper, lower in links:
        above[lower].append(upper)
        below[upper].append(lower)
    x = np.zeros(len(rows))
    width = np.full(len(rows), THREAD_GAP)
    width[:boxes] = GAP
    for row in members:
        _spread(row, x, width)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        near = above if downwards else below
        for row in members if downwards else members[::-1]:
            for node in row:
                if near[node]:
                    x[node] = float(np.median([x[other] for other in near[node]]))
            row.sort(key=lambda node: x[node])
            _spread(row, x, width)
    return x - x.min() if len(x) else x


def _spread(row: Sequence[int], x: NDArray[np.float64], width: NDArray[np.float64]) -> None:
    """Move a row's members as little as it takes to keep their distance, in their order.

    Least squares under an order: pool adjacent violators.
    """
    if len(row) < 2:
        return
    sides = width[list(row)]
    offsets = np.concatenate([[0.0], np.cumsum((sides[1:] + sides[:-1]) / 2)])
    blocks: list[tuple[float, int]] = []  # mean, members
    for wanted in x[list(row)] - offsets:
        mean, size = float(wanted), 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean = (mean * size + other * more) / (size + more)
            size += more
        blocks.append((mean, size))
    x[list(row)] = np.repeat([m for m, _ in blocks], [s for _, s in blocks]) + offsets
