"""Which box the mouse means."""

from __future__ import annotations

import numpy as np

from app.viewer.scene.hit_test import NOTHING, box_at

BOXES = np.array([[0, 0, 100, 100], [20, 20, 40, 40], [30, 30, 90, 90]], np.float32)


def test_the_smallest_box_around_the_point() -> None:
    assert box_at(BOXES, 35, 35) == 1  # within all three
    assert box_at(BOXES, 50, 50) == 2
    assert box_at(BOXES, 5, 95) == 0
    assert box_at(BOXES, 101, 50) == NOTHING


def test_edges_belong_to_the_box_and_slop_widens_it() -> None:
    assert box_at(BOXES, 100, 100) == 0
    assert box_at(BOXES, 102, 50, slop=1) == NOTHING
    assert box_at(BOXES, 102, 50, slop=3) == 0


def test_no_boxes() -> None:
    assert box_at(np.zeros((0, 4), np.float32), 1, 1, slop=1e9) == NOTHING
