"""What a search has time for, and what it does not wait for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace

from core.inference.settings import Arithmetic, PrecisionHint
from core.jobs.quiet import TimedRounds, light_work
from core.models.input_size import InputSize
from core.models.plan import QuantizationPlan
from core.search.candidates import Candidate, Making, Reason
from core.search.record import Record
from core.search.search import Search
from core.search.speeds import LATEST_SECONDS, Speeds
from core.search.workshop import Made, Rivals, Speed
from tests.support.searches import MadeUpWorkshop, begun, say_nothing, tick_by_looks


@pytest.mark.parametrize(("seconds", "goes_on"), [(90.0, True), (200.0, False)])
def test_the_first_plan_does_not_say_what_the_next_one_takes(
    tmp_path: Path, seconds: float, goes_on: bool
) -> None:
    """It collects the statistics: a search of two minutes ended after one of 90 seconds."""
    state = begun(minutes=2, allowed="int8")
    plan = QuantizationPlan(subset_size=state.calibration_images, target="cpu_bf16")
    first = Candidate(
        id="plan-01-f32", making="int8", number=1, precision_hint="f32", plan=plan,
        reason=Reason(code="nncf_default"), accuracy_kept=0.4, seconds=seconds,
    )  # fmt: skip
    workshop = MadeUpWorkshop()
    Search(replace(state, candidates=(first,)), tmp_path, workshop, say_nothing).run()
    assert bool(workshop.quantized) == goes_on


def test_no_speed_is_waited_for_longer_than_half_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Candidate(
        id="plan-01-f32", making="int8", number=1, precision_hint="f32", plan=QuantizationPlan(),
        reason=Reason(code="nncf_default"), model="plan-01-f32.xml", accuracy_kept=0.4,
    )  # fmt: skip
    workshop, now = MadeUpWorkshop(), 0.0
    monkeypatch.setattr("core.search.speeds.working_seconds", lambda: now)
    record = Record(replace(begun(), candidates=(plan,)), tmp_path, lambda state: None)
    speeds = Speeds(record, workshop, say_nothing)
    now += LATEST_SECONDS
    speeds.measure_trials(at_once=False)
    assert workshop.measured == []
    now += 1.0
    speeds.measure_trials(at_once=False)
    assert workshop.measured == [["", "plan-01-f32.xml"]]


def test_other_weights_leave_the_budget_to_int8_plans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick_by_looks(monkeypatch)

    class Endless(MadeUpWorkshop):
        """Its weights in INT8 never get ready."""

        def compress(self, identity: str, making: Making) -> Made:
            while making == "int8_weights":
                search.keep_to_budget()
            return super().compress(identity, making)

    search = Search(begun(minutes=0.01), tmp_path, Endless(), say_nothing)
    found = search.run()
    assert not any(one.making == "int8_weights" for one in found.candidates)
    assert sum(one.plan is not None for one in found.candidates) > 1
    assert found.stopped == "found"


def test_no_weights_and_no_size_take_the_time_of_the_first_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search of two minutes tried two sizes on a busy machine, and no plan."""
    now = 0.0

    class SlowParent(MadeUpWorkshop):
        def accuracy_kept(
            self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
        ) -> float:
            nonlocal now
            now += 0.0 if model else 20.0
            return super().accuracy_kept(model, hint, arithmetic)

    for module in ("record", "search", "speeds"):
        monkeypatch.setattr(f"core.search.{module}.working_seconds", lambda: now)
    state = begun(minutes=2)
    state = replace(state, settings=replace(state.settings, input_sizes="smaller"))
    workshop = SlowParent(sizes=(InputSize(width=320, height=320),))
    Search(state, tmp_path, workshop, say_nothing).run()
    assert workshop.quantized


def test_a_plan_ends_with_the_budget_but_the_first_one_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick_by_looks(monkeypatch)

    class Slow(MadeUpWorkshop):
        """All plans but the first never get ready."""

        def quantize(self, identity: str, plan: QuantizationPlan) -> Made:
            while self.quantized:
                search.keep_to_budget()
            return super().quantize(identity, plan)

    search = Search(begun(minutes=0.01), tmp_path, Slow(), say_nothing)
    found = search.run()
    assert found.stopped == "time"
    assert [one.number for one in found.candidates if one.plan] == [1, 1], "in f32 and by default"
    assert all(one.speed is not None for one in found.candidates if one.plan)


def test_pauses_are_not_of_the_budget(tmp_path: Path) -> None:
    class Paused(MadeUpWorkshop):
        """Each measurement waits for light work that somebody has begun."""

        def speeds(
            self,
            models: Sequence[str],
            hints: Sequence[PrecisionHint],
            seconds: float,
            rivals: Rivals = (),
        ) -> dict[tuple[str, PrecisionHint], Speed]:
            has_begun = threading.Event()

            def work() -> None:
                with light_work():
                    has_begun.set()
                    sleep(0.5)

            other = threading.Thread(target=work)
            other.start()
            assert has_begun.wait(30)
            left.append(search.seconds_left)
            with TimedRounds(lambda: None):
                left.append(search.seconds_left)
            other.join()
            return super().speeds(models, hints, seconds, rivals)

    left: list[float] = []
    search = Search(begun(minutes=0.02), tmp_path, Paused(), say_nothing)
    began = monotonic()
    found = search.run()
    pauses = 0.5 * len(left) / 2
    assert len(left) >= 4, "it measured several times, for longer than its budget"
    assert found.stopped == "found"
    assert monotonic() - began > pauses > found.seconds
    for before, after in zip(left[::2], left[1::2], strict=True):
        assert before - after < 0.25, "the time left stood still"


def test_it_ends_when_its_minutes_are_used_up(tmp_path: Path) -> None:
    workshop = MadeUpWorkshop()
    found = Search(begun(minutes=1e-9), tmp_path, workshop, say_nothing).run()
    assert found.stopped == "time"
    assert workshop.quantized == []
