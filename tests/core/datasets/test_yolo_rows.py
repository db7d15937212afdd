"""Rows of YOLO label files that are more than a box: told by several of them."""

import math
import random

import pytest

from core.datasets.yolo_rows import forms_of, numbers_of

Row = list[float]


def boxes(count: int = 20) -> list[tuple[float, float, float, float]]:
    """Centres and sizes, all inside the image."""
    drawn = random.Random(7)
    made = []
    for _ in range(count):
        width, height = drawn.uniform(0.05, 0.5), drawn.uniform(0.05, 0.5)
        x, y = drawn.uniform(width / 2, 1 - width / 2), drawn.uniform(height / 2, 1 - height / 2)
        made.append((x, y, width, height))
    return made


def poses(points: int, numbers: int, hidden: int = 0) -> list[Row]:
    """Boxes with key points spread over them; the last ones are not seen."""
    drawn = random.Random(1)
    rows = []
    for x, y, width, height in boxes():
        row = [0.0, x, y, width, height]
        for point in range(points):
            seen = point < points - hidden
            at = [x + drawn.uniform(-0.5, 0.5) * width, y + drawn.uniform(-0.5, 0.5) * height]
            row += at if seen else [0.0, 0.0]
            row += [2.0 if seen else 0.0] if numbers == 3 else []
        rows.append(row)
    return rows


def outlines(points: list[int]) -> list[Row]:
    """Polygons around the same boxes, with so many points in turn."""
    rows = []
    for number, (x, y, width, height) in enumerate(boxes()):
        corners = points[number % len(points)]
        row = [0.0]
        for corner in range(corners):
            angle = 2 * math.pi * corner / corners
            row += [x + math.cos(angle) * width / 2, y + math.sin(angle) * height / 2]
        rows.append(row)
    return rows


def turned_boxes() -> list[Row]:
    """Rectangles, turned by some degrees."""
    rows = []
    for number, (x, y, width, height) in enumerate(boxes()):
        angle = number / 10
        across = (math.cos(angle) * width / 3, math.sin(angle) * width / 3)
        along = (-math.sin(angle) * height / 3, math.cos(angle) * height / 3)
        row = [0.0]
        for one, other in ((1, 1), (1, -1), (-1, -1), (-1, 1)):
            row += [x + one * across[0] + other * along[0], y + one * across[1] + other * along[1]]
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    ("points", "numbers", "hidden"),
    [(12, 2, 0), (5, 2, 0), (17, 3, 4), (24, 3, 0), (14, 3, 2), (8, 2, 3), (4, 2, 0)],
)
def test_key_points_are_told_from_outlines(points: int, numbers: int, hidden: int) -> None:
    rows = poses(points, numbers, hidden)
    forms = forms_of(rows)
    assert {forms.form(row) for row in rows} == {"key points"}
    x, y, width, height = boxes()[3]
    expected = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    assert forms.box(rows[3]) == pytest.approx(expected)


@pytest.mark.parametrize("points", [[3, 4, 5, 9], [40, 41, 60], [4], [5], [8], [12]])
def test_outlines_stay_outlines(points: list[int]) -> None:
    rows = outlines(points)
    forms = forms_of(rows)
    assert {forms.form(row) for row in rows} == {"outline"}
    x = [value for place, value in enumerate(rows[3]) if place % 2 == 1]
    assert forms.box(rows[3])[0] == min(x)
    scored = [[*row, 0.5] for row in rows]
    assert forms_of(scored).box(scored[3]) == forms.box(rows[3]), "a score behind is no point"


def test_turned_boxes_are_outlines() -> None:
    rows = turned_boxes()
    assert {forms_of(rows).form(row) for row in rows} == {"outline"}


def test_the_header_decides_where_there_is_one() -> None:
    rows = outlines([14])[:1]  # as many numbers as 12 key points make
    assert forms_of(rows).form(rows[0]) == "outline"
    assert forms_of(rows, (12, 2)).form(rows[0]) == "key points"
    assert forms_of(poses(12, 2), (99, 2)).form(poses(12, 2)[0]) == "outline"


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        (b"1 .5 .5 .1 .1", [1, 0.5, 0.5, 0.1, 0.1]),
        (b"1.0, 0.5, 0.5, 0.1, 0.1", [1, 0.5, 0.5, 0.1, 0.1]),
        (b"car .5 .5 .1 .1", None),
        (b"-1 .5 .5 .1 .1", None),
        (b"nan .5 .5 .1 .1", None),
        (b"1e9 .5 .5 .1 .1", None),
        (b"0.5 .5 .5 .1 .1", None),
        (b"1 .5 .5 .1", None),
        (b"1 " + b"9" * 400 + b" .5 .1 .1", [1, math.inf, 0.5, 0.1, 0.1]),
    ],
)
def test_a_line_is_a_row_of_numbers_or_nothing(line: bytes, numbers: Row | None) -> None:
    assert numbers_of(line) == numbers


@pytest.mark.parametrize(
    "line", ["2 0.5 0.25 0.1 0.2", "2,0.5,0.25,0.1,0.2", "2, 0.5, 0.25, 0.1, 0.2",
             "2 0,5 0,25 0,1 0,2", "2\t0,5\t0,25\t0,1\t0,2"],
)  # fmt: skip
def test_a_comma_stands_between_numbers_or_in_them(line: str) -> None:
    assert numbers_of(line.encode()) == [2, 0.5, 0.25, 0.1, 0.2]


def test_numbers_behind_a_box_are_told_of() -> None:
    forms = forms_of([])
    assert forms.noticed([0, 0.5, 0.5, 0.2, 0.2, 0.9]) == ""
    assert forms.noticed([0, 0.5, 0.5, 0.2, 0.2, 0, 0.1, 0.1, 0.1, 0.1]) == "rows_with_more"
