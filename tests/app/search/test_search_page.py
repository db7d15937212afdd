"""The search page, fed by records of searches as jobs leave them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.kit.charts.chart import Chart
from app.project.presenting import Surroundings
from app.project_views import project_view
from app.search.page import SearchPage
from app.search.presenter import SearchPresenter, SearchView
from app.search.table import candidate_columns
from app.workers.job_queue import JobQueue
from core.importing.service import plan_import
from core.jobs.events import ArtifactWritten, JobOutcome
from core.jobs.planned import PlannedJob
from core.machines.machine import new_machine
from core.machines.store import add_machine, forget
from core.metrics.speed.figures import Interval
from core.models.input_size import InputSize
from core.models.plan import QuantizationPlan
from core.models.stored import StoredModel, load_stored, store_model
from core.runtime import openvino_core
from core.search.candidates import (
    STATE_FILE,
    Candidate,
    Choice,
    Making,
    Reason,
    SearchState,
)
from core.search.job import CopyModelJob, SearchJob
from core.search.service import PlannedSearch, plan_search
from core.search.settings import SearchSettings
from core.values import write_json
from core.wording.search import choice_sentence, reason_sentence
from core.workspace.projects import model_of
from core.workspace.store import Project, Workspace
from tests.support import user
from tests.support.jobs import run
from tests.support.window import Material, make_material

LEFT = Qt.MouseButton.LeftButton


def candidate(
    identity: str, kept: float, speed: float, making: Making = "int8", model: str = ""
) -> Candidate:
    return Candidate(
        id=identity,
        number=int(making == "int8"),
        reason=Reason(code="reference" if making == "parent" else "nncf_default"),
        making=making,
        precision_hint="f32",
        plan=QuantizationPlan() if making == "int8" else None,
        model=model,
        size_bytes=1000,
        accuracy_kept=kept,
        speed=Interval(value=speed, low=speed, high=speed),
    )


PARENT = candidate("parent-f32", 1.0, 1.0, "parent")
PLAN = candidate("plan-01-f32", 0.95, 2.0, model="candidates/plan-01-f32/model.xml")
OTHER = candidate("plan-02-f32", 0.96, 1.5)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("search"))


@pytest.fixture(scope="module")
def workspace(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace(tmp_path_factory.mktemp("workspace"))
    run(made, plan_import(made, material.model, material.validation))
    return made


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return workspace.projects()[0]


@pytest.fixture
def planned(workspace: Workspace, project: Project, material: Material) -> Iterator[PlannedSearch]:
    job = plan_search(workspace, project.id, material.calibration, SearchSettings())
    yield job
    workspace.remove_artifact(project.id, job.folder)


@pytest.fixture
def queue(workspace: Workspace) -> Iterator[JobQueue]:
    made = JobQueue(workspace)
    yield made
    made.close()


@pytest.fixture
def page(qtbot: QtBot, workspace: Workspace, queue: JobQueue, project: Project) -> SearchPage:
    made = SearchPage(SearchPresenter(Surroundings(workspace, queue), queue))
    qtbot.addWidget(made)
    made.resize(1000, 900)
    made.show()
    made.show_project(project_view(workspace, project.id))
    return made


@pytest.fixture
def look_again(page: SearchPage, workspace: Workspace, project: Project) -> Callable[[], None]:
    """Shows the project once more: what is stored of it is read anew."""
    return lambda: page.show_project(project_view(workspace, project.id))


def record(
    planned: PlannedSearch, candidates: tuple[Candidate, ...], choice: Choice | None = None
) -> SearchState:
    """What a search that is so far leaves in its folder."""
    assert isinstance(planned.job, SearchJob)
    planned.folder.mkdir(parents=True, exist_ok=True)
    state = SearchState(
        name="tiny ssd",
        weights_sha256="",
        fingerprint="",
        calibration_images=4,
        held_out=("a.jpg",) * 4,
        settings=SearchSettings(),
        candidates=candidates,
        choice=choice or Choice(),
        dataset=planned.job.dataset.path,
    )
    write_json(planned.folder / STATE_FILE, state)
    return state


def submitted(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> list[PlannedJob]:
    """What is submitted from now on, instead of running it."""
    jobs: list[PlannedJob] = []
    monkeypatch.setattr(queue, "submit", jobs.append)
    return jobs


def texts(page: SearchPage, column: int) -> list[str]:
    return user.column(page.table, column)


def test_it_starts_what_the_form_says(
    page: SearchPage, queue: JobQueue, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = submitted(queue, monkeypatch)
    assert page.form.images.path == material.calibration, "found beside the project's images"
    page.form.allowed.setCurrentIndex(1)
    page.form.minutes.setValue(7)
    page.form.loss.setValue(5)
    QTest.mouseClick(page.start, LEFT)
    (job,) = jobs
    assert isinstance(job.job, SearchJob)
    assert job.job.settings == SearchSettings(allowed="int8", minutes=7.0, loss=0.05)
    assert not job.job.resume
    job.abandon(JobOutcome("cancelled"))
    page.form.images.set_path(None)
    assert not page.start.isEnabled()


def test_a_machine_that_was_added_can_be_chosen_to_search_on(
    page: SearchPage,
    queue: JobQueue,
    monkeypatch: pytest.MonkeyPatch,
    look_again: Callable[[], None],
) -> None:
    jobs = submitted(queue, monkeypatch)
    assert not page.form.machine.isVisible(), "there is none but this one"
    add_machine(new_machine("lab", "tcp://127.0.0.1:9", agreed=True))
    try:
        look_again()
        assert page.form.machine.isVisible()
        page.form.machine.setCurrentIndex(1)
        QTest.mouseClick(page.start, LEFT)
    finally:
        forget("lab")
    (job,) = jobs
    assert isinstance(job.job, SearchJob)
    assert job.job.machine is not None
    assert job.job.machine.name == "lab"
    job.abandon(JobOutcome("cancelled"))


def test_a_device_and_a_precision_can_be_chosen_to_run_with(
    page: SearchPage, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the terminal: ``optimize --search --device CPU --precision-hint bf16``."""
    jobs = submitted(queue, monkeypatch)
    page.form.run.show_devices((("CPU", "processor"), ("GPU", "card")))
    user.choose(page.form.run, "CPU (processor), bf16")
    QTest.mouseClick(page.start, LEFT)
    user.choose(page.form.run, "The better of true f32 and default: GPU (card)")
    page.form.run.show_devices((("CPU", "processor"), ("GPU", "card"), ("NPU", "chip")))
    QTest.mouseClick(page.start, LEFT)
    user.choose(page.form.run, "GPU (card), true f32")
    QTest.mouseClick(page.start, LEFT)
    settings = [one.job.settings for one in jobs if isinstance(one.job, SearchJob)]
    assert [(one.device, one.precision_hint) for one in settings] == [
        ("CPU", "bf16"), ("GPU", None), ("GPU", "f32"),
    ]  # fmt: skip
    for job in jobs:
        job.abandon(JobOutcome("cancelled"))


def test_candidates_appear_while_it_runs(
    page: SearchPage,
    look_again: Callable[[], None],
    planned: PlannedSearch,
    queue: JobQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(JobQueue, "current", property(lambda queue: planned))
    look_again()
    assert page.result.isHidden()
    record(planned, (replace(PARENT, speed=None),))
    queue.event_received.emit(ArtifactWritten(kind="search", file=STATE_FILE))
    assert texts(page, 0) == ["Parent in f32"]
    assert not page.result.findChildren(Chart), "there is no point to draw before a speed is known"
    state = record(planned, (PARENT, PLAN), Choice(recommended=PLAN.id))
    queue.event_received.emit(ArtifactWritten(kind="search", file=STATE_FILE))
    assert texts(page, 0) == ["Parent in f32", "Default INT8, rest in f32"]
    assert texts(page, 1) == ["● parent f32", "● recommended: default INT8"]
    assert page.sentence.text() == choice_sentence(state)
    assert [x for x, _ in user.points(user.drawn(page.chart()))] == [1.0, 2.0]
    assert page.chart().isVisible() and page.legend.isVisible()
    record(planned, (PARENT, PLAN, OTHER), Choice(recommended=PLAN.id, best_int8=OTHER.id))
    queue.event_received.emit(ArtifactWritten(kind="search", file=STATE_FILE))
    assert texts(page, 1)[-1].endswith("best INT8")
    assert page.cancel.isVisible()
    assert not page.start.isVisible()
    assert "stopped early" not in page.facts.text()


def test_a_point_selects_its_row_and_a_row_rings_its_point(
    page: SearchPage, look_again: Callable[[], None], planned: PlannedSearch
) -> None:
    record(planned, (PARENT, PLAN))
    look_again()
    page.chart().candidate_chosen.emit(PLAN.id)
    assert page.table.currentIndex().row() == 1
    assert page.open_note.text() == reason_sentence(PLAN.reason)
    assert page.chart().ringed == PLAN.id
    page.table.selectRow(0)
    assert page.chart().ringed == PARENT.id
    assert not page.open.isEnabled(), "the parent is a project already"
    assert "It was stopped early, and can be resumed." in page.facts.text()


def test_a_candidate_becomes_a_project(
    qtbot: QtBot,
    page: SearchPage,
    look_again: Callable[[], None],
    planned: PlannedSearch,
    queue: JobQueue,
    workspace: Workspace,
    project: Project,
) -> None:
    stored = load_stored(model_of(project))
    keep_copy(stored, planned.folder / PLAN.model)
    record(planned, (PARENT, PLAN))
    look_again()
    page.table.selectRow(1)
    with qtbot.waitSignal(queue.job_ended, timeout=60_000) as ended:
        QTest.mouseClick(page.open, LEFT)
    job, end = ended.args
    assert isinstance(job.job, CopyModelJob)
    child = workspace.project(end.project_id)
    assert (child.parent_id, child.state) == (project.id, "ready")


def keep_copy(stored: StoredModel, xml: Path) -> None:
    xml.parent.mkdir(parents=True)
    model = openvino_core().read_model(stored.xml)
    card = stored.card
    store_model(
        model, xml, name="plan", source=card.source, framework="openvino", detector=card.detector
    )


def test_other_input_sizes_are_chosen_and_drawn_as_a_second_front(
    page: SearchPage,
    queue: JobQueue,
    look_again: Callable[[], None],
    planned: PlannedSearch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = InputSize(width=32, height=32)
    sized = replace(
        candidate("resized-32x32-f32", 0.9, 3.0, "resized", "candidates/resized/model.xml"),
        input_size=size,
        small_kept=0.4,
    )
    record(planned, (PARENT, PLAN))
    look_again()
    columns = [one.title for one in candidate_columns(SearchView())]
    assert page.table.isColumnHidden(columns.index("Small objects"))
    record(planned, (PARENT, PLAN, sized))
    look_again()
    shown = [title for title in columns if page.table.columnWidth(columns.index(title))]
    assert shown == columns, "none is pushed out by the one that came"
    assert page.table.header.count() == len(columns)
    page.resize(500, 900)
    last = len(columns) - 1
    assert page.table.columnWidth(last) >= min(480, page.table.sizeHintForColumn(last)), "read"
    page.resize(1000, 900)
    assert texts(page, 0)[-1] == "Parent at 32x32 in f32"
    assert texts(page, 1)[-1] == "○"
    assert texts(page, 3)[-1] == "0.4000"
    dashed = [
        item.getData()[0].tolist()
        for item in user.drawn(page.chart()).listDataItems()
        if item.opts["pen"].style() == Qt.PenStyle.DashLine
    ]
    assert dashed == [[3.0]], "the own size has its front for itself"
    assert "No other input size" in page.facts.text()
    jobs = submitted(queue, monkeypatch)
    user.choose(page.form.sizes, "Smaller ones, too")
    QTest.mouseClick(page.start, LEFT)
    (job,) = jobs
    assert isinstance(job.job, SearchJob)
    assert job.job.settings.input_sizes == "smaller"
    job.abandon(JobOutcome("cancelled"))


def test_a_search_is_resumed(
    page: SearchPage,
    look_again: Callable[[], None],
    planned: PlannedSearch,
    queue: JobQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = record(planned, (PARENT,))
    look_again()
    jobs = submitted(queue, monkeypatch)
    page.form.minutes.setValue(3)
    QTest.mouseClick(page.resume, LEFT)
    (job,) = jobs
    assert isinstance(job.job, SearchJob)
    assert job.job.resume
    assert job.job.folder == planned.folder
    assert job.job.settings == replace(state.settings, minutes=3.0)


def test_progress_is_told_with_the_time_left(page: SearchPage) -> None:
    page.show_search(
        SearchView(running=True, stage="INT8 4: elementwise", percent=40, seconds_left=125.0)
    )
    assert page.stage.text() == "INT8 4: elementwise, 2 min 05 s left"
    assert page.bar.value() == 40


def test_a_speed_says_its_interval() -> None:
    (speed,) = (one for one in candidate_columns(SearchView()) if one.title == "Speed")
    assert speed.hint is not None
    measured = replace(PLAN, speed=Interval(value=2.0, low=1.52, high=2.56))
    assert speed.hint(measured).startswith("95% interval 1.52 to 2.56\n")
    assert "interval" not in speed.hint(replace(PLAN, speed=None))
