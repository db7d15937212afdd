"""What a check says: the whole, each limit, and how it was measured."""

import pytest

from core.check.deciding import Decision, Figure, decide
from core.metrics.comparison.bootstrap import Interval
from core.wording.check import decision_sentence, how_sentences, summary_sentence
from tests.support.checks import FAILED, PASSED, UNDECIDED, check_result


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ((PASSED,), "Passed: the limit is met."),
        ((PASSED, PASSED), "Passed: all 2 limits are met."),
        ((FAILED, FAILED), "Failed: all 2 limits are missed."),
        ((PASSED, FAILED), "Failed: of 2 limits 1 is missed."),
        ((FAILED, FAILED, UNDECIDED), "Failed: of 3 limits 2 are missed, 1 is undecided."),
        ((UNDECIDED,), "Undecided: the limit is undecided."),
    ],
)
def test_the_whole(decisions: tuple[Decision, ...], said: str) -> None:
    assert summary_sentence(check_result(*decisions)) == said


def test_each_limit_in_its_unit() -> None:
    def figure(value: float, low: float, high: float) -> Figure:
        return Figure(Interval(value=value, low=low, high=high), "rounds", 20, seconds=10)

    assert decision_sentence(decide("latency_ms", 20, figure(12.5, 12, 13))) == (
        "Passed: Latency p50 is 12.50 ms (95% interval 12.00 ms to 13.00 ms, over 20 rounds); "
        "the limit is at most 20.00 ms."
    )
    assert decision_sentence(decide("throughput_ratio", 1.5, figure(1.625, 1.375, 1.75))).endswith(
        "About 80 rounds (20 were measured, --seconds 40) would decide, if the figure stays."
    )
    size = Figure(Interval(value=9.0, low=9.0, high=9.0), "file", 1)
    assert decision_sentence(decide("size_mb", 8, size)) == (
        "Failed: Size is 9.00 MB; the limit is at most 8.00 MB."
    )


def test_a_figure_is_not_rounded_to_the_other_side_of_its_limit() -> None:
    """It said that 2.54 MB are more than at most 2.54 MB."""
    size = Figure(Interval(value=2.5404, low=2.5404, high=2.5404), "file", 1)
    assert decision_sentence(decide("size_mb", 2.54, size)) == (
        "Failed: Size is 2.5404 MB; the limit is at most 2.54 MB."
    )
    kept = Figure(Interval(value=0.985, low=0.97998, high=0.99), "images", 100)
    said = decision_sentence(decide("accuracy_kept", 0.98, kept))
    assert "is 98.50% (95% interval 97.998% to 99.00%, over 100 images" in said
    assert "the limit is at least 98.00%" in said


def test_how_it_was_measured_names_what_was_asked_and_executed() -> None:
    said = " ".join(how_sentences(check_result(PASSED)))
    ran = "parent asked CPU, true f32; executed f32 in 60 layers (Processor, 2 threads)"
    assert f"Detections on 100 images: {ran};" in said
    assert "Changed predictions" not in said, "nobody asked for them"
    changed = decide(
        "predictions_changed", 0.1, Figure(Interval(value=0.0, low=0.0, high=0.0), "images", 100)
    )
    said = " ".join(how_sentences(check_result(changed)))
    assert "Changed predictions count from score 0.3 on, match from IoU 0.5 on" in said
