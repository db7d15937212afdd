import numpy as np
import pytest

from core.detection.boxes import area, from_centres, paired_iou, usable


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((0, 0, 10, 10), (5, 0, 15, 10), 50 / 150),
        ((0, 0, 10, 10), (10, 0, 20, 10), 0.0),  # they touch; a pixel more would be the "+1" rule
        ((0, 0, 10, 10), (20, 20, 30, 30), 0.0),
        ((0, 0, 10, 10), (2, 2, 4, 4), 4 / 100),
        ((0, 0, 0, 0), (0, 0, 0, 0), 0.0),
        ((10, 10, 0, 0), (0, 0, 10, 10), 0.0),  # inside out
    ],
)
def test_iou(
    one: tuple[float, float, float, float],
    other: tuple[float, float, float, float],
    expected: float,
) -> None:
    assert paired_iou(boxes(one), boxes(other)) == pytest.approx([expected], abs=1e-12)
    assert paired_iou(boxes(other), boxes(one)) == pytest.approx([expected], abs=1e-12)


def test_iou_of_no_boxes() -> None:
    none = np.zeros((0, 4), np.float32)
    assert paired_iou(none, none).shape == (0,)


def test_area_of_a_box_inside_out_is_zero() -> None:
    assert area(boxes((0, 0, 4, 5), (4, 5, 0, 0), (0, 5, 4, 0))).tolist() == [20, 0, 0]


def test_boxes_from_centres() -> None:
    assert from_centres(boxes((10, 20, 4, 6))).tolist() == [[8, 17, 12, 23]]


def test_usable_boxes_are_finite_and_have_an_area() -> None:
    rows = boxes(
        (0, 0, 1, 1), (0, 0, 0, 1), (0, 1, 1, 0), (0, 0, np.nan, 1), (0, 0, np.inf, 1), (0, 0, 2, 2)
    )
    scores = np.array([0.5, 0.5, 0.5, 0.5, 0.5, np.nan], np.float32)
    assert usable(rows, scores).tolist() == [True, False, False, False, False, False]
