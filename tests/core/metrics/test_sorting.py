"""Orders by sorting numbers are those that NumPy finds by sorting places."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.metrics.matching.matching import grouped
from core.metrics.matching.sorting import rising, rising_then_falling

Scores = NDArray[np.float32]


def scores_of(kind: str, count: int) -> Scores:
    random = np.random.default_rng(count)
    scores = random.random(count).astype(np.float32)
    if kind == "ties":
        return np.round(scores * 3).astype(np.float32)
    chosen = random.random(count) < 0.3
    others = {
        "zeros of both signs": -0.0,
        "negative": -0.5,
        "no number": np.nan,
        "infinite": np.inf,
    }
    if kind in others:
        scores[chosen] = others[kind]
    if kind == "zeros of both signs":
        scores[~chosen & (random.random(count) < 0.3)] = 0.0
    return scores


@pytest.mark.parametrize("count", [0, 1, 2, 3000])
@pytest.mark.parametrize(
    "kind", ["usual", "ties", "zeros of both signs", "negative", "no number", "infinite"]
)
@pytest.mark.parametrize("largest", [0, 7, 2**15, 2**31 - 1])
def test_the_stable_order_by_key_and_falling_score(count: int, kind: str, largest: int) -> None:
    keys = np.random.default_rng(1).integers(0, largest + 1, count).astype(np.int32)
    scores = scores_of(kind, count)
    expected = np.lexsort((-scores, keys))
    assert rising_then_falling(keys, scores).tolist() == expected.tolist()
    assert rising(keys).tolist() == np.argsort(keys, kind="stable").tolist()


def test_keys_that_leave_no_room_for_places() -> None:
    keys = np.array([2**62, 5, 2**62, 5, 0], np.int64)
    assert rising(keys).tolist() == [4, 1, 3, 0, 2]
    scores = np.array([0.1, 0.1, 0.9, 0.9, 0.5], np.float32)
    assert rising_then_falling(keys, scores).tolist() == [4, 3, 1, 2, 0]


@pytest.mark.parametrize(
    ("a", "b", "keys", "first_a", "first_b"),
    [
        ([], [], [], [0], [0]),
        ([], [4, 4], [4], [0, 0], [0, 2]),
        ([1, 1, 3], [], [1, 3], [0, 2, 3], [0, 0, 0]),
        ([0, 2, 2, 9], [2, 5, 9, 9], [0, 2, 5, 9], [0, 1, 3, 3, 4], [0, 0, 1, 2, 4]),
    ],
)
def test_where_the_keys_of_two_sides_begin(
    a: list[int], b: list[int], keys: list[int], first_a: list[int], first_b: list[int]
) -> None:
    found = grouped(np.array(a, np.int32), np.array(b, np.int32))
    assert [one.tolist() for one in found] == [keys, first_a, first_b]
    assert found[0].dtype == np.int32
