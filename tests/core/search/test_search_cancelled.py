"""A search that was cancelled at any moment: what is said of it, and that it can be resumed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.cli.search import search_into
from core.errors import JobCancelled
from core.inference.settings import Arithmetic, PrecisionHint
from core.jobs.job import Job
from core.models.stored import load_stored
from core.search.candidates import STATE_FILE, Activity, Candidate, Reason, SearchState
from core.search.search import Search
from core.search.settings import SearchSettings
from core.search.workshop import Rivals, Speed
from core.values import read_json, write_json
from core.wording.search import choice_sentence, load_sentence
from core.workspace.projects import model_of
from tests.core.conftest import Made as Project
from tests.support.searches import MadeUpWorkshop, begun, say_nothing


class SlowIfSymmetric(MadeUpWorkshop):
    """Symmetric ranges are slower: what does without asymmetric ones is no better."""

    def accuracy_kept(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> float:
        plan = self.plans.get(model)
        if plan is None:
            return super().accuracy_kept(model, hint, arithmetic)
        gains = {"depthwise": 0.34, "elementwise": 0.02}
        kept = 0.61 if plan.preset == "mixed" else 0.6
        return kept + sum(gains.get(part, 0.0) for part in plan.ignored_parts)

    def speeds(
        self,
        models: Sequence[str],
        hints: Sequence[PrecisionHint],
        seconds: float,
        rivals: Rivals = (),
    ) -> dict[tuple[str, PrecisionHint], Speed]:
        found = super().speeds(models, hints, seconds, rivals)
        for (model, hint), speed in found.items():
            plan = self.plans.get(model)
            if plan is not None and plan.preset == "mixed":
                faster = replace(speed.ratio, value=1.1 * speed.ratio.value)
                found[model, hint] = replace(speed, ratio=faster)
        return found


def tried(state: SearchState) -> list[tuple[str, object]]:
    return [(one.id, one.plan) for one in state.candidates]


def test_a_search_that_is_resumed_arrives_where_it_would_have(tmp_path: Path) -> None:
    """Wherever it was cancelled: also after a lossless plan was made, and not yet measured."""
    whole = Search(begun(), tmp_path, SlowIfSymmetric(), say_nothing).run()
    stops = unmeasured = 0
    for stop_at in count(1):
        calls, first = count(), SlowIfSymmetric()

        def stop(activity: Activity, calls: count[int] = calls, at: int = stop_at) -> None:
            if next(calls) == at:
                raise JobCancelled

        search = Search(begun(), tmp_path, first, stop)
        try:
            search.run()
            break
        except JobCancelled:
            stops += 1
        stored = read_json(tmp_path / STATE_FILE, SearchState)
        lossless = [one for one in stored.candidates if one.plan and (one.accuracy_kept or 0) > 0.9]
        unmeasured += any(one.speed is None for one in lossless)
        second = SlowIfSymmetric(plans=dict(first.plans))
        resumed = Search(stored, tmp_path, second, say_nothing).run()
        assert tried(resumed) == tried(whole), stop_at
        assert resumed.choice == whole.choice
    assert stops > 10 and unmeasured, "one of them is between a lossless plan and its speed"


def test_a_plan_whose_model_is_gone_is_made_again_under_its_own_number(tmp_path: Path) -> None:
    first = MadeUpWorkshop()
    whole = Search(begun(), tmp_path, first, say_nothing).run()
    gone = next(one for one in whole.candidates if one.number == 2)
    left = tuple(one for one in whole.candidates if one.number != 2)
    second = MadeUpWorkshop(plans=dict(first.plans))
    found = Search(replace(whole, candidates=left), tmp_path, second, say_nothing).run()
    ids = [one.id for one in found.candidates]
    assert len(ids) == len(set(ids))
    assert [one.plan for one in found.candidates if one.id == gone.id] == [gone.plan]
    for one in whole.candidates:
        again = found.candidate(one.id)
        assert again is not None and again.plan == one.plan
    assert second.quantized == [gone.plan]


def test_speeds_that_were_measured_beside_other_work_are_named(tmp_path: Path) -> None:
    seen: list[SearchState] = []
    busy = Search(begun(), tmp_path, MadeUpWorkshop(load=1.34), say_nothing, seen.append).run()
    assert load_sentence(busy) == (
        "Other programs kept 1.3 cores busy when speed was measured: resume the search on an idle "
        "machine to measure it again."
    )
    assert seen[-2].other_load_cores and not load_sentence(seen[-2]), "it may still be idle"
    made = {one.model: one.plan for one in busy.candidates if one.plan is not None}
    again = Search(busy, tmp_path, MadeUpWorkshop(plans=made), say_nothing).run()
    assert load_sentence(again) == "", "finalists are measured anew"


def test_before_any_speed_is_measured_the_best_plan_is_said(tmp_path: Path) -> None:
    seen: list[SearchState] = []
    Search(begun(), tmp_path, MadeUpWorkshop(), say_nothing, seen.append).run()
    early = next(one for one in seen if one.tried_int8 and not one.choice.recommended)
    assert choice_sentence(early) == (
        "So far, no speed was measured. Of the INT8 plans, Default INT8, rest in f32 keeps the "
        "most of the parent's accuracy: about 40.0%."
    )
    assert choice_sentence(replace(early, stopped="cancelled")).startswith("No speed was measured.")
    failed = Candidate(
        id="plan-01-f32", making="int8", precision_hint="f32", reason=Reason(code="nncf_default")
    )
    none = replace(early, candidates=(failed,), stopped="cancelled")
    assert choice_sentence(none) == "No INT8 plan could be made."


def test_the_terminal_says_that_a_cancelled_search_can_be_resumed(
    made: Project, tmp_path: Path
) -> None:
    stored = load_stored(model_of(made.parent))
    options = argparse.Namespace(output=tmp_path / "out", dataset=made.images, resume=False)

    def cancelled(job: Job, folder: Path) -> Path:
        raise JobCancelled

    def later(job: Job, folder: Path) -> Path:
        folder.mkdir()
        write_json(folder / STATE_FILE, begun())
        raise JobCancelled

    with pytest.raises(JobCancelled) as nothing:
        search_into(cancelled, stored, options, SearchSettings(), None)
    assert not str(nothing.value)
    with pytest.raises(JobCancelled, match="add --resume to go on") as something:
        search_into(later, stored, options, SearchSettings(), None)
    assert str(tmp_path / "out") in str(something.value)
