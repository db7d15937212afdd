"""The speeds that are shown beside a ratio divide to it."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.speed.pairing import paired
from core.metrics.speed.statistics import ratio_interval


@pytest.mark.parametrize("rounds", [1, 2, 3, 8, 9])
def test_they_are_of_the_rounds_in_the_middle(rounds: int) -> None:
    rng = np.random.default_rng(rounds)
    slow_and_fast = rng.choice([0.5, 1.0], rounds)  # a machine that is now this, now that
    parent = (12.0 * slow_and_fast * rng.uniform(0.9, 1.1, rounds)).tolist()
    optimized = (25.0 * slow_and_fast * rng.uniform(0.9, 1.1, rounds)).tolist()
    ratio = ratio_interval(optimized, parent).value
    found = paired(optimized, parent, ratio)
    assert found is not None
    mine, other = found
    assert mine / other == pytest.approx(ratio)
    assert min(optimized) <= mine <= max(optimized)
    assert min(parent) <= other <= max(parent)


def test_medians_of_each_side_would_not_divide_to_the_ratio() -> None:
    parent, optimized = [10.0, 13.0, 12.8], [20.4, 20.0, 26.0]
    ratio = ratio_interval(optimized, parent).value
    assert np.median(optimized) / np.median(parent) < 0.8 * ratio
    assert paired(optimized, parent, ratio) == (26.0, 12.8)


def test_a_ratio_of_other_rounds_has_none() -> None:
    assert paired([20.0, 30.0], [10.0, 10.0], 5.0) is None
    assert paired([], [], 1.0) is None
