"""Where panes, their titles and the wipe's divider lie: numbers in, rectangles out."""

from __future__ import annotations

from dataclasses import dataclass

from app.viewer.scene.geometry import Size, fitted

GAP = 8  # pixels between panes
_WORTH_IT = 1.25  # times as large: from there on another row is better than a quarter left empty


@dataclass(frozen=True)
class Rect:
    """In pixels of the area."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Cell:
    """One pane with its title above."""

    title: Rect
    pane: Rect


def side_by_side(area: tuple[int, int], image: Size, panes: int, head: int) -> list[Cell]:
    """Cells for this many panes, in rows; `head` is the height of a title.

    Two panes always stand beside each other. Three do so unless the image is larger when the third
    one stands below, or all stand below each other.
    """
    columns = panes
    for fewer in range(panes - 1, 0, -1) if panes > 2 else ():
        more = _scale(area, image, panes, fewer, head)
        if more > _WORTH_IT * _scale(area, image, panes, columns, head):
            columns = fewer
    return _grid(area, panes, columns, head)


def stacked(area: tuple[int, int], head: int) -> Cell:
    """The one cell of panes that lie on top of each other."""
    return _grid(area, 1, 1, head)[0]


def _scale(area: tuple[int, int], image: Size, panes: int, columns: int, head: int) -> float:
    pane = _grid(area, panes, columns, head)[0].pane
    return fitted(image, (float(pane.width), float(pane.height))).scale


def _grid(area: tuple[int, int], panes: int, columns: int, head: int) -> list[Cell]:
    rows = -(-panes // columns)
    width = max(1, (area[0] - GAP * (columns - 1)) // columns)
    height = max(head + 1, (area[1] - GAP * (rows - 1)) // rows)
    cells = []
    for number in range(panes):
        x, y = (number % columns) * (width + GAP), (number // columns) * (height + GAP)
        cells.append(Cell(Rect(x, y, width, head), Rect(x, y + head, width, height - head)))
    return cells
