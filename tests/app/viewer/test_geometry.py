"""Pan and zoom, as arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from app.viewer.scene.geometry import (
    MARGIN,
    MAX_SCALE,
    View,
    fitted,
    panned,
    showing,
    zoomed,
    zoomed_to,
)

IMAGE, PANE = (4000.0, 3000.0), (500.0, 400.0)


def test_a_fitted_image_is_centred_and_inside_the_margin() -> None:
    view = fitted(IMAGE, PANE)
    left, top = view.to_screen((0, 0), PANE)
    right, bottom = view.to_screen(IMAGE, PANE)
    assert (left, right) == pytest.approx((MARGIN, PANE[0] - MARGIN))
    assert top == pytest.approx(PANE[1] - bottom) and top > MARGIN


def test_screen_and_image_are_inverse() -> None:
    view = View(2.5, (100, 50))
    assert view.to_image(view.to_screen((12, 34), PANE), PANE) == pytest.approx((12, 34))
    box = view.boxes_to_screen(np.array([[12, 34, 56, 78]], np.float32), PANE)[0]
    assert tuple(box[:2]) == pytest.approx(view.to_screen((12, 34), PANE))
    assert tuple(box[2:]) == pytest.approx(view.to_screen((56, 78), PANE))


@pytest.mark.parametrize("at", [(50, 70), (250, 200), (490, 300)])
def test_zooming_in_keeps_the_point_under_the_cursor(at: tuple[float, float]) -> None:
    view = fitted(IMAGE, PANE)
    under = view.to_image(at, PANE)
    for _ in range(10):
        closer = zoomed(view, IMAGE, PANE, 1.3, at)
        assert closer is not None and closer.scale == pytest.approx(view.scale * 1.3)
        assert closer.to_screen(under, PANE) == pytest.approx(at)
        view = closer


def test_zoom_ends_at_both_ends() -> None:
    view = fitted(IMAGE, PANE)
    assert zoomed(view, IMAGE, PANE, 1e6, (9, 9)) == View(MAX_SCALE, pytest.approx((0, 0), abs=40))  # type: ignore[arg-type]
    assert zoomed(View(1, (2000, 1500)), IMAGE, PANE, 1e-6, (250, 200)) is None  # fits again


def test_a_small_image_can_be_seen_at_its_own_size() -> None:
    small = (32.0, 32.0)
    view: View | None = fitted(small, PANE)
    assert view is not None and view.scale > 10
    for _ in range(40):
        view = zoomed(view, small, PANE, 0.8, (250, 200)) or fitted(small, PANE)
        if view.scale == 1:
            return
    raise AssertionError("never at its own size")


def test_the_image_cannot_be_dragged_out_of_sight() -> None:
    view = View(1, (2000, 1500))
    assert panned(view, IMAGE, 30, -20).centre == (1970, 1520)
    assert panned(view, IMAGE, 1e6, 1e6).centre == (0, 0)
    assert panned(view, IMAGE, -1e6, -1e6).centre == IMAGE


def test_a_box_out_of_sight_is_brought_into_the_middle() -> None:
    view = View(1.0, (500, 400))
    assert showing(view, IMAGE, PANE, (400, 300, 600, 500)) == view
    assert showing(view, IMAGE, PANE, (2000, 1000, 2100, 1200)) == View(1.0, (2050, 1100))
    large = showing(view, IMAGE, PANE, (1000, 1000, 3000, 2000))
    assert large.scale == pytest.approx(0.25) and large.centre == (2000, 1500)


def test_a_box_that_is_zoomed_to_fills_half_of_the_pane() -> None:
    view = zoomed_to(IMAGE, PANE, (100, 100, 150, 120))
    x1, _ = view.to_screen((100, 100), PANE)
    x2, _ = view.to_screen((150, 120), PANE)
    assert x2 - x1 == pytest.approx(PANE[0] / 2)
    assert zoomed_to(IMAGE, PANE, (10, 10, 11, 11)).scale == MAX_SCALE
    assert zoomed_to(IMAGE, PANE, (0, 0, 4000, 3000)).scale >= fitted(IMAGE, PANE).scale
