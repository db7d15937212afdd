"""Where labels go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.viewer.scene.tags import Tag, place_tags

PANE, HEIGHT = (400.0, 300.0), 15.0


def place(
    boxes: Sequence[Sequence[float]],
    marked: Sequence[int] = (),
    full: float = 70,
    short: float = 40,
) -> list[Tag]:
    count = len(boxes)
    return place_tags(
        np.array(boxes, float).reshape(-1, 4),
        [full] * count,
        [short] * count,
        range(count),
        PANE,
        HEIGHT,
        marked,
    )


def test_above_the_box() -> None:
    (tag,) = place([[100, 100, 200, 200]])
    assert (tag.left, tag.top, tag.width, tag.short) == (99, 85, 70, False)


def test_not_cut_by_the_edges() -> None:
    corners = [[-50, -50, 60, 60], [330, -20, 450, 90], [-30, 250, 60, 350], [350, 240, 430, 330]]
    tags = place(corners)
    assert len(tags) == 4
    for tag in tags:
        assert 0 <= tag.left <= PANE[0] - tag.width and 0 <= tag.top <= PANE[1] - HEIGHT


def test_tiny_boxes_have_none_until_marked() -> None:
    tiny = [[100.0, 100, 110, 110]]
    assert place(tiny) == []
    (tag,) = place(tiny, marked=[0])
    assert not tag.short


def test_narrow_boxes_have_the_class_only() -> None:
    (tag,) = place([[100, 100, 130, 200]])
    assert tag.short and tag.width == 40


def test_labels_never_cover_each_other() -> None:
    rng = np.random.default_rng(1)
    corners = rng.uniform(0, 300, (80, 2))
    tags = place(np.hstack([corners, corners + rng.uniform(20, 120, (80, 2))]).tolist())
    assert len(tags) > 15
    for i, a in enumerate(tags):
        for b in tags[:i]:
            apart = (
                a.left + a.width <= b.left
                or b.left + b.width <= a.left
                or abs(a.top - b.top) >= HEIGHT
            )
            assert apart, (a, b)


def test_boxes_outside_have_none() -> None:
    assert place([[500, 100, 600, 200], [10, 400, 100, 500]], marked=[1]) == []
