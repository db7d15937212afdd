"""As few layers in float as do, by what they add to the error and for which work."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.inference.settings import Arithmetic, PrecisionHint
from core.models.plan import QuantizationPlan
from core.optimize.weighed import Weighed
from core.search.candidates import Reason
from core.search.plan_changes import without_errors
from core.search.search import Search
from core.wording.search import reason_sentence
from tests.support.asked_plans import searched
from tests.support.searches import MadeUpWorkshop, begun, say_nothing

WEIGHED = (
    Weighed("early", 0.40, 0.60),
    Weighed("worst", 0.45, 0.05),
    Weighed("free", 0.02, 0.0),
    Weighed("small", 0.08, 0.05),
    Weighed("good", 0.05, 0.30),
)


def errors_left(plan: QuantizationPlan) -> float:
    return sum(one.error for one in WEIGHED if one.name not in plan.ignored_names)


def work_in_float(plan: QuantizationPlan) -> float:
    return sum(one.work for one in WEIGHED if one.name in plan.ignored_names)


def test_layers_that_add_most_for_their_work_come_first_and_needless_ones_stay_quantized() -> None:
    found = without_errors(QuantizationPlan(ignored_names=("own",)), WEIGHED, 0.5)
    assert found.ignored_names == ("own", "worst", "small")
    assert without_errors(QuantizationPlan(), WEIGHED, 0.55).ignored_names == ("worst",)
    assert without_errors(QuantizationPlan(), WEIGHED, 1.0).ignored_names == ()
    everything = without_errors(QuantizationPlan(), WEIGHED, 0.0).ignored_names
    assert sorted(everything) == sorted(one.name for one in WEIGHED)


@pytest.mark.parametrize("lost", [0.15, 0.2, 0.5])
def test_no_more_stays_in_float_than_is_needed(lost: float) -> None:
    """What is lost grows with the errors that are left, and what is in float is slower."""

    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        return 1.0 - lost * errors_left(plan), 2.0 - work_in_float(plan)

    tried, why = searched(evaluate, weighed=WEIGHED)
    lossless = [plan for plan in tried if evaluate(plan)[0] >= 0.9]
    assert why == "found"
    assert "worst" in lossless[0].ignored_names
    best = max(lossless, key=lambda plan: evaluate(plan)[1])
    for name in best.ignored_names:
        left = errors_left(best) + next(one.error for one in WEIGHED if one.name == name)
        assert name == "free" or left * 1.6 > 0.1 / lost, f"{name} is needed, or nearly"
    first = next(n for n, plan in enumerate(tried) if evaluate(plan)[0] >= 0.9)
    assert first <= 10, "every plan takes seconds"


def test_where_errors_are_not_what_is_lost_the_rest_is_tried() -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        return 0.95 if "first_layer" in plan.ignored_parts else 0.5, 2.0

    tried, why = searched(evaluate, weighed=WEIGHED)
    assert why == "found"
    assert sum(bool(plan.ignored_names) for plan in tried) <= 1, "the first one says so"


def test_layers_are_weighed_once_by_the_model_of_the_best_plan(tmp_path: Path) -> None:
    asked: list[str] = []

    class Weighing(MadeUpWorkshop):
        def weighed_layers(self, model: str) -> tuple[Weighed, ...]:
            asked.append(model)
            return WEIGHED

        def accuracy_kept(
            self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
        ) -> float:
            return 0.4 if model in self.plans else super().accuracy_kept(model, hint, arithmetic)

    found = Search(begun(), tmp_path, Weighing(), say_nothing).run()
    made = [one for one in found.candidates if one.reason.code == "ignored_errors"]
    assert len(asked) == 1
    assert made
    assert made[0].plan is not None
    assert made[0].reason.count == len(made[0].plan.ignored_names)
    assert "in float: most error added per" in reason_sentence(made[0].reason)
    one = Reason(code="ignored_layers", count=1)
    assert reason_sentence(one) == "1 layer in float: most error added."
    again = Search(found, tmp_path, Weighing(), say_nothing).run()
    assert len(again.candidates) == len(found.candidates), "resumed, it arrives where it was"


def test_the_faster_one_is_taken_where_parts_lose_nothing_either() -> None:
    """Parts come first: weighing takes as long as several plans."""

    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        by_part = "first_layer" in plan.ignored_parts
        return (0.95 if by_part else 1.0 - 0.2 * errors_left(plan)), 1.0 if by_part else 2.0

    tried, why = searched(evaluate, weighed=WEIGHED)
    lossless = [plan for plan in tried if evaluate(plan)[0] >= 0.9]
    assert lossless[0].ignored_names == ()
    assert lossless[-1].ignored_parts == ()
    assert lossless[-1].ignored_names[0] == "worst"
    assert why == "found"
