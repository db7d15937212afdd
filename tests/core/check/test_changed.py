"""The share of detections that changed: by hand, and how sure it is."""

from __future__ import annotations

import pytest

from core.check.changed import changed_interval
from core.detection.detections import DetectionTable
from core.metrics.comparison.bootstrap import Interval
from core.metrics.matching.thresholds import Thresholds
from tests.support.tables import Row, table


def changed(
    parent: DetectionTable, other: DetectionTable, thresholds: Thresholds
) -> tuple[Interval, bool]:
    """In one part, and the same in several."""
    whole = changed_interval([(parent, other)], len(parent), thresholds)
    cuts = [range(0, 1), range(1, len(parent))]
    parts = [(parent.part(some), other.part(some)) for some in cuts]
    assert changed_interval(parts, len(parent), thresholds) == whole
    return whole


CAT: Row = (0, 0, 100, 100, 0.9, 0)
DOG: Row = (200, 0, 300, 100, 0.8, 1)
CAT_AS_BIRD: Row = (0, 0, 100, 95, 0.9, 2)
CAT_MOVED: Row = (0, 0, 100, 70, 0.9, 0)  # IoU .7: a match, but not at the same place
FAINT: Row = (400, 0, 500, 100, 0.2, 1)

PARENT = table([CAT], [CAT, DOG], [CAT, DOG], [], [CAT])


def test_both_models_detections_are_counted() -> None:
    """Of 6 and 6: a dog vanishes, a cat turns (in both), a dog appears, a cat moves (in both)."""
    other = table([CAT], [CAT], [CAT_AS_BIRD, DOG], [DOG], [CAT_MOVED])
    found, anything = changed(PARENT, other, Thresholds())
    assert found.value == pytest.approx((1 + 2 + 1 + 2) / 12)
    assert anything and found.low < found.value < found.high <= 1


def test_what_lies_below_the_score_threshold_is_no_detection() -> None:
    other = table([CAT], [CAT, DOG], [CAT, DOG], [FAINT], [CAT])
    assert changed(PARENT, other, Thresholds())[0].value == 0
    found, anything = changed(PARENT, other, Thresholds(score=0.1))
    assert anything and found.value == pytest.approx(1 / 13)


def test_nothing_at_all_has_not_changed() -> None:
    found, anything = changed(table([], []), table([], []), Thresholds())
    assert (found.low, found.value, found.high, anything) == (0, 0, 0, False)


def test_more_images_narrow_the_interval_by_their_root() -> None:
    def width(times: int) -> float:
        parent = table(*[[CAT], [CAT, DOG]] * times)
        other = table(*[[CAT], [CAT]] * times)
        found, _ = changed(parent, other, Thresholds())
        assert found.value == pytest.approx(1 / 5)
        return found.high - found.low

    assert width(25) / width(100) == pytest.approx(2, rel=0.25)
