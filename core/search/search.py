"""A search for the setting that is fastest and loses nothing: the order of work.

What is tried next is decided in `core.search.strategy`, what is recommended in
`core.search.pareto`; the work itself is that of a `Workshop`. What was found out is in a `Record`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from core.errors import WorkbenchError
from core.jobs.quiet import working_seconds
from core.models.plan import QuantizationPlan
from core.search.candidates import (
    Activity,
    Candidate,
    Failure,
    Making,
    SearchState,
    Stopped,
    reason_at,
    reason_of,
    title_of,
)
from core.search.foresight import Foresight
from core.search.kept import evaluated
from core.search.made_alone import make_alone
from core.search.questions import Answer, InFloat, Question, Trial, Try, Weigh
from core.search.record import Doing, Record
from core.search.size_trials import SizeTrials
from core.search.speeds import Speeds
from core.search.strategy import search_plans
from core.search.workshop import Made, OutOfTimeError, Workshop
from core.targets.target import runs_by_default

PARENT_F32 = "parent-f32"
WEIGHTS_SHARE = 0.2  # of the budget, for models whose weights alone are smaller, at most


class Search:
    """One search, or the rest of one."""

    def __init__(
        self,
        state: SearchState,
        folder: Path,
        workshop: Workshop,
        doing: Doing,
        changed: Callable[[SearchState], None] = lambda state: None,
    ) -> None:
        """`doing` hears what it does, and may raise to stop; `changed` of every new record."""
        self._record = Record(state, folder, changed)
        self._workshop = workshop
        self._report = doing
        self._speeds = Speeds(self._record, workshop, self._doing)
        self._sizes = SizeTrials(
            self._record, workshop, self._doing, self._work, self._at_other_hints
        )
        self._until: float | None = None  # when the work on a candidate has to end
        self._weights_tried = self.state.settings.allowed == "int8"

    @property
    def state(self) -> SearchState:
        """What was found out so far."""
        return self._record.state

    @property
    def seconds_left(self) -> float:
        """Of the budget of this run; a search that is resumed has a new one."""
        return self._record.seconds_left

    def run(self) -> SearchState:
        """To the end: until nothing better is left to try, or the time is used up."""
        self._record.state = replace(self.state, stopped="")
        self._references(self._workshop.makings()[:1])
        stopped = self._plans()
        self._workshop.expect(tuple)
        self._other_weights()
        self._other_sizes()
        self._speeds.measure_finalists(self._at_other_hints)
        make_alone(self._record, self._workshop, self._doing, self._elsewhere)
        self._record.write(stopped=stopped)
        return self.state

    def _other_sizes(self) -> None:
        """In the time that is left but for the final measurement."""
        if not self._sizes.wanted:
            return
        left = self.seconds_left - self._speeds.final_seconds
        with suppress(OutOfTimeError), self._within(max(left, 0.0)):
            self._sizes.try_all(lambda: self.seconds_left > self._speeds.final_seconds)
        self._speeds.measure_references()

    def cancelled(self) -> None:
        """Note that the search was cancelled."""
        self._record.write(stopped="cancelled")

    def _doing(self, activity: Activity) -> None:
        self._report(self._record.activity(activity))

    def keep_to_budget(self) -> None:
        """To be called during the work on a candidate; raises OutOfTimeError to end that."""
        if self._until is not None and working_seconds() > self._until:
            raise OutOfTimeError

    # The parent, and models with other weights

    def _other_weights(self) -> None:
        """Models whose weights alone are smaller, in their share of the time.

        Once there is a lossless INT8 plan: that is what a search is for, and weights take long.
        """
        share = min(self._weights_seconds, self.seconds_left - self._speeds.final_seconds)
        self._weights_tried = True
        if share <= 0:
            return
        with suppress(OutOfTimeError), self._within(share):
            self._references(self._workshop.makings()[1:])
            self._speeds.measure_references()

    @property
    def _weights_seconds(self) -> float:
        """What is left to them of the time."""
        return 0.0 if self._weights_tried else WEIGHTS_SHARE * self._record.seconds_in_all

    def _references(self, makings: Sequence[Making]) -> None:
        for making in makings:
            self.keep_to_budget()
            self._doing(Activity(doing="making", title=title_of(making)))
            first = self._reference(making)
            if first.failure is None:
                self._at_other_hints(first)

    def _reference(self, making: Making) -> Candidate:
        """The stored candidate in true f32, or a new one."""
        identity = f"{making.replace('_', '-')}-f32"
        known = self.state.candidate(identity)
        if known is not None:
            return known
        candidate = Candidate(
            id=identity, making=making, precision_hint="f32", reason=reason_of(making, "f32")
        )
        return self._work(candidate, lambda: self._workshop.compress(identity, making))

    def _at_other_hints(self, first: Candidate) -> None:
        """The same model as it runs by default, where that computes in another precision."""
        if not runs_by_default(self.state.settings.target):
            return
        made = Made(model=first.model, size_bytes=first.size_bytes)
        for hint in self.state.settings.other_hints:
            identity = first.id.removesuffix("f32") + hint
            known = self.state.candidate(identity) is not None
            if known or self._workshop.executed("", hint) == "f32":
                continue
            candidate = Candidate(
                id=identity,
                number=first.number,
                making=first.making,
                input_size=first.input_size,
                precision_hint=hint,
                reason=reason_at(first, hint),
                plan=first.plan,
            )
            self._work(candidate, lambda: made, self._elsewhere(first))

    def _elsewhere(self, first: Candidate) -> float:
        """What a model keeps by default where that is f32, if it may run there, too."""
        kept = first.accuracy_kept if self.state.settings.target == "any" else None
        return 1.0 if kept is None else kept

    def _work(
        self, candidate: Candidate, make: Callable[[], Made], at_most: float = 1.0
    ) -> Candidate:
        """Make and evaluate a candidate, and record it, failed or not.

        It keeps `at_most` so much of the accuracy, which is known of it already.
        """
        started = working_seconds()
        try:
            self.keep_to_budget()
            made = make()
            found = replace(candidate, model=made.model, size_bytes=made.size_bytes)
            found = evaluated(self._workshop, self.state.arithmetics, found, at_most)
            candidate = found
            if candidate.plan is None:  # of INT8 plans the measurement says it: see `Speeds`
                ran = self._workshop.executed(made.model, candidate.precision_hint)
                candidate = replace(found, precision_executed=ran)
        except WorkbenchError as error:
            if candidate.id == PARENT_F32:  # without it there is nothing to compare with
                raise
            candidate = replace(candidate, failure=Failure.of(error))
        candidate = replace(candidate, seconds=round(working_seconds() - started, 2))
        self._record.add(candidate)
        return candidate

    # INT8 plans

    def _plans(self) -> Stopped:
        start = QuantizationPlan(
            subset_size=self.state.calibration_images,
            seed=self.state.settings.seed,
            target=self.state.settings.target,
        )
        parts, layers = self._workshop.parts(), self._workshop.layers()
        bar = self.state.settings.bar
        foresight = Foresight(lambda: search_plans(start, parts, layers, bar), bar)
        questions = foresight.ask()
        answer: Any = None
        self._workshop.expect(foresight.plans)
        while True:
            try:
                question = questions.send(answer)
            except StopIteration as end:
                stopped: Stopped = end.value
                return stopped
            known = self._record.of_plan(question.plan) if isinstance(question, Try) else None
            if known is None and not self._time_for_another:
                return "time"
            # The first plan may take longer: without it there would be none.
            bound = self.seconds_left - self._later if self._record.plans else None
            try:
                with self._within(bound):
                    answer = self._answer(question, known)
            except OutOfTimeError:
                return "time"
            foresight.answers.append(answer)
            self._workshop.expect(foresight.plans)
            if isinstance(answer, Trial) and answer.kept >= bar:
                self._other_weights()

    @property
    def _time_for_another(self) -> bool:
        tried = [one.seconds for one in self.state.candidates if one.plan is not None]
        first = tried[0] / 2 if tried else 0.0  # which collects what the others need, too
        needed = max(tried[1:], default=first)
        later = self._later if tried else 0.0  # nothing comes before the first plan
        return self.seconds_left > needed + self._speeds.final_seconds + later

    @property
    def _later(self) -> float:
        """What other weights and input sizes may take of the time, as far as they wait."""
        return self._weights_seconds + self._sizes.seconds

    @contextmanager
    def _within(self, seconds: float | None) -> Iterator[None]:
        """Let `keep_to_budget` end the work after so many seconds; None lets it go on."""
        self._until = None if seconds is None else working_seconds() + seconds
        try:
            yield
        finally:
            self._until = None

    def _answer(self, question: Question, known: Candidate | None) -> Answer:
        """Of a question that may be `known`, from before the search was cancelled."""
        if isinstance(question, Try):
            return self._trial_of(question, known)
        found = self._record.of_plan(question.plan)
        if isinstance(question, InFloat):
            made = found is not None and found.model
            return self._workshop.executed_in_float(made) if made else ()
        self._doing(Activity(doing="ranking"))
        if found is None or not found.model:
            return ()
        if isinstance(question, Weigh):
            return self._workshop.weighed_layers(found.model)
        return self._workshop.ranked_layers(found.model, question.plan)

    def _trial_of(self, question: Try, known: Candidate | None) -> Trial:
        candidate = known or self._quantized(question)
        lossless = (candidate.accuracy_kept or 0.0) >= self.state.settings.bar
        if known is None or lossless:  # it may have been cancelled before the speed was measured
            self._speeds.measure_trials(at_once=lossless)
        found = self.state.candidate(candidate.id) or candidate
        return Trial(question.plan, found.accuracy_kept, found.speed.value if found.speed else None)

    def _quantized(self, question: Try) -> Candidate:
        """By the plan of the question; its number is the first free one.

        That is its own again where its model is gone: plans are asked for in the same order.
        """
        plan, taken = question.plan, {one.number for one in self._record.plans}
        number = next(one for one in count(1) if one not in taken)
        self._doing(Activity(doing="making", title=title_of("int8", number), plan=plan))
        identity = f"plan-{number:02}-f32"
        candidate = Candidate(
            id=identity,
            number=number,
            making="int8",
            precision_hint="f32",
            reason=question.reason,
            plan=plan,
        )
        return self._work(candidate, lambda: self._workshop.quantize(identity, plan))
