"""Where panes lie."""

from __future__ import annotations

import pytest

from app.viewer.scene.arrangement import GAP, Rect, side_by_side, stacked

LANDSCAPE, PORTRAIT = (640.0, 480.0), (480.0, 640.0)
HEAD = 20


def columns(area: tuple[int, int], image: tuple[float, float], panes: int) -> int:
    return len({cell.pane.x for cell in side_by_side(area, image, panes, HEAD)})


@pytest.mark.parametrize("image", [LANDSCAPE, PORTRAIT, (4000.0, 200.0)])
def test_two_panes_always_stand_beside_each_other(image: tuple[float, float]) -> None:
    left, right = side_by_side((808, 400), image, 2, HEAD)
    assert left.title == Rect(0, 0, 400, HEAD)
    assert left.pane == Rect(0, HEAD, 400, 380)
    assert right.pane == Rect(400 + GAP, HEAD, 400, 380)


def test_three_panes_take_what_shows_the_image_larger() -> None:
    assert columns((800, 600), LANDSCAPE, 3) == 2
    assert columns((800, 600), PORTRAIT, 3) == 3
    assert columns((1800, 500), LANDSCAPE, 3) == 3
    assert columns((760, 470), LANDSCAPE, 3) == 3, "the window of 1366 with its list"
    assert columns((1090, 470), LANDSCAPE, 3) == 3, "the window of 1366 without its list"
    assert columns((500, 900), (1920.0, 1080.0), 3) == 1


def test_nothing_overlaps_or_leaves_the_area() -> None:
    for area in ((320, 160), (803, 607)):
        cells = side_by_side(area, LANDSCAPE, 3, HEAD)
        rects = [rect for cell in cells for rect in (cell.title, cell.pane)]
        for i, a in enumerate(rects):
            assert a.x >= 0 and a.x + a.width <= area[0] and a.y + a.height <= area[1]
            for b in rects[:i]:
                assert (
                    a.x >= b.x + b.width
                    or b.x >= a.x + a.width
                    or a.y >= b.y + b.height
                    or b.y >= a.y + a.height
                )


def test_stacked_panes_have_the_whole_area() -> None:
    assert stacked((500, 300), HEAD).pane == Rect(0, HEAD, 500, 280)
