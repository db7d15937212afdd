"""The speed of a search's candidates: a first look at each, and a final one at the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from core.inference.settings import PrecisionHint
from core.jobs.quiet import working_seconds
from core.search.candidates import Activity, Candidate
from core.search.pareto import at_other_sizes, own_size, pareto_front, rivals
from core.search.record import Doing, Record
from core.search.settings import SearchSettings
from core.search.workshop import Rivals, Workshop

FINAL_SHARE = 0.4  # of the budget, kept for the final measurement, at most
FINAL_SECONDS = 30.0  # of measuring, in it
TRIAL_SECONDS = 2.0  # of measuring a lossless plan while searching,
SIZE_SECONDS = 1.0  # a model at another input size,
LOOK_SECONDS = 0.5  # and one whose speed decides nothing: a plan that loses, or no plan
TOGETHER = 8  # candidates whose speed is measured in one go, unless one is lossless,
LATEST_SECONDS = 30.0  # or none was measured for so long
FASTEST = 3  # of the lossless INT8 plans, in the final measurement
EXACT = 2  # of the most exact ones, as well
FINALISTS = FASTEST + EXACT + 1  # with the one chosen so far; besides NNCF's default


@dataclass
class Speeds:
    """Measures candidates and notes it in the record."""

    record: Record
    workshop: Workshop
    doing: Doing
    _lane_seconds: float = 3.0  # until a model is ready to be measured, as far as is known
    _measured: float = field(init=False)  # when that was last

    def __post_init__(self) -> None:
        self._measured = working_seconds()

    @property
    def final_seconds(self) -> float:
        """What evaluating the finalists, the final measurement, and making one again may take."""
        state = self.record.state
        references = [one for one in state.candidates if one.making != "int8"]
        evaluating = max((one.seconds for one in references if not one.model), default=0.0)
        models = len({one.model for one in references}) + FINALISTS + 1
        runs = len(_hints(state.settings)) * models
        needed = runs * self._lane_seconds + (FINALISTS + 1) * evaluating
        needed += max((one.seconds for one in self.record.plans[:1]), default=0.0)
        return min(needed + FINAL_SECONDS, FINAL_SHARE * self.record.seconds_in_all)

    def measure_references(self) -> None:
        """A first look at the models that are no plans and had none."""
        new = [
            one
            for one in self.record.state.candidates
            if one.making != "int8" and one.failure is None and one.speed is None
        ]
        if new:
            used = {one.precision_hint for one in new}
            hints = [hint for hint in _hints(self.record.state.settings) if hint in used]
            self._measure(new, hints, sum(map(self._look_seconds, new)), final=False)

    def measure_trials(self, *, at_once: bool) -> None:
        """A first look at the plans that have none: now, or when enough of them wait.

        And before, at the models that are no plans: none waits for that.
        """
        new = [one for one in self.record.plans if one.speed is None and one.failure is None]
        new = [one for one in new if not self._as_its_twin(one)]
        late = working_seconds() - self._measured > LATEST_SECONDS
        if new and (at_once or late or len(new) >= TOGETHER):
            self.measure_references()
            seconds = sum(map(self._look_seconds, new))
            self._measure(new, ("f32",), max(TRIAL_SECONDS, seconds), final=False)

    def _look_seconds(self, one: Candidate) -> float:
        if one.input_size is not None:
            return SIZE_SECONDS
        lossless = (one.accuracy_kept or 0.0) >= self.record.state.settings.bar
        return TRIAL_SECONDS if lossless and one.making == "int8" else LOOK_SECONDS

    def _as_its_twin(self, plan: Candidate) -> bool:
        """Note the speed of an earlier plan with the same network, if there is one."""
        twin = self.workshop.twin(plan.model)
        found = next((one for one in self.record.plans if one.model == twin), None)
        if found is None or found.speed is None or found.model == plan.model:
            return False
        same = replace(
            plan,
            speed=found.speed,
            throughput_fps=found.throughput_fps,
            rounds=found.rounds,
            precision_executed=found.precision_executed,
        )
        known = self.record.state.candidates
        self.record.write(candidates=tuple(same if one.id == plan.id else one for one in known))
        return True

    def measure_finalists(self, at_other_hints: Callable[[Candidate], None]) -> None:
        """The finalists at every hint, in one measurement; plans are evaluated there first."""
        record = self.record
        if record.seconds_left > self.final_seconds:
            self.measure_trials(at_once=True)
        known = [one for one in record.state.candidates if one.failure is None]
        finalists = [one for one in own_size(known) if one.making != "int8"]
        sized = at_other_sizes(known)
        finalists += pareto_front([one for one in sized if one.measurement])  # if it was resumed
        finalists += pareto_front([one for one in sized if not one.measurement])
        for one in self._best_plans():
            at_other_hints(one)
            finalists.append(one)
        models = {one.model for one in finalists}
        used = {one.precision_hint for one in record.state.candidates if one.model in models}
        hints = [hint for hint in _hints(record.state.settings) if hint in used]
        seconds = min(FINAL_SECONDS, max(TRIAL_SECONDS, record.seconds_left / 2))
        self._measure(finalists, hints, seconds, final=True)

    def _best_plans(self) -> list[Candidate]:
        """The INT8 plans that are worth a closer look.

        The default; those that are lossless and fast, or nearly lossless; the most exact, which
        can best afford that their rest runs in bf16; the one chosen so far, at whichever hint.
        """
        state = self.record.state
        plans = [one for one in self.record.plans if one.accuracy_kept is not None]
        bar = state.settings.bar

        def order(one: Candidate) -> tuple[bool, float]:
            kept = one.accuracy_kept or 0.0
            speed = one.speed.value if one.speed else 0.0
            return (kept < bar, -speed if kept >= bar else -kept)

        best = [*plans[:1], *sorted(plans, key=order)[:FASTEST]]
        best += sorted(plans, key=lambda one: -(one.accuracy_kept or 0.0))[:EXACT]
        chosen = state.candidate(state.choice.best_int8)
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
        made = [one for one in self.record.state.candidates if one.failure is None]
        twin = {one.model: self.workshop.twin(one.model) for one in made}
        models = list(dict.fromkeys(["", *(twin[one.model] for one in candidates)]))
        self.doing(Activity(doing="measuring"))
        started = working_seconds()
        groups = self._rivals(twin) if final else ()
        found = self.workshop.speeds(models, hints, seconds, groups)
        self._measured = working_seconds()
        if not final:  # which may end early
            waited = max(0.0, self._measured - started - seconds)
            self._lane_seconds = waited / max(1, len(models) * len(hints))
        known = self.record.state.candidates
        number = 1 + max((one.measurement for one in known), default=0) if final else 0

        def measured(one: Candidate) -> Candidate:
            speed = found.get((twin.get(one.model, ""), one.precision_hint))
            if speed is None or one.failure is not None or (one.measurement and not final):
                return one
            return replace(
                one,
                speed=speed.ratio,
                throughput_fps=speed.throughput_fps,
                precision_executed=speed.precision_executed,
                rounds=speed.rounds,
                measurement=number,
            )

        load = max((one.other_load_cores for one in found.values()), default=0.0)
        self.record.write(candidates=tuple(measured(one) for one in known), other_load_cores=load)

    def _rivals(self, twin: dict[str, str]) -> Rivals:
        """Between whom is chosen, by the model that is measured for each."""
        state = self.record.state
        return tuple(
            frozenset((twin[one.model], one.precision_hint) for one in group)
            for group in rivals(state.candidates, state.settings)
        )


def _hints(settings: SearchSettings) -> tuple[PrecisionHint, ...]:
    return ("f32", *settings.other_hints)
