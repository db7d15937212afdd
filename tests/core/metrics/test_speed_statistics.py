"""Medians, intervals and verdicts of measured rounds."""

import numpy as np
import pytest

from core.metrics.speed.figures import MIN_ROUNDS, Interval
from core.metrics.speed.statistics import latency, ratio_interval, spread, verdict


def test_spread_is_median_and_quartiles() -> None:
    found = spread([5, 1, 4, 2, 3])
    assert (found.low, found.median, found.high) == (2, 3, 4)


def test_latency_is_over_all_samples_and_spread_over_rounds() -> None:
    found = latency([[1, 1, 1], [2, 2], [10, 20, 30, 40, 50]])
    assert found.p50 == 6
    assert found.p90 == pytest.approx(41)
    assert (found.p50_spread.low, found.p50_spread.median) == (1.5, 2)


def test_the_interval_holds_the_truth() -> None:
    """Nominally 95%; rounds are few, so that a percentile bootstrap keeps a little less."""
    random = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        numerator = 2.0 * np.exp(random.normal(0, 0.05, 15))
        denominator = np.exp(random.normal(0, 0.05, 15))
        found = ratio_interval(numerator.tolist(), denominator.tolist())
        assert found.low <= found.value <= found.high
        held += found.low <= 2.0 <= found.high
    assert 0.88 <= held / 200 <= 1


def test_rounds_are_paired() -> None:
    """A machine that changes its speed threefold between rounds does not blur the ratio."""
    machine = np.random.default_rng(0).uniform(1, 3, 20)
    found = ratio_interval((2 * machine).tolist(), machine.tolist())
    assert (found.value, found.low, found.high) == (2, 2, 2)
    assert found.differs_from_one


def test_an_interval_around_one_is_no_difference() -> None:
    assert not Interval(value=1.01, low=0.99, high=1.03).differs_from_one
    assert Interval(value=1.05, low=1.005, high=1.09).differs_from_one
    assert not Interval(value=1.01, low=1.005, high=1.03).differs_from_one, "the noise floor"


def test_a_verdict_needs_rounds_and_more_than_the_noise_floor() -> None:
    sure = Interval(value=1.3, low=1.2, high=1.4)
    assert verdict(sure, MIN_ROUNDS) == "faster"
    assert verdict(sure, MIN_ROUNDS - 1) == "too few rounds"
    assert verdict(Interval(value=0.7, low=0.6, high=0.8), 9) == "slower"
    assert verdict(Interval(value=1.01, low=1.005, high=1.02), 99) == "within the noise"
