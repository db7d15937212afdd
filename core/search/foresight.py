"""Which plans a search may ask for next, so that other machines make them ahead.

What is asked next depends on what the plans before it turn out to keep. A search is a generator, so
it is asked again with answers that are assumed: the plan does not help, or it does, or it loses
nothing. Each way is followed as long as it is likely. What is foreseen wrongly is thrown away:
which plans are tried, in which order, and what is said of them is not touched by it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from core.models.plan import QuantizationPlan
from core.search.candidates import Stopped
from core.search.questions import InFloat, Question, Trial, Try

MOST = 16  # plans that are foreseen
LIKELY = 0.02
_CHANCES = (0.55, 0.3, 0.15)  # that a plan does not help, that it does, that it loses nothing

Asking = Generator[Question, Any, Stopped]


@dataclass
class Foresight:
    """Of a search that `ask` begins, for a `bar` from which on a plan is called lossless."""

    ask: Callable[[], Asking]
    bar: float
    answers: list[Any] = field(default_factory=list)
    """What it was told, in the order of its questions."""

    def plans(self) -> tuple[QuantizationPlan, ...]:
        """Those that it may ask for next, the likeliest first."""
        chances: dict[QuantizationPlan, float] = {}
        order = count()  # of two that are as likely, the first one found
        ways: list[tuple[float, int, list[Any]]] = [(-1.0, next(order), list(self.answers))]
        while ways and len(chances) < MOST:
            chance, _, answers = heapq.heappop(ways)
            question = self._question(answers)
            if isinstance(question, InFloat):  # mostly there are none
                heapq.heappush(ways, (chance, next(order), [*answers, ()]))
                continue
            if not isinstance(question, Try):  # the end, or layers to be ranked by their errors
                continue
            chances[question.plan] = chances.get(question.plan, 0.0) - chance
            for share, trial in zip(_CHANCES, self._assumed(question.plan, answers), strict=True):
                if -chance * share > LIKELY:
                    heapq.heappush(ways, (chance * share, next(order), [*answers, trial]))
        return tuple(sorted(chances, key=lambda plan: -round(chances[plan], 6)))

    def _question(self, answers: list[Any]) -> Question | None:
        """What it asks after these answers; None where it ends."""
        asking = self.ask()
        try:
            question = next(asking)
            for answer in answers:
                question = asking.send(answer)
        except StopIteration:
            return None
        finally:
            asking.close()
        return question

    def _assumed(self, plan: QuantizationPlan, answers: list[Any]) -> tuple[Trial, ...]:
        best = max((one.kept for one in answers if isinstance(one, Trial)), default=0.0)
        helps = min(best, self.bar) + 0.5 * max(0.0, self.bar - best)
        return Trial(plan, 0.0), Trial(plan, helps), Trial(plan, 1.0)
