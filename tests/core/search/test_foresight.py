"""What other machines make ahead: which plans a search may ask for next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from core.models.plan import Part, QuantizationPlan
from core.search.foresight import MOST, Asking, Foresight
from core.search.questions import InFloat, Rank, Trial, Weigh
from core.search.strategy import search_plans

BAR = 0.9
PARTS: Mapping[Part, frozenset[str]] = {
    "elementwise": frozenset({"add"}),
    "last_convolutions": frozenset({"boxes"}),
    "depthwise": frozenset({"filter"}),
    "first_layer": frozenset({"first"}),
}
NETWORK = tuple(f"layer{number}" for number in range(18))
LAYERS = tuple((name,) for name in NETWORK[:10])


def asking() -> Asking:
    return search_plans(QuantizationPlan(target="cpu_vnni"), PARTS, NETWORK, BAR)


def nothing_helps(plan: QuantizationPlan) -> float:
    return 0.5


def mixed_and_one_part_help(plan: QuantizationPlan) -> float:
    return 0.4 + 0.2 * (plan.preset == "mixed") + 0.35 * ("last_convolutions" in plan.ignored_parts)


def subgraphs_help(plan: QuantizationPlan) -> float:
    return 0.5 + 0.1 * len({"layer0", "layer6", "layer12"}.intersection(plan.ignored_names))


@pytest.mark.parametrize(
    ("kept", "share"), [(nothing_helps, 0.8), (mixed_and_one_part_help, 0.6), (subgraphs_help, 0.8)]
)
def test_what_is_asked_next_is_foreseen_and_mostly_what_comes_after_that(
    kept: Callable[[QuantizationPlan], float], share: float
) -> None:
    foresight = Foresight(asking, BAR)
    questions = asking()
    answer: Any = None
    before: tuple[QuantizationPlan, ...] = ()
    ahead: list[bool] = []
    while True:
        plans = foresight.plans()
        try:
            question: Any = questions.send(answer)
        except StopIteration:
            break
        if isinstance(question, Rank | Weigh):
            assert not plans, "layers are ranked first"
            answer = LAYERS if isinstance(question, Rank) else ()
        elif isinstance(question, InFloat):
            answer = ()
        else:
            assert plans[0] == question.plan
            assert len(plans) <= MOST
            ahead.append(question.plan in before)
            answer = Trial(question.plan, kept(question.plan), 1.0)
        before = plans
        foresight.answers.append(answer)
    assert not foresight.plans()
    assert sum(ahead) / len(ahead) > share, "two workers have something to do"
