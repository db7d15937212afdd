"""Soft agreement: what it must be on cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.detection.detections import Detections, DetectionTable
from core.errors import JobCancelled
from core.metrics.accuracy.accuracy_kept import accuracy_kept, accuracy_kept_interval
from tests.support.tables import random_pair, with_images

Row = tuple[tuple[float, float, float, float], float, int]  # box, score, class
BOX = (10.0, 10.0, 110.0, 110.0)
FAR = (300.0, 300.0, 400.0, 400.0)


def table(*rows: Row) -> DetectionTable:
    return DetectionTable.build(
        ["a.jpg"],
        [(500, 500)],
        [
            Detections(
                np.array([box for box, _, _ in rows], np.float32).reshape(-1, 4),
                np.array([score for _, score, _ in rows], np.float32),
                np.array([number for _, _, number in rows], np.int32),
            )
        ],
        ["cat", "dog"],
    )


PARENT = table((BOX, 0.9, 0), (FAR, 0.5, 0))


def test_the_same_detections_agree_fully() -> None:
    assert accuracy_kept(PARENT, PARENT) == 1.0
    assert accuracy_kept(table(), PARENT) == 1.0, "there is nothing that could be lost"


def test_scores_that_keep_their_order_cost_nothing() -> None:
    assert accuracy_kept(PARENT, table((BOX, 0.6, 0), (FAR, 0.4, 0))) == 1.0


def test_what_is_missed_costs_by_its_squared_score() -> None:
    """Found alone, .9 has precision .81; both together have .81 and (.81 + .25) / 2."""
    whole = 0.81 * 0.81 + 0.53 * 0.25
    assert accuracy_kept(PARENT, table((BOX, 0.9, 0))) == pytest.approx(0.81 * 0.81 / whole)
    only_weak = 0.25 * 0.25 / whole
    assert accuracy_kept(PARENT, table((FAR, 0.5, 0))) == pytest.approx(only_weak)


def test_false_detections_cost_where_they_rank_high() -> None:
    extra = ((200.0, 10.0, 290.0, 110.0), 0.95, 0)
    above = table(extra, (BOX, 0.9, 0), (FAR, 0.5, 0))
    below = table((BOX, 0.9, 0), (FAR, 0.5, 0), (extra[0], 0.05, 0))
    assert accuracy_kept(PARENT, above) < 0.7
    assert accuracy_kept(PARENT, below) == 1.0


def test_a_shifted_box_counts_at_the_overlaps_that_it_reaches() -> None:
    """IoU 90 x 100 / (2 x 10000 - 9000) = .82: at .50 to .80, not at .85."""
    shifted = (20.0, 10.0, 120.0, 110.0)
    alone = table((BOX, 0.9, 0))
    assert accuracy_kept(alone, table((shifted, 0.9, 0))) == pytest.approx(7 / 8)


def test_classes_weigh_by_their_detections() -> None:
    parent = table((BOX, 0.9, 0), (FAR, 0.3, 1))
    without_dog = accuracy_kept(parent, table((BOX, 0.9, 0)))
    assert without_dog == pytest.approx(0.81 / 0.90)
    assert accuracy_kept(parent, table((BOX, 0.9, 1), (FAR, 0.3, 1))) < 0.1, "another class"


def test_a_class_weighs_no_more_than_two_certain_detections() -> None:
    """mAP counts every class alike: one that is ruined is not hidden by one with many boxes."""
    many = [((10.0 * n, 10.0, 10.0 * n + 9, 19.0), 1.0, 0) for n in range(40)]
    dogs = [((10.0 * n, 50.0, 10.0 * n + 9, 59.0), 1.0, 1) for n in range(2)]
    assert accuracy_kept(table(*many, *dogs), table(*many)) == pytest.approx(0.5)


def test_many_boxes_of_the_parent_on_one_object_are_one_object() -> None:
    """A detector without NMS: whoever gives one of them loses nothing."""
    near = (12.0, 10.0, 112.0, 110.0)
    doubled = table((BOX, 0.9, 0), (near, 0.8, 0), (FAR, 0.5, 0))
    assert accuracy_kept(doubled, doubled) == 1.0
    assert accuracy_kept(doubled, PARENT) == 1.0
    assert accuracy_kept(doubled, table((BOX, 0.9, 0))) < 0.9


def test_the_interval_is_that_of_models_measured_on_images_drawn_again() -> None:
    """Weighing what was matched once gives what tables of the drawn images give."""
    pairs = [random_pair(seed) for seed in range(60)]
    parent, other = (
        DetectionTable.build(
            [f"{number}.jpg" for number in range(60)],
            [(640, 480)] * 60,
            [pair[side][0] for pair in pairs],
            pairs[0][0].class_names,
        )
        for side in (0, 1)
    )
    found = accuracy_kept_interval(parent, other)
    assert found.value == accuracy_kept(parent, other)
    random = np.random.default_rng(1)
    values = []
    for _ in range(900):  # with 300, its own ends move by .007
        drawn = random.integers(0, 60, 60)
        values.append(accuracy_kept(with_images(parent, drawn), with_images(other, drawn)))
    spread = np.array(values) - np.median(values)
    low, high = np.percentile(spread, [2.5, 97.5]) + found.value
    assert found.low == pytest.approx(low, abs=0.015)
    assert found.high == pytest.approx(high, abs=0.015)
    assert found.high - found.low > 0.05


def test_the_same_detections_leave_no_doubt() -> None:
    found = accuracy_kept_interval(PARENT, PARENT)
    assert (found.low, found.value, found.high) == (1, 1, 1)
    nothing = accuracy_kept_interval(table(), PARENT)
    assert (nothing.low, nothing.value, nothing.high) == (1, 1, 1)


def test_whoever_waits_can_stop_the_draws() -> None:
    def stop(done: int, total: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        accuracy_kept_interval(PARENT, PARENT, stop)
