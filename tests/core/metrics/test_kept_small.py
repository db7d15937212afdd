"""What is kept of small objects alone, on cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.detection.detections import Detections, DetectionTable
from core.metrics.accuracy.accuracy_kept import accuracy_kept
from core.metrics.accuracy.kept_small import FEWEST_SMALL, small_kept

SMALL, LARGE = 20.0, 100.0  # sides in pixels


def table(*found: tuple[float, float, float]) -> DetectionTable:
    """An image with squares: left edge, side and score."""
    boxes = np.array([(x, 10, x + side, 10 + side) for x, side, _ in found], np.float32)
    scores = np.array([score for _, _, score in found], np.float32)
    one = Detections(boxes.reshape(-1, 4), scores, np.zeros(len(found), np.int32))
    return DetectionTable.build(["a.jpg"], [(9999, 500)], [one], ["cat"])


SMALLS = tuple((50.0 * place, SMALL, 0.9) for place in range(FEWEST_SMALL))
LARGES = tuple((1000 + 200.0 * place, LARGE, 0.9) for place in range(30))
PARENT = table(*SMALLS, *LARGES)


def test_small_objects_that_are_lost_show_apart() -> None:
    found = table(*LARGES)
    assert accuracy_kept(PARENT, found) > 0.7
    assert small_kept(PARENT, found) == 0.0
    half = table(*SMALLS[::2], *LARGES)
    assert small_kept(PARENT, half) == pytest.approx(0.5)


def test_large_objects_and_what_is_large_by_mistake_do_not_count() -> None:
    assert small_kept(PARENT, table(*SMALLS)) == 1.0
    mistakes = tuple((8000 + 150.0 * place, LARGE, 0.95) for place in range(5))
    assert small_kept(PARENT, table(*SMALLS, *mistakes)) == 1.0
    assert accuracy_kept(PARENT, table(*SMALLS, *LARGES, *mistakes)) < 1.0


def test_a_small_mistake_counts() -> None:
    mistakes = tuple((8000 + 50.0 * place, SMALL, 0.95) for place in range(5))
    kept = small_kept(PARENT, table(*SMALLS, *mistakes))
    assert kept is not None
    assert kept < 0.8


def test_of_too_few_nothing_is_said() -> None:
    few = table(*SMALLS[1:], *LARGES)
    assert small_kept(few, few) is None
    unsure = table(*((x, side, 0.05) for x, side, _ in SMALLS), *LARGES)
    assert small_kept(unsure, unsure) is None, "they are no objects"
