"""A search: its record, and being resumed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

import pytest
from msgspec.structs import replace

from core.datasets.open import open_dataset
from core.errors import InputError, JobCancelled, WorkbenchError
from core.inference.limited import LimitedDetector
from core.inference.settings import Arithmetic, PrecisionHint
from core.metrics.speed.figures import Interval
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.search.candidates import (
    CANDIDATES,
    STATE_FILE,
    Activity,
    Candidate,
    Choice,
    Failure,
    Making,
    Reason,
    SearchState,
)
from core.search.local import LocalWorkshop
from core.search.pareto import first_lossless
from core.search.record import Record
from core.search.reproducible import COMPILATIONS
from core.search.search import Search
from core.search.settings import Allowed, SearchSettings
from core.search.speeds import Speeds
from core.search.splitting import split
from core.search.workshop import Made
from core.values import read_json
from core.wording.candidates import candidate_label
from core.wording.search import (
    activity_words,
    choice_sentence,
    first_sentence,
    stopped_sentence,
)
from core.workspace.projects import model_of
from tests.core.conftest import Made as Project
from tests.support.searches import MadeUpWorkshop, begun, say_nothing


@pytest.mark.parametrize("allowed", ["all", "int8"])
def test_the_final_measurement_knows_between_whom_is_chosen(
    tmp_path: Path, allowed: Allowed
) -> None:
    workshop = MadeUpWorkshop()
    found = Search(begun(allowed=allowed), tmp_path, workshop, say_nothing).run()
    *earlier, (choice, int8) = workshop.rivals
    assert not any(earlier)
    good = {one.model for one in found.candidates if (one.accuracy_kept or 0) >= 0.9}
    plans = {one for one in good if one in workshop.plans}
    assert {model for model, _ in int8} == plans
    assert {model for model, _ in choice} == (plans if allowed == "int8" else good)
    assert {hint for _, hint in choice} == {"f32", "default"}


def test_it_finds_what_stays_in_float_and_says_why(tmp_path: Path) -> None:
    found = Search(begun(), tmp_path, MadeUpWorkshop(), say_nothing).run()
    best = found.candidate(found.choice.recommended)
    assert best is not None
    assert best.plan is not None
    assert best.plan.ignored_parts == ("depthwise",)
    assert (best.precision_hint, best.measurement) == ("default", 1)
    assert "fastest lossless setting" in choice_sentence(found)
    assert f"the median of {best.rounds} rounds" in choice_sentence(found)
    assert found.stopped == "found"
    going_on = choice_sentence(replace(found, stopped=""))
    assert going_on == f"So far, {choice_sentence(found)}"


def test_parents_and_other_weights_are_candidates_at_both_hints(tmp_path: Path) -> None:
    found = Search(begun(), tmp_path, MadeUpWorkshop(), say_nothing).run()
    labels = [candidate_label(one) for one in found.candidates if one.plan is None]
    assert labels == [
        "Parent in f32",
        "Parent by default (bf16)",
        "Weights in FP16 in f32",
        "Weights in FP16 by default (bf16)",
        "Weights in INT8 in f32",
        "Weights in INT8 by default (bf16)",
    ]
    only = Search(begun(allowed="int8"), tmp_path, MadeUpWorkshop(), say_nothing).run()
    assert {one.making for one in only.candidates} == {"parent", "int8"}


def test_plans_with_the_same_network_are_measured_once() -> None:
    first, second = (f"plan-{number:02}-f32" for number in (1, 2))
    plans = QuantizationPlan(), QuantizationPlan(preset="mixed")
    made = tuple(
        Candidate(
            id=identity, making="int8", number=number, precision_hint="f32", plan=plan,
            reason=Reason(code="nncf_default"), model=f"{identity}.xml", accuracy_kept=1.0,
        )
        for number, (identity, plan) in enumerate(zip((first, second), plans, strict=True), start=1)
    )  # fmt: skip
    workshop = MadeUpWorkshop(twins={f"{second}.xml": f"{first}.xml"})
    for known in ((made[0],), made):  # one after the other, and both at once
        with TemporaryDirectory() as folder:
            record = Record(replace(begun(), candidates=known), Path(folder), lambda state: None)
            speeds = Speeds(record, workshop, say_nothing)
            workshop.measured.clear()
            speeds.measure_trials(at_once=True)
            record.write(candidates=(*record.state.candidates, *made[len(known) :]))
            speeds.measure_trials(at_once=True)
            assert workshop.measured == [["", f"{first}.xml"]]
            one, other = record.plans
            assert one.speed == other.speed is not None
            assert one.throughput_fps == other.throughput_fps


def test_every_candidate_is_on_disk_before_the_next_one(tmp_path: Path) -> None:
    recorded: list[int] = []

    def changed(state: SearchState) -> None:
        stored = read_json(tmp_path / STATE_FILE, SearchState)
        assert stored == state
        recorded.append(len(stored.candidates))

    Search(begun(), tmp_path, MadeUpWorkshop(), say_nothing, changed).run()
    assert recorded == sorted(recorded)
    assert set(recorded) == set(range(1, recorded[-1] + 1))


def test_a_search_that_is_resumed_repeats_nothing(tmp_path: Path) -> None:
    first, stop_at = MadeUpWorkshop(), 2

    def stop(activity: Activity) -> None:
        if len(first.quantized) == stop_at:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        Search(begun(), tmp_path, first, stop).run()
    stored = read_json(tmp_path / STATE_FILE, SearchState)
    second = replace_plans(MadeUpWorkshop(), first)
    found = Search(stored, tmp_path, second, say_nothing).run()
    assert not set(first.quantized[:stop_at]) & set(second.quantized)
    whole = Search(begun(), tmp_path, MadeUpWorkshop(), say_nothing).run()
    assert found.choice == whole.choice


def replace_plans(second: MadeUpWorkshop, first: MadeUpWorkshop) -> MadeUpWorkshop:
    """The models of the first one are still there."""
    second.plans = dict(first.plans)
    return second


def test_the_parent_comes_first_and_its_speed_is_measured_with_the_first_plans(
    tmp_path: Path,
) -> None:
    class NoWeights(MadeUpWorkshop):
        def compress(self, identity: str, making: Making) -> Made:
            if making == "int8_weights":
                raise WorkbenchError("They cannot be relied on.", "Use others.")
            return super().compress(identity, making)

    seen: list[SearchState] = []
    found = Search(begun(), tmp_path, NoWeights(), say_nothing, seen.append).run()
    before = [state for state in seen if not state.tried_int8]
    assert [one.making for one in before[-1].candidates] == ["parent", "parent"]
    assert all(one.speed is None for one in before[-1].candidates)
    looked = next(state for state in seen if any(one.speed for one in state.candidates))
    assert first_lossless(looked.candidates, looked.settings) is not None
    assert all(one.speed is not None for one in looked.candidates if one.making == "parent")
    tried = [one.making for one in found.candidates]
    assert tried.index("int8") < tried.index("fp16_weights") < tried.index("int8_weights")
    assert found.candidates[tried.index("int8_weights")].failure is not None


def test_other_weights_wait_for_the_first_lossless_plan_which_is_said(tmp_path: Path) -> None:
    seen: list[SearchState] = []
    found = Search(begun(), tmp_path, MadeUpWorkshop(), say_nothing, seen.append).run()
    first = first_lossless(found.candidates, found.settings)
    assert first is not None and first.number > 1
    without = [state for state in seen if first_lossless(state.candidates, state.settings) is None]
    assert not any(one.making == "fp16_weights" for one in without[-1].candidates)
    assert any(one.making == "fp16_weights" for one in found.candidates)
    assert first_sentence(without[-1]) == ""
    after = tuple(
        replace(one, after_seconds=72.4) if one.id == first.id else one for one in found.candidates
    )
    said = "The first lossless INT8 plan was there after 72 s."
    assert first_sentence(replace(found, candidates=after)) == said
    none = Search(begun(), tmp_path, Hopeless(), say_nothing).run()
    assert first_lossless(none.candidates, none.settings) is None
    assert any(one.making == "int8_weights" for one in none.candidates), "in the end at least"


class Hopeless(MadeUpWorkshop):
    """No plan of it is lossless."""

    def accuracy_kept(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> float:
        return 0.4 if model in self.plans else super().accuracy_kept(model, hint, arithmetic)


def test_candidates_say_when_they_were_there(tmp_path: Path) -> None:
    class Slow(MadeUpWorkshop):
        def quantize(self, identity: str, plan: QuantizationPlan) -> Made:
            sleep(0.06)
            return super().quantize(identity, plan)

    found = Search(begun(), tmp_path, Slow(), say_nothing).run()
    times = [one.after_seconds for one in found.candidates]
    assert times == sorted(times) and 0.1 <= times[-1] <= found.seconds


def test_a_search_that_tried_no_int8_plan_says_so(tmp_path: Path) -> None:
    found = Search(begun(minutes=1e-9), tmp_path, MadeUpWorkshop(), say_nothing).run()
    assert stopped_sentence(found) == (
        "The time was used up before any INT8 plan was tried; it can be resumed with more."
    )
    said = choice_sentence(found)
    assert said.startswith(
        "No INT8 plan was tried. Of the other settings, Parent by default (bf16)"
    )
    assert "fastest lossless setting" not in said
    assert choice_sentence(replace(found, stopped="")).startswith("No INT8 plan was tried yet. ")
    nothing = replace(found, stopped="", choice=replace(found.choice, recommended=""))
    assert choice_sentence(nothing).startswith("So far, no ")


def test_a_plan_that_fails_is_kept_with_its_reason(tmp_path: Path) -> None:
    found = Search(begun(), tmp_path, MadeUpWorkshop(fails="elementwise"), say_nothing).run()
    failed = [one for one in found.candidates if one.failure]
    assert {one.plan.ignored_parts for one in failed if one.plan} == {("elementwise",)}
    assert failed[0].failure == Failure(what="NNCF could not.", next_step="Try another plan.")
    assert found.choice.recommended


def test_the_fastest_the_most_exact_and_the_one_chosen_are_measured_in_the_end(
    tmp_path: Path,
) -> None:
    def found(identity: str, kept: float, speed: float, seed: int) -> Candidate:
        return Candidate(
            id=identity, reason=Reason(code="full_range"), making="int8",
            precision_hint="default" if identity.endswith("default") else "f32",
            plan=QuantizationPlan(seed=seed), model=f"{identity.rpartition('-')[0]}.xml",
            accuracy_kept=kept,
            speed=Interval(value=speed, low=speed, high=speed),
            measurement=1 if identity.endswith("default") else 0,
        )  # fmt: skip

    tried = [
        found("nncf-f32", 0.4, 9.0, 0),
        *(found(f"fast{n}-f32", 0.91, 4.0 + n, n) for n in range(1, 5)),
        found("exact-f32", 0.99, 1.0, 5),
        found("nearly-f32", 0.98, 1.0, 7),
        found("less-f32", 0.97, 1.0, 8),
        found("chosen-f32", 0.92, 1.1, 6),
        found("chosen-default", 0.92, 8.0, 6),
    ]
    state = replace(begun(), candidates=tuple(tried), choice=Choice(best_int8="chosen-default"))
    record = Record(state, tmp_path, lambda state: None)
    Speeds(record, MadeUpWorkshop(), say_nothing).measure_finalists(lambda one: None)
    measured = {one.id for one in record.state.candidates if one.measurement == 2}
    assert measured == {
        "nncf-f32", "fast4-f32", "fast3-f32", "fast2-f32", "exact-f32", "nearly-f32",
        "chosen-f32", "chosen-default",
    }  # fmt: skip


def test_stages_say_which_candidate_and_the_best_so_far(tmp_path: Path) -> None:
    activities: list[Activity] = []
    Search(begun(), tmp_path, MadeUpWorkshop(), activities.append).run()
    stages = [activity_words(one) for one in activities]
    assert stages[0] == "Parent (no INT8 yet)"
    assert not any("target" in one for one in stages), "it is the same of all plans"
    second = next(stage for stage in stages if stage.startswith("INT8 2: "))
    assert "ignored parts: elementwise (best INT8 40.0%" in second
    assert "Speed (best INT8 95.0%, 2.00x)" in stages


def test_calibration_takes_the_plans_images_and_the_others_are_held_out(made: Project) -> None:
    dataset = open_dataset(made.images)
    count, held_out = split(dataset, seed=3)
    calibrating = {dataset.images[one] for one in dataset.subset(count, seed=3)}
    assert calibrating.isdisjoint(held_out.images)
    assert len(calibrating) + len(held_out.images) == len(dataset.images)
    with pytest.raises(InputError, match="needs 6 images"):
        split(replace(dataset, images=dataset.images[:3]), seed=0)


@pytest.mark.parametrize("wrong", [0, 3])
def test_a_model_that_is_computed_differently_each_time_is_no_candidate(
    made: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: int
) -> None:
    dataset = open_dataset(made.images)
    parent = load_stored(model_of(made.parent))
    workshop = LocalWorkshop(
        parent, dataset, dataset, tmp_path, SearchSettings(), lambda *_: None, LimitedDetector()
    )
    sums = iter([[2.0, 1.0], *[[2.0, 9.0]] * wrong, *[[2.0, 1.0]] * (COMPILATIONS - wrong)])
    monkeypatch.setattr("core.search.reproducible.compile_for", lambda *_: None)
    monkeypatch.setattr("core.search.reproducible._sums", lambda *_: next(sums))
    if not wrong:
        assert (tmp_path / workshop.compress("int8-weights-f32", "int8_weights").model).is_file()
        return
    with pytest.raises(WorkbenchError, match="in 3 of 30 compilations"):
        workshop.compress("int8-weights-f32", "int8_weights")
    assert not list((tmp_path / CANDIDATES).iterdir())


def test_labels_say_how_it_runs() -> None:
    plan = Candidate(
        id="", number=4, reason=Reason(code="full_range"), making="int8", precision_hint="default"
    )
    assert candidate_label(plan) == "INT8 4, rest by default"
    assert candidate_label(replace(plan, precision_hint="f32")) == "INT8 4, rest in f32"
