"""Other input sizes as candidates of a search: after its plans, in a share of its time.

Each size is tried with the parent's own weights in float first, all sizes one after the other, so
that the curve is there even where the time is short; then with the best INT8 plan of the own size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from core.models.input_size import InputSize
from core.models.plan import QuantizationPlan
from core.search.candidates import Activity, Candidate, Reason, title_of
from core.search.record import Doing, Record
from core.search.workshop import Made, Workshop

SIZES_SHARE = 0.3  # of the budget, kept for them, at most
Work = Callable[[Candidate, Callable[[], Made]], Candidate]


@dataclass
class SizeTrials:
    """Tries them and notes them in the record.

    `work` makes, evaluates and records a candidate; `at_other_hints` tries it at those, too.
    """

    record: Record
    workshop: Workshop
    doing: Doing
    work: Work
    at_other_hints: Callable[[Candidate], None]

    @property
    def seconds(self) -> float:
        """Of the budget, that plans leave to them."""
        return SIZES_SHARE * self.record.seconds_in_all if self.wanted else 0.0

    @property
    def wanted(self) -> bool:
        """Whether any size but the model's own may be recommended."""
        return self.record.state.settings.input_sizes != "own"

    def try_all(self, in_time: Callable[[], bool]) -> None:
        """Until `in_time` says that there is no time for another one."""
        if not self.wanted:
            return
        sizes = self.workshop.input_sizes()
        for size in sizes:
            if in_time():
                self._in_float(size)
        best = self.record.state.candidate(self.record.state.choice.best_int8)
        if best is None or best.plan is None:
            return
        plan = best.plan
        self.workshop.expect(lambda: [replace(plan, input_size=size) for size in sizes])
        for size in sizes:
            if in_time():
                self._in_int8(size, best, replace(plan, input_size=size))

    def _in_float(self, size: InputSize) -> None:
        identity = f"resized-{size}-f32"
        candidate = Candidate(
            id=identity,
            making="resized",
            precision_hint="f32",
            reason=Reason(code="input_size"),
            input_size=size,
        )
        self._tried(candidate, lambda: self.workshop.resize(identity, size))

    def _in_int8(self, size: InputSize, best: Candidate, plan: QuantizationPlan) -> None:
        identity = f"plan-{best.number:02}-{size}-f32"
        candidate = Candidate(
            id=identity,
            number=best.number,
            making="int8_resized",
            precision_hint="f32",
            reason=Reason(code="plan_at_input_size"),
            plan=plan,
            input_size=size,
        )
        self._tried(candidate, lambda: self.workshop.quantize(identity, plan))

    def _tried(self, candidate: Candidate, make: Callable[[], Made]) -> None:
        found = self.record.state.candidate(candidate.id)
        if found is None:
            title = title_of(candidate.making, candidate.number, candidate.input_size)
            self.doing(Activity(doing="making", title=title, plan=candidate.plan))
            found = self.work(candidate, make)
        if found.failure is None:
            self.at_other_hints(found)
