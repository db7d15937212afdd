"""What a lossless plan can do without is quantized again; what it needs is found out once."""

from __future__ import annotations

from core.models.plan import Part, QuantizationPlan
from tests.support.asked_plans import searched

NEEDED: tuple[Part, ...] = ("last_convolutions", "depthwise", "first_layer")


def _from_the_first_lossless_on(free: str = "") -> list[QuantizationPlan]:
    """Of a network that needs these parts in float; each in float costs speed, but the free one."""

    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        lost = sum(one not in plan.ignored_parts for one in NEEDED)
        costs = sum(one != free for one in plan.ignored_parts)
        return 0.95 - 0.1 * lost, 3.0 - 0.3 * costs

    tried, why = searched(evaluate)
    assert why == "found"
    first = next(n for n, one in enumerate(tried) if evaluate(one)[0] >= 0.9)
    return tried[first:]


def _without(part: Part, plans: list[QuantizationPlan]) -> int:
    return sum(part not in one.ignored_parts for one in plans)


def test_what_one_plan_needs_is_not_asked_of_the_next() -> None:
    tried = _from_the_first_lossless_on()
    assert tried[0].ignored_parts == ("post_processing", *NEEDED)
    assert tried[-1].ignored_parts == NEEDED, "which is faster, and found after the others failed"
    assert [_without(part, tried) for part in NEEDED] == [1, 1, 0], "the last was tried before"


def test_what_gains_no_speed_is_tried_once() -> None:
    tried = _from_the_first_lossless_on(free="post_processing")
    assert _without("post_processing", tried) == 1
    assert [_without(part, tried) for part in NEEDED] == [1, 1, 0]
