"""Other input sizes in a search: tried last, judged on small objects, a front of their own."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.errors import InputError
from core.importing.service import plan_import
from core.jobs.events import ArtifactWritten, Event
from core.jobs.planned import run_planned
from core.metrics.speed.figures import Interval
from core.models.input_size import InputSize
from core.models.stored import load_stored
from core.optimize.recipe import RECIPE_FILE
from core.reports.service import plan_report
from core.search.candidates import SearchState
from core.search.pareto import at_other_sizes, lossless, own_size, pareto_front
from core.search.resuming import search_state
from core.search.search import Search
from core.search.service import plan_open_candidate, plan_resumed_search, plan_search
from core.search.settings import SearchSettings
from core.wording.candidates import candidate_label
from core.wording.input_sizes import sizes_sentence, small_sentence
from core.wording.search import choice_sentence
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.core.conftest import Made as Project
from tests.support import models
from tests.support.blobs import blob_images
from tests.support.jobs import run
from tests.support.packages import run as run_script
from tests.support.resizable import red_finder
from tests.support.searches import MadeUpWorkshop, begun, say_nothing

SIZE = InputSize(width=320, height=320)


def searched(folder: Path, workshop: MadeUpWorkshop) -> SearchState:
    state = begun()
    state = replace(state, settings=replace(state.settings, input_sizes="smaller"))
    return Search(state, folder, workshop, say_nothing).run()


def test_each_size_is_tried_in_float_and_with_the_best_plan(tmp_path: Path) -> None:
    found = searched(tmp_path, MadeUpWorkshop(sizes=(SIZE,), small=1.0))
    sized = at_other_sizes(found.candidates)
    assert [candidate_label(one) for one in sized] == [
        "Parent at 320x320 in f32",
        "Parent at 320x320 by default (bf16)",
        "INT8 6 at 320x320, rest in f32",
        "INT8 6 at 320x320, rest by default",
    ]
    best = found.candidate(found.choice.best_int8)
    assert best is not None
    assert best.input_size is None
    assert best.plan is not None
    assert sized[-1].plan == replace(best.plan, input_size=SIZE)
    assert all(one.measurement for one in pareto_front(sized)), "measured with the finalists"


def test_the_fronts_are_apart(tmp_path: Path) -> None:
    found = searched(tmp_path, MadeUpWorkshop(sizes=(SIZE,), small=1.0, lossy_at_320=True))
    own, other = (pareto_front(part(found.candidates)) for part in (own_size, at_other_sizes))
    assert {one.input_size for one in own} == {None}
    assert {one.input_size for one in other} == {SIZE}
    assert "No other input size keeps 95%" in sizes_sentence(found)


def test_a_lossless_size_is_recommended_and_said_with_its_gain(tmp_path: Path) -> None:
    found = searched(tmp_path, MadeUpWorkshop(sizes=(SIZE,), small=0.97))
    assert found.choice.recommended.startswith("plan-06-320x320")
    assert "INT8 6 at 320x320" in choice_sentence(found)
    sentence = sizes_sentence(found)
    assert sentence.startswith(
        "The fastest lossless one at another input size is INT8 6 at 320x320"
    )
    assert "(97.0% of small objects) at 1.60 times the speed of INT8 6" in sentence


@pytest.mark.parametrize(
    ("small", "said"), [(0.5, "0.5000 is kept"), (None, "too few small objects to judge")]
)
def test_without_its_small_objects_no_size_is_lossless(
    tmp_path: Path, small: float | None, said: str
) -> None:
    found = searched(tmp_path, MadeUpWorkshop(sizes=(SIZE,), small=small))
    sized = at_other_sizes(found.candidates)
    assert all((one.accuracy_kept or 0) >= found.settings.bar for one in sized)
    assert not any(lossless(one, found.settings) for one in sized)
    assert found.choice.recommended == found.choice.best_int8
    assert sizes_sentence(found).startswith("No other input size is shown to be lossless.")
    assert said in small_sentence(sized[-1])


def test_a_speed_that_was_looked_at_beside_other_work_is_not_said(tmp_path: Path) -> None:
    """As a parent is slowed down more than small networks are."""
    found = searched(tmp_path, MadeUpWorkshop(sizes=(SIZE,), small=0.5))
    (best, *_) = pareto_front(at_other_sizes(found.candidates))
    assert best.measurement
    stale = replace(best, id="stale", measurement=0, speed=Interval(value=99.0, low=98, high=100))
    later = replace(found, candidates=(*found.candidates, stale))
    assert sizes_sentence(later) == sizes_sentence(found)


def test_sizes_that_a_resumed_search_comes_to_are_measured_with_the_others(tmp_path: Path) -> None:
    first = searched(tmp_path, MadeUpWorkshop(sizes=(SIZE,), small=1.0))
    other = InputSize(width=256, height=256)
    again = Search(first, tmp_path, MadeUpWorkshop(sizes=(SIZE, other), small=1.0), say_nothing)
    sized = at_other_sizes(again.run().candidates)
    last = max(one.measurement for one in again.state.candidates)
    assert last == 2
    assert {one.input_size for one in sized if one.measurement == last} == {SIZE, other}


def test_what_only_may_be_lossless_is_not_called_so(tmp_path: Path) -> None:
    """Measured by annotations, the whole interval must lie above the bar."""
    found = searched(tmp_path, MadeUpWorkshop(sizes=(SIZE,), small=1.0, unsure=0.11))
    sized = at_other_sizes(found.candidates)
    assert all(one.measured for one in sized)
    assert not any(lossless(one, found.settings) for one in sized)
    assert "at least 0.8400 by its 95% interval" in small_sentence(sized[-1])


def test_no_other_size_is_tried_unless_it_is_asked_for(tmp_path: Path) -> None:
    found = Search(begun(), tmp_path, MadeUpWorkshop(sizes=(SIZE,)), say_nothing).run()
    assert at_other_sizes(found.candidates) == []
    assert sizes_sentence(found) == ""


def test_sizes_that_there_was_no_time_for_are_said(tmp_path: Path) -> None:
    found = Search(begun(), tmp_path, MadeUpWorkshop(sizes=(SIZE,)), say_nothing).run()
    asked = replace(found, settings=replace(found.settings, input_sizes="smaller"))
    said = "No other input size was measured yet: they come after the plans; resume the search."
    assert sizes_sentence(replace(asked, stopped="time")) == said
    assert sizes_sentence(replace(asked, stopped="cancelled")) == said
    assert sizes_sentence(replace(asked, stopped="")) == "", "they may still come"


def test_a_network_with_anchors_inside_is_refused_before_any_work(made: Project) -> None:
    settings = SearchSettings(input_sizes="smaller")
    refused = run(
        made.workspace, plan_search(made.workspace, made.parent.id, made.images, settings)
    )
    assert isinstance(refused.end.outcome.error, InputError)
    assert "its own input size, 64x64" in refused.sentence
    assert refused.stages == []
    assert made.workspace.artifacts(made.parent.id, "search") == ()


def test_a_real_search_at_other_sizes(tmp_path: Path) -> None:
    """Its model at another size is opened, compared with its parent, and made again."""
    workspace = Workspace(tmp_path / "workspace")
    path = models.save(red_finder(), tmp_path / "model", "reds", ["red"])
    images = blob_images(tmp_path / "images", number=8)[0].parent
    imported = run(workspace, plan_import(workspace, path, images)).end.project_id
    assert imported is not None
    parent = workspace.project(imported)
    settings = SearchSettings(
        allowed="int8", minutes=60, loss=0.5, input_sizes="smaller_and_larger"
    )
    job, cancel = plan_search(workspace, parent.id, images, settings), threading.Event()

    def at(event: Event) -> None:
        known = search_state(job.folder) if isinstance(event, ArtifactWritten) else None
        if known is not None and any(one.making == "int8_resized" for one in known.candidates):
            cancel.set()  # however fast this machine is; the rest is done in little time

    run_planned(workspace, job, at, cancel)
    (artifact,) = workspace.artifacts(parent.id, "search")
    stopped = search_state(artifact.folder)
    assert stopped is not None
    assert stopped.stopped in ("cancelled", "")  # killed where it takes too long to end
    outcome = run(workspace, plan_resumed_search(workspace, artifact, 0.1)).end.outcome
    state = search_state(outcome.require())
    assert state is not None
    tried = at_other_sizes(state.candidates)
    assert next(str(one.input_size) for one in tried if one.making == "resized") == "96x96"
    sized = [one for one in tried if one.making == "int8_resized"]
    assert str(sized[0].input_size) == "96x96"
    assert workspace.artifacts(parent.id, "search") == (artifact,)
    opened = run(workspace, plan_open_candidate(workspace, artifact, sized[0].id))
    assert opened.end.project_id is not None
    child = workspace.project(opened.end.project_id)
    assert child.name == sized[0].title
    card = load_stored(model_of(child)).card
    assert (card.detector.preprocessing.width, card.plan) == (96, sized[0].plan)
    assert run(workspace, plan_report(workspace, child.id)).end.outcome.error is None
    tensors = run(workspace, plan_report(workspace, child.id, "tensor-distance"))
    assert "cannot be compared" in tensors.sentence
    done = run_script(
        model_of(child).parent, RECIPE_FILE, model_of(parent), images, tmp_path / "again.xml"
    )
    assert done.stdout.splitlines()[-1] == "The weights are the same.", done.stderr
