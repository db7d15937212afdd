"""Outputs that are maps of cells: which stride they have, and where their channels are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.models.decoders.base import Floats
from core.models.facts import Facts

STRIDES = (4, 8, 16, 32, 64, 128)


@dataclass(frozen=True)
class Head:
    """A map of cells.

    Attributes:
        index: of the output.
        stride: pixels of the input a cell.
        rows, columns: of cells.
        channels: values a cell, those of all anchors together.
        axes: the order of the output's axes that puts rows, columns and channels last.
        anchors: boxes a cell where the shape tells (five dimensions), else 0.
    """

    index: int
    stride: int
    rows: int
    columns: int
    channels: int
    axes: tuple[int, ...]
    anchors: int = 0

    def by_cell(self, output: Floats) -> Floats:
        """``[H*W, channels]``, row by row."""
        return np.ascontiguousarray(output.transpose(self.axes)).reshape(
            self.rows * self.columns, -1
        )

    @staticmethod
    def of_shape(
        shape: Sequence[int | None], width: int, height: int, index: int = 0
    ) -> Head | None:
        """The head of an output of this shape, for an input of this size; None if it is none."""
        sides = [side or 0 for side in shape]
        if sides[:1] != [1]:
            return None
        for stride in STRIDES:
            rows, columns = -(-height // stride), -(-width // stride)
            for axes, channels, boxes in _arrangements(sides, rows, columns):
                return Head(index, stride, rows, columns, channels, axes, boxes)
        return None


def _arrangements(
    sides: list[int], rows: int, columns: int
) -> list[tuple[tuple[int, ...], int, int]]:
    """How these sides can be read as rows, columns and channels: axes, channels, anchors."""
    cells = (rows, columns)
    if len(sides) == 4:
        found: list[tuple[tuple[int, ...], int, int]] = []
        if tuple(sides[2:]) == cells:
            found.append(((0, 2, 3, 1), sides[1], 0))
        if tuple(sides[1:3]) == cells:
            found.append(((0, 1, 2, 3), sides[3], 0))
        return found
    if len(sides) == 5 and tuple(sides[2:4]) == cells and sides[1] < 16:
        return [((0, 2, 3, 1, 4), sides[1] * sides[4], sides[1])]
    if len(sides) == 5 and tuple(sides[1:3]) == cells:
        return [((0, 1, 2, 3, 4), sides[3] * sides[4], sides[3])]
    if len(sides) == 5 and tuple(sides[3:]) == cells and sides[1] < 16:
        return [((0, 3, 4, 1, 2), sides[1] * sides[2], sides[1])]
    return []


def heads_of(facts: Facts) -> tuple[Head, ...] | None:
    """All outputs as heads, smallest stride first; None where one is none."""
    width, height = facts.image_input.width, facts.image_input.height
    found = []
    for output in facts.outputs:
        head = Head.of_shape(output.shape, width, height, index=output.index)
        if head is None:
            return None
        found.append(head)
    return tuple(sorted(found, key=lambda head: head.stride))
