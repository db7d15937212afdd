"""A search for the setting that is fastest and loses nothing: the order of work, and its record.

What is tried next is decided in `core.search.strategy`, what is recommended in
`core.search.pareto`; the work itself is that of a `Workshop`. The record is written after every
candidate, so that a search that was cancelled, or whose process died, goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from msgspec.structs import replace

from core.errors import WorkbenchError
from core.inference.compiling import PrecisionHint
from core.models.plan import QuantizationPlan
from core.optimize.words import summary
from core.search.candidates import STATE_FILE, Candidate, Making, SearchState
from core.search.pareto import choose
from core.search.strategy import Operations, Rank, Trial, Try, search_plans
from core.search.workshop import Made, Workshop
from core.values import write_json

FINAL_SHARE = 0.4  # of the budget, kept for the last measurement, at most
FINAL_SECONDS = 30.0  # of measuring, in it
TRIAL_SECONDS = 2.0  # of measuring a candidate while searching
TOGETHER = 4  # candidates whose speed is measured in one go, unless one is lossless
FASTEST = 3  # of the lossless INT8 plans, in the last measurement
EXACT = 2  # of the most exact ones, as well
FINALISTS = FASTEST + EXACT + 1  # with the one chosen so far; besides NNCF's default
HINTS: tuple[PrecisionHint, ...] = ("f32", "default")
PARENT_F32 = "parent-f32"
_TITLES: dict[Making, str] = {
    "parent": "Parent",
    "fp16_weights": "Weights in FP16",
    "int8_weights": "Weights in INT8",
    "int8": "INT8",
}


@dataclass
class Search:
    """One search, or the rest of one.

    `tell` is told where the search is, in words, and may raise to stop; `changed` is told of every
    new record after it was written.
    """

    state: SearchState
    folder: Path
    workshop: Workshop
    tell: Callable[[str], None]
    changed: Callable[[SearchState], None] = lambda state: None
    _started: float = field(default_factory=monotonic)
    _before: float = 0.0
    _lane_seconds: float = 3.0  # until a model is ready to be measured, as far as is known

    def __post_init__(self) -> None:
        self._before = self.state.seconds

    def run(self) -> SearchState:
        """To the end: until nothing better is in sight, or the time is used up."""
        self.state = replace(self.state, stopped="")
        self._references()
        why = self._plans()
        self._finals()
        self._record(stopped=why)
        return self.state

    def stop(self, why: str) -> None:
        """Note why the search ended before its end."""
        self._record(stopped=why)

    @property
    def seconds_left(self) -> float:
        """Of the budget of this run; a search that goes on has a new one."""
        return max(0.0, 60 * self.state.settings.minutes - (monotonic() - self._started))

    @property
    def progress(self) -> str:
        """The best so far in a few words, for the stages of the work."""
        best = self.state.candidate(self.state.choice.best_int8)
        if best is None or best.agreement is None:
            return "none measured yet"
        speed = f", {best.speed.value:.2f}x" if best.speed else ""
        return f"best {best.agreement:.1%}{speed}"

    # The parent, and models with other weights

    def _references(self) -> None:
        only = self.state.settings.allowed == "int8"
        for making in ("parent",) if only else self.workshop.makings():
            self._tell(_TITLES[making])
            first = self._candidate(f"{making.replace('_', '-')}-f32", making, "f32", None)
            if first.problem:
                continue
            self._at_other_hints(first)
        new = [one for one in self.state.candidates if not one.problem and one.speed is None]
        if new and all(one.speed is None for one in self.state.candidates):
            hints = [hint for hint in HINTS if any(one.precision_hint == hint for one in new)]
            self._measure(new, hints, TRIAL_SECONDS * len(new) / 2, final=False)

    def _at_other_hints(self, first: Candidate) -> None:
        """The same model as it runs by default, where that computes in another precision."""
        for hint in HINTS[1:]:
            if self.workshop.executed("", hint) == "f32":
                continue
            identity = first.id.removesuffix("f32") + hint
            if self.state.candidate(identity) is None:
                self._candidate(identity, first.making, hint, first)

    def _candidate(
        self, identity: str, making: Making, hint: PrecisionHint, like: Candidate | None
    ) -> Candidate:
        """The stored candidate, or a new one; of the model of the candidate `like`, if given."""
        known = self.state.candidate(identity)
        if known is not None:
            return known

        def made() -> Made:
            if like is not None:
                return Made(model=like.model, size_bytes=like.size_bytes)
            return self.workshop.compress(identity, making)

        return self._work(
            Candidate(
                id=identity,
                title=like.title if like else _TITLES[making],
                reason=like.reason if like and making == "int8" else _reason(making, hint),
                making=making,
                precision_hint=hint,
                plan=like.plan if like else None,
            ),
            made,
        )

    def _work(self, candidate: Candidate, make: Callable[[], Made]) -> Candidate:
        """Make and judge a candidate, and keep it, failed or not."""
        started = monotonic()
        try:
            made = make()
            candidate = replace(
                candidate,
                model=made.model,
                size_bytes=made.size_bytes,
                agreement=self.workshop.agreement(made.model, candidate.precision_hint),
                precision_executed=self.workshop.executed(made.model, candidate.precision_hint),
            )
        except WorkbenchError as error:
            if candidate.id == PARENT_F32:  # without it there is nothing to compare with
                raise
            candidate = replace(candidate, problem=str(error))
        candidate = replace(candidate, seconds=round(monotonic() - started, 2))
        self._record(candidates=(*self.state.candidates, candidate))
        return candidate

    # INT8 plans

    def _plans(self) -> str:
        start = QuantizationPlan(
            subset_size=self.state.calibration_images, seed=self.state.settings.seed
        )
        questions = search_plans(
            start, self.workshop.parts(), self.workshop.layers(), self.state.settings.bar
        )
        answer: Any = None
        while True:
            try:
                question = questions.send(answer)
            except StopIteration as end:
                return str(end.value)
            known = self._known(question)
            if known is None and not self._time_for_another:
                return "The time was used up."
            answer = known if known is not None else self._answer(question)

    @property
    def _time_for_another(self) -> bool:
        tried = [one.seconds for one in self.state.candidates if one.plan is not None]
        needed = max(tried, default=0.0)
        return self.seconds_left > needed + self._final_seconds

    @property
    def _final_seconds(self) -> float:
        """What judging the finalists at their other hints and the last measurement may take."""
        references = [one for one in self.state.candidates if one.making != "int8"]
        judging = max((one.seconds for one in references if not one.model), default=0.0)
        models = len({one.model for one in references}) + FINALISTS + 1
        needed = len(HINTS) * models * self._lane_seconds + (FINALISTS + 1) * judging
        return min(needed + FINAL_SECONDS, FINAL_SHARE * 60 * self.state.settings.minutes)

    def _known(self, question: Try | Rank) -> Trial | None:
        if isinstance(question, Rank):
            return None
        found = self._of_plan(question.plan)
        return _trial(question.plan, found) if found else None

    def _of_plan(self, plan: QuantizationPlan) -> Candidate | None:
        for one in self.state.candidates:
            if one.plan == plan and one.precision_hint == "f32":
                return one
        return None

    def _answer(self, question: Try | Rank) -> Trial | tuple[Operations, ...]:
        if isinstance(question, Rank):
            found = self._of_plan(question.plan)
            self._tell("Ranking the layers by their error")
            if found is None or not found.model:
                return ()
            return self.workshop.ranked_layers(found.model, question.plan)
        plan = question.plan
        number = len(self._plan_candidates) + 1
        words = summary(replace(plan, subset_size=300, seed=0))
        title = "Default INT8" if number == 1 else f"INT8 {number}"
        self._tell(f"{title}: {words}")
        identity = f"plan-{number:02}-f32"
        candidate = Candidate(
            id=identity,
            title=title,
            reason=question.reason,
            making="int8",
            precision_hint="f32",
            plan=plan,
        )
        candidate = self._work(candidate, lambda: self.workshop.quantize(identity, plan))
        lossless = (candidate.agreement or 0.0) >= self.state.settings.bar
        if lossless or number == 1 or len(self._unmeasured) >= TOGETHER:
            self._measure_trials()
        return _trial(plan, self.state.candidate(identity) or candidate)

    @property
    def _plan_candidates(self) -> list[Candidate]:
        return [one for one in self.state.candidates if one.plan and one.precision_hint == "f32"]

    # Speed

    @property
    def _unmeasured(self) -> list[Candidate]:
        return [one for one in self._plan_candidates if one.speed is None and not one.problem]

    def _measure_trials(self) -> None:
        """A first look at the speed of the plans that have none."""
        new = self._unmeasured
        if new:
            self._measure(new, ("f32",), TRIAL_SECONDS * len(new), final=False)

    def _finals(self) -> None:
        """The finalists at every hint, in one measurement."""
        if self.seconds_left > self._final_seconds:
            self._measure_trials()
        finalists = [
            one for one in self.state.candidates if one.making != "int8" and not one.problem
        ]
        for one in self._best_plans():
            self._at_other_hints(one)
            finalists.append(one)
        models = {one.model for one in finalists}
        used = {one.precision_hint for one in self.state.candidates if one.model in models}
        hints = [hint for hint in HINTS if hint in used]
        seconds = min(FINAL_SECONDS, max(TRIAL_SECONDS, self.seconds_left / 2))
        self._measure(finalists, hints, seconds, final=True)

    def _best_plans(self) -> list[Candidate]:
        """The INT8 plans that are worth a closer look.

        The default; those that are lossless and fast, or nearly lossless; the most exact, which
        can best afford that their rest runs in bf16; the one chosen so far, at whichever hint.
        """
        plans = [one for one in self._plan_candidates if one.agreement is not None]
        bar = self.state.settings.bar

        def order(one: Candidate) -> tuple[bool, float]:
            agreement = one.agreement or 0.0
            speed = one.speed.value if one.speed else 0.0
            return (agreement < bar, -speed if agreement >= bar else -agreement)

        best = [*plans[:1], *sorted(plans, key=order)[:FASTEST]]
        best += sorted(plans, key=lambda one: -(one.agreement or 0.0))[:EXACT]
        chosen = self.state.candidate(self.state.choice.best_int8)
        best += [one for one in plans if chosen is not None and one.plan == chosen.plan]
        return list({one.id: one for one in best}.values())

    def _measure(
        self,
        candidates: Sequence[Candidate],
        hints: Sequence[PrecisionHint],
        seconds: float,
        *,
        final: bool,
    ) -> None:
        models = list(dict.fromkeys(["", *(one.model for one in candidates)]))
        self._tell("Measuring speed in turns")
        started = monotonic()
        measured = self.workshop.speeds(models, hints, seconds)
        waited = max(0.0, monotonic() - started - seconds)
        self._lane_seconds = waited / max(1, len(models) * len(hints))
        session = 1 + max((one.session for one in self.state.candidates), default=0) if final else 0

        def told(one: Candidate) -> Candidate:
            speed = measured.get((one.model, one.precision_hint))
            if speed is None or one.problem or (one.session and not final):
                return one
            return replace(
                one,
                speed=speed.ratio,
                throughput_fps=speed.throughput_fps,
                precision_executed=speed.precision_executed,
                session=session,
            )

        self._record(candidates=tuple(told(one) for one in self.state.candidates))

    # The record

    def _record(self, **changes: Any) -> None:
        state = replace(
            self.state, **changes, seconds=round(self._before + monotonic() - self._started, 1)
        )
        self.state = replace(state, choice=choose(state.candidates, state.settings))
        write_json(self.folder / STATE_FILE, self.state)
        self.changed(self.state)

    def _tell(self, what: str) -> None:
        self.tell(f"{what} ({self.progress})")


def _trial(plan: QuantizationPlan, found: Candidate) -> Trial:
    return Trial(plan, found.agreement, found.speed.value if found.speed else None)


def _reason(making: Making, hint: PrecisionHint) -> str:
    if making == "fp16_weights":
        return "Half the size; computes as before."
    if making == "int8_weights":
        return "A quarter of the size; computes in float."
    return (
        "What everything is compared with." if hint == "f32" else "As OpenVINO runs it by itself."
    )
