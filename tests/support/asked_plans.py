"""What a search asks about a made-up network, answered here."""

from __future__ import annotations

from collections.abc import Callable

from core.models.plan import QuantizationPlan, Target
from core.optimize.weighed import Weighed
from core.search.plan_changes import Operations, Parts
from core.search.questions import InFloat, Rank, Trial, Try, Weigh
from core.search.strategy import search_plans
from core.wording.search import reason_sentence

PARTS: Parts = {
    "elementwise": frozenset({"add"}),
    "head": frozenset({"stem", "boxes"}),
    "last_convolutions": frozenset({"boxes"}),
    "depthwise": frozenset({"filter"}),
    "first_layer": frozenset({"first"}),
    "post_processing": frozenset({"scale", "add"}),
    "attention": frozenset(),
}
LAYERS = tuple((f"layer{number}",) for number in (4, 17, 1, 9, 14))
NETWORK = tuple(f"layer{number}" for number in range(18))
Evaluate = Callable[[QuantizationPlan], tuple[float | None, float]]


def searched(
    evaluate: Evaluate,
    bar: float = 0.9,
    target: Target = "cpu_vnni",
    in_float: Operations = (),
    weighed: tuple[Weighed, ...] = (),
) -> tuple[list[QuantizationPlan], str]:
    """The plans that are tried on a network that `evaluate` knows, and why it ended."""
    start = QuantizationPlan(subset_size=8, target=target)
    questions = search_plans(start, PARTS, NETWORK, bar)
    tried: list[QuantizationPlan] = []
    answer: object = None
    while True:
        try:
            question = questions.send(answer)
        except StopIteration as end:
            return tried, str(end.value)
        if isinstance(question, Rank):
            answer = LAYERS
        elif isinstance(question, Weigh):
            answer = weighed
        elif isinstance(question, InFloat):
            answer = in_float
        else:
            assert isinstance(question, Try)
            assert reason_sentence(question.reason).endswith(".")
            tried.append(question.plan)
            kept, speed = evaluate(question.plan)
            answer = Trial(question.plan, kept, speed)
