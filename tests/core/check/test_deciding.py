"""A limit is decided by the interval of the figure; what would decide follows from its width."""

import pytest

from core.check.deciding import (
    Decision,
    Figure,
    Sample,
    State,
    decide,
    others,
    overall,
    unjudged,
    worst,
)
from core.check.limits import LimitName
from core.metrics.comparison.bootstrap import Interval


def figure(
    value: float, low: float, high: float, count: int = 100, sample: Sample = "images"
) -> Figure:
    return Figure(Interval(value=value, low=low, high=high), sample, count)


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (0.981, 0.999, "passed"),
        (0.98, 0.99, "passed"),  # on the limit is within it
        (0.97, 0.9799, "failed"),
        (0.97, 0.98, "undecided"),
        (0.97, 0.99, "undecided"),
    ],
)
def test_at_least(low: float, high: float, state: State) -> None:
    one = decide("accuracy_kept", 0.98, figure((low + high) / 2, low, high))
    assert (one.side, one.state) == ("at_least", state)


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (-0.02, 0.01, "passed"),
        (0.0101, 0.03, "failed"),
        (0.01, 0.03, "undecided"),
        (-0.01, 0.02, "undecided"),
    ],
)
def test_at_most(low: float, high: float, state: State) -> None:
    one = decide("ap_drop", 0.01, figure((low + high) / 2, low, high))
    assert (one.side, one.state) == ("at_most", state)


def test_a_size_is_known_exactly() -> None:
    for allowed, state in ((2.5, "passed"), (2.4, "failed")):
        one = decide("size_mb", allowed, figure(2.5, 2.5, 2.5, 1, "file"))
        assert (one.state, one.needed) == (state, None)


def test_an_interval_twice_as_wide_as_the_distance_needs_four_times_the_images() -> None:
    one = decide("accuracy_kept", 0.98, figure(0.99, 0.97, 0.995, 100))
    assert (one.state, one.doubt, one.needed) == ("undecided", "interval", 400)
    # below the limit, it is the upper end that must come down
    one = decide("accuracy_kept", 0.98, figure(0.975, 0.9, 0.99, 100))
    assert one.needed == 900


def test_seconds_grow_with_the_rounds() -> None:
    found = Figure(Interval(value=1.6, low=1.4, high=1.9), "rounds", 20, seconds=10.0)
    one = decide("throughput_ratio", 1.5, found)
    assert one.needed == pytest.approx(80, abs=1)
    assert one.needed_seconds == pytest.approx(40, abs=0.5)


def test_on_the_limit_no_number_decides() -> None:
    one = decide("accuracy_kept", 0.98, figure(0.98, 0.97, 0.99))
    assert (one.doubt, one.needed) == ("interval", None)
    one = decide("accuracy_kept", 0.98, figure(0.98000001, 0.97, 0.99))
    assert one.needed is None, "a million images and more are no advice"


def test_a_few_images_decide_nothing_however_narrow_they_look() -> None:
    one = decide("accuracy_kept", 0.98, figure(1.0, 1.0, 1.0, 1))
    assert (one.state, one.doubt, one.needed) == ("undecided", "too_few", 20)
    one = decide("throughput_ratio", 1.5, figure(2.0, 1.9, 2.1, 4, "rounds"))
    assert (one.state, one.doubt, one.needed) == ("undecided", "too_few", 5)
    one = decide("ap_drop", 0.01, figure(0.01, 0.0, 0.02, 5))
    assert (one.doubt, one.needed) == ("too_few", 20), "on the limit, too"


def test_nothing_found_is_nothing_to_judge_by() -> None:
    nothing = Figure(Interval(value=1.0, low=1.0, high=1.0), "images", 500, nothing_found=True)
    one = decide("accuracy_kept", 0.98, nothing)
    assert (one.state, one.doubt, one.needed) == ("undecided", "nothing_found", None)


def test_one_missed_limit_fails_all_and_one_undecided_leaves_all_undecided() -> None:
    def of(limit: LimitName, low: float, high: float) -> Decision:
        return decide(limit, 0.5, figure((low + high) / 2, low, high))

    passed, failed = of("accuracy_kept", 0.6, 0.7), of("ap_drop", 0.6, 0.7)
    undecided = of("predictions_changed", 0.4, 0.6)
    assert overall((passed, passed)) == "passed"
    assert overall((passed, undecided)) == "undecided"
    assert overall((undecided, failed, passed)) == "failed"


def test_of_several_ways_the_worst_decides() -> None:
    """A limit is met by a target only if it is met however the target computes."""
    passed, unsure, failed = (
        decide("accuracy_kept", 0.5, figure((low + high) / 2, low, high))
        for low, high in ((0.6, 0.7), (0.4, 0.8), (0.3, 0.4))
    )
    assert worst((passed, failed, unsure)) is failed
    assert worst((passed, unsure)) is unsure
    better = decide("accuracy_kept", 0.5, figure(0.8, 0.75, 0.85))
    assert worst((better, passed)) is passed
    drops = [decide("ap_drop", 0.5, figure(value, 0.0, 0.45)) for value in (0.1, 0.4)]
    assert worst(drops) is drops[1]
    assert others((better, passed, *drops)) == (better, drops[0])


def test_what_could_not_all_be_tried_is_not_passed() -> None:
    met = decide("accuracy_kept", 0.5, figure(0.65, 0.6, 0.7))
    assert (unjudged(met).state, unjudged(met).doubt) == ("undecided", "not_judged")
    missed = decide("accuracy_kept", 0.8, figure(0.65, 0.6, 0.7))
    assert unjudged(missed) is missed
