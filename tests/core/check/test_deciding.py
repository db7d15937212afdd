"""A limit is decided by the interval of the figure; what would decide follows from its width."""

import pytest

from core.check.deciding import Decision, Figure, Sample, State, decide, overall
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
