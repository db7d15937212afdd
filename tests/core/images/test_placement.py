import numpy as np
import pytest

from core.images.placement import Placement, letterbox, stretch

SIZES = [(640, 480), (480, 640), (1, 1), (1, 1000), (1000, 1), (333, 77), (64, 64), (4001, 2999)]


def placements(width: int, height: int) -> list[Placement]:
    return [
        stretch(width, height, 64, 96),
        letterbox(width, height, 64, 96, centred=True),
        letterbox(width, height, 64, 96, centred=False),
    ]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_box_comes_back_from_where_it_was_drawn(width: int, height: int) -> None:
    random = np.random.default_rng(width)
    low = random.uniform(0, 0.5, (50, 2))
    high = random.uniform(0.5, 1, (50, 2))
    original = np.concatenate([low, high], axis=1) * [width, height, width, height]
    for place in placements(width, height):
        scale = [place.scale_x, place.scale_y] * 2
        offset = [place.offset_x, place.offset_y] * 2
        drawn = (original * scale + offset).astype(np.float32)
        assert place.to_original(drawn) == pytest.approx(original, rel=1e-5, abs=1e-3)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_image_lies_inside_the_input(width: int, height: int) -> None:
    for place in placements(width, height):
        assert 1 <= place.drawn_width <= 64
        assert 1 <= place.drawn_height <= 96
        assert 0 <= place.offset_x <= 64 - place.drawn_width
        assert 0 <= place.offset_y <= 96 - place.drawn_height


def test_stretching_fills_the_input() -> None:
    place = stretch(333, 77, 64, 96)
    assert (place.drawn_width, place.drawn_height) == (64, 96)


def test_letterboxing_keeps_the_shape() -> None:
    place = letterbox(200, 100, 64, 96, centred=True)
    assert (place.scale_x, place.scale_y) == (0.32, 0.32)
    assert (place.drawn_width, place.drawn_height) == (64, 32)
    assert (place.offset_x, place.offset_y) == (0, 32)
    corner = letterbox(200, 100, 64, 96, centred=False)
    assert (corner.offset_x, corner.offset_y) == (0, 0)


def test_boxes_are_cut_at_the_images_edge() -> None:
    place = letterbox(200, 100, 64, 96, centred=True)
    moved = place.to_original(np.array([[-10, 0, 70, 96]], np.float32))
    assert moved.tolist() == [[0, 0, 200, 100]]
