from typing import Any

import numpy as np
import pytest

from core.models.preprocessing import Preprocessing


def one_colour(width: int, height: int, bgr: tuple[int, int, int]) -> np.ndarray[Any, Any]:
    return np.full((height, width, 3), bgr, np.uint8)


def test_bgr_nchw_without_normalisation() -> None:
    tensor, placement = Preprocessing(width=8, height=4).apply(one_colour(16, 4, (10, 20, 30)))
    assert tensor.shape == (1, 3, 4, 8)
    assert tensor.dtype == np.float32
    assert [np.unique(channel).tolist() for channel in tensor[0]] == [[10], [20], [30]]
    assert (placement.scale_x, placement.scale_y) == (0.5, 1)


def test_rgb_nhwc_with_mean_and_scale_in_the_models_channel_order() -> None:
    wanted = Preprocessing(
        width=8,
        height=4,
        color_order="rgb",
        mean=(30.0, 0.0, 0.0),
        scale=(1.0, 2.0, 5.0),
        layout="NHWC",
    )
    tensor, _ = wanted.apply(one_colour(8, 4, (10, 20, 30)))
    assert tensor.shape == (1, 4, 8, 3)
    assert tensor[0, 0, 0].tolist() == [0, 10, 2]


def test_bytes_stay_bytes() -> None:
    wanted = Preprocessing(width=8, height=4, element_type="u8", layout="NHWC")
    tensor, _ = wanted.apply(one_colour(8, 4, (10, 20, 30)))
    assert tensor.dtype == np.uint8
    assert tensor[0, 0, 0].tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("resize", "columns"),
    [("letterbox", slice(2, 6)), ("letterbox_top_left", slice(0, 4)), ("stretch", slice(0, 8))],
)
def test_padding_lies_where_it_should(resize: Any, columns: slice) -> None:
    wanted = Preprocessing(width=8, height=8, resize=resize, pad_value=7)
    tensor, _ = wanted.apply(one_colour(50, 100, (200, 200, 200)))
    expected = np.full((8, 8), 7)
    expected[:, columns] = 200
    assert tensor[0, 0].tolist() == expected.tolist()


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (333, 77)])
@pytest.mark.parametrize("resize", ["letterbox", "letterbox_top_left", "stretch"])
def test_images_of_every_shape_fit(resize: Any, size: tuple[int, int]) -> None:
    wanted = Preprocessing(width=24, height=16, resize=resize)
    tensor, placement = wanted.apply(one_colour(*size, (1, 2, 3)))
    assert tensor.shape == (1, 3, 16, 24)
    assert (placement.original_width, placement.original_height) == size


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Preprocessing(width=4, height=3), "BGR 0..255, 4x3, stretch"),
        (
            Preprocessing(width=4, height=3, scale=(255.0, 255.0, 255.0), color_order="rgb"),
            "RGB 0..1, 4x3, stretch",
        ),
        (
            Preprocessing(width=4, height=3, resize="letterbox_top_left"),
            "BGR 0..255, 4x3, letterbox top left with 114",
        ),
        (
            Preprocessing(width=4, height=3, mean=(1.0, 2.0, 3.5)),
            "BGR mean 1/2/3.5, scale 1/1/1, 4x3, stretch",
        ),
    ],
)
def test_it_is_described_in_one_line(wanted: Preprocessing, words: str) -> None:
    assert wanted.describe() == words
