"""A search in a real job: its files, its events, resuming, and what is refused."""

from __future__ import annotations

import platform
import shutil
import threading
from dataclasses import dataclass
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from core.datasets.source import DatasetSource
from core.errors import InputError
from core.importing.service import plan_import
from core.jobs.events import ArtifactWritten, Event, JobOutcome, Progress
from core.jobs.planned import run_planned
from core.jobs.runner import run_job
from core.models.stored import load_stored
from core.optimize.recipe import RECIPE_FILE
from core.search.candidates import STATE_FILE, SearchState
from core.search.job import SearchJob
from core.search.resuming import search_state
from core.search.service import (
    plan_open_candidate,
    plan_resumed_search,
    plan_search,
)
from core.search.settings import SearchSettings
from core.values import write_json
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.core.conftest import Made as Project
from tests.support import models
from tests.support.jobs import leftovers, run


@dataclass(frozen=True)
class Done:
    """A search in a real job, on the tiny SSD."""

    project: Project
    outcome: JobOutcome
    events: list[Event]

    @property
    def state(self) -> SearchState:
        (artifact,) = self.project.workspace.artifacts(self.project.parent.id, "search")
        state = search_state(artifact.folder)
        assert state is not None
        return state


@pytest.fixture(scope="module")
def done(first_made: Project, tmp_path_factory: pytest.TempPathFactory) -> Done:
    root = tmp_path_factory.mktemp("search") / "workspace"
    shutil.copytree(first_made.root, root)
    project = replaced(first_made, workspace=Workspace(root))
    settings = SearchSettings(allowed="int8", minutes=0.3, loss=0.5, target="any")
    job = plan_search(project.workspace, project.parent.id, project.images, settings)
    watched = run(project.workspace, job)
    return Done(project, watched.end.outcome, watched.events)


def test_a_real_search_leaves_the_recommended_model_and_its_candidates(done: Done) -> None:
    folder = done.outcome.require()
    state = done.state
    assert load_stored(folder / state.model).card.detector
    chosen = state.candidate(state.choice.recommended)
    assert chosen is not None
    assert chosen.making == "int8"
    assert chosen.speed is not None
    card = load_stored(folder / chosen.model).card
    assert card.plan == chosen.plan, "so that it can be made again from the same images"
    assert card.weights_sha256 in (folder / RECIPE_FILE).read_text()
    assert leftovers(folder) == []
    assert not (folder / "augmented").exists(), "the images that it made to evaluate on"


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
def test_a_search_for_any_target_judges_with_vnni_and_without(done: Done) -> None:
    assert done.state.arithmetics == ("exact", "saturating")
    assert done.state.not_judged == ()
    plans = [one for one in done.state.candidates if one.plan and not one.failure]
    assert plans
    for one in plans:
        assert one.kept_in.keys() == {"exact", "saturating"}
        assert one.accuracy_kept == min(one.kept_in.values())


def test_a_real_search_tells_of_every_candidate_and_of_the_time_left(done: Done) -> None:
    artifacts = [one.kind for one in done.events if isinstance(one, ArtifactWritten)]
    assert artifacts.count("search") >= len(done.state.candidates)
    stages = [one for one in done.events if isinstance(one, Progress) and "INT8" in one.stage]
    assert any("collecting statistics" in one.stage for one in stages)
    assert all(one.seconds_left is not None for one in stages)
    assert not any(one.counted for one in stages), "percent of the time are no items"


def test_a_candidate_is_opened_as_a_project(done: Done) -> None:
    workspace = done.project.workspace
    (artifact,) = workspace.artifacts(done.project.parent.id, "search")
    opened = run(workspace, plan_open_candidate(workspace, artifact, "plan-01-f32"))
    assert opened.end.project_id is not None
    project = workspace.project(opened.end.project_id)
    assert (project.state, project.name) == ("ready", "Default INT8")
    assert project.parent_id == done.project.parent.id
    with pytest.raises(InputError, match="no model of its own"):
        plan_open_candidate(workspace, artifact, "parent-f32")


def test_a_cancelled_search_keeps_its_candidates_and_is_resumed(made: Project) -> None:
    workspace, parent = made.workspace, made.parent.id
    settings = SearchSettings(allowed="int8", minutes=0.3, loss=0.5)
    job = plan_search(workspace, parent, made.images, settings)
    cancel = threading.Event()

    def at(event: Event) -> None:
        state = search_state(job.folder) if isinstance(event, ArtifactWritten) else None
        if state is not None and state.candidates:
            cancel.set()

    run_planned(workspace, job, at, cancel)
    (artifact,) = workspace.artifacts(parent, "search")
    kept = search_state(artifact.folder)
    assert kept is not None
    assert kept.candidates
    assert kept.stopped == "cancelled", "before any speed was measured"
    resumed = plan_resumed_search(workspace, artifact, 0.2)
    assert isinstance(resumed.job, SearchJob)
    assert resumed.job.resume
    assert resumed.job.dataset.path == made.images


def test_a_folder_with_another_search_is_refused(made: Project, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    request = SearchJob(
        model=model_of(made.parent),
        dataset=DatasetSource(path=made.images),
        folder=folder,
        resume=True,
    )
    missing = run_job(request, folder)
    assert "There is no search in" in str(missing.error)
    (folder / STATE_FILE).write_text("{}")
    there = run_job(replace(request, resume=False), folder)
    assert "contains a search already" in str(there.error)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weights_sha256": "0"}, "another model"),
        ({"fingerprint": "0"}, "other images"),
        ({"held_out": ("a.jpg",)}, "another seed"),
        ({"evaluated_images": 0}, "an earlier version"),
    ],
)
def test_only_the_same_search_is_resumed(
    done: Done, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    folder = tmp_path / "search"
    folder.mkdir()
    write_json(folder / STATE_FILE, replace(done.state, **change))
    request = SearchJob(
        model=model_of(done.project.parent),
        dataset=DatasetSource(path=done.project.images),
        folder=folder,
        settings=done.state.settings,
        resume=True,
    )
    refused = run_job(request, folder)
    assert f"is of {said}" in str(refused.error)


def test_a_parent_that_finds_nothing_is_refused(made: Project, tmp_path: Path) -> None:
    blind = models.save(models.known_ssd(()), tmp_path / "blind", "blind", models.CLASSES)
    imported = run(made.workspace, plan_import(made.workspace, blind, made.images))
    assert imported.end.project_id is not None
    job = plan_search(made.workspace, imported.end.project_id, made.images, SearchSettings())
    refused = run(made.workspace, job)
    assert isinstance(refused.end.outcome.error, InputError)
    assert "finds nothing in the held-out images" in refused.sentence
    assert made.workspace.artifacts(imported.end.project_id, "search") == (), "nothing to resume"
