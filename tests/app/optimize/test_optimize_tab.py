"""The Optimize tab: what it asks for is the plan that comes out, and plans can be used again."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from app.optimize.presenter import OptimizePresenter
from app.optimize.tab import OptimizeTab
from app.project.presenting import Surroundings
from app.project_views import project_view
from app.workers.job_queue import JobQueue
from core.importing.service import plan_import
from core.jobs.events import JobOutcome
from core.jobs.planned import PlannedJob
from core.jobs.quiet import TimedRounds
from core.models.input_size import InputSize
from core.models.plan import AccuracyTarget, QuantizationPlan, Subgraph
from core.optimize.job import QuantizeJob
from core.optimize.plans import plan_listing
from core.optimize.service import plan_optimize
from core.targets.target import for_target
from core.workspace.store import Workspace
from tests.support import user
from tests.support.jobs import run
from tests.support.window import make_material

CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a tiny SSD and a model that was made from it."""
    folder = tmp_path_factory.mktemp("optimize")
    material = make_material(folder)
    workspace = Workspace(folder / "workspace")
    imported = run(workspace, plan_import(workspace, material.model, material.validation))
    plan = QuantizationPlan(preset="mixed", subset_size=2, ignored_parts=("head",))
    made = plan_optimize(workspace, imported.end.project_id or 0, material.calibration, plan)
    assert run(workspace, made).end.outcome.state == "succeeded"
    return workspace


@pytest.fixture
def queue(workspace: Workspace) -> JobQueue:
    return JobQueue(workspace)


@pytest.fixture
def tab(qtbot: QtBot, workspace: Workspace, queue: JobQueue) -> OptimizeTab:
    presenter = OptimizePresenter(Surroundings(workspace, queue), queue)
    made = OptimizeTab(presenter)
    queue.setParent(made)
    qtbot.addWidget(made, before_close_func=lambda tab: presenter.close())
    made.resize(1000, 700)
    made.show()
    show(made, workspace, 0)
    return made


def show(tab: OptimizeTab, workspace: Workspace, place: int) -> None:
    project = workspace.projects()[place]
    tab.show_project(project_view(workspace, project.id))


def test_it_follows_another_name_of_the_project(tab: OptimizeTab, workspace: Workspace) -> None:
    before = workspace.projects()[0]
    tab.form.subset.setValue(7)
    workspace.rename_project(before.id, "another name")
    show(tab, workspace, 1)
    assert tab.title.text == "Optimize another name"
    assert tab.form.subset.value() == 7, "what was typed stays"
    workspace.rename_project(before.id, before.name)


def started(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> list[QuantizeJob]:
    """What is started from now on, instead of running it."""
    jobs: list[QuantizeJob] = []

    def submit(job: PlannedJob) -> None:
        assert isinstance(job.job, QuantizeJob)
        jobs.append(job.job)
        job.abandon(JobOutcome("cancelled"))

    monkeypatch.setattr(queue, "submit", submit)
    return jobs


def listed(qtbot: QtBot, tab: OptimizeTab) -> None:
    """Unfold what is kept in float, and wait for the operations."""
    QTest.mouseClick(tab.form.scope_fold.header, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(tab.form.scope.operations.search.isEnabled, timeout=30_000)


def test_a_listing_that_was_cancelled_can_be_started_again(
    qtbot: QtBot, tab: OptimizeTab, queue: JobQueue, workspace: Workspace
) -> None:
    """It said "Listing operations…" for ever."""
    model = workspace.projects()[0].model
    assert model is not None
    for known in model.parent.glob("*operations*"):
        known.unlink()
    operations = tab.form.scope.operations
    with TimedRounds(lambda: None):
        QTest.mouseClick(tab.form.scope_fold.header, Qt.MouseButton.LeftButton)
        assert operations.search.placeholderText() == "Listing operations…"
        assert not operations.list_them.isVisible()
        qtbot.waitUntil(lambda: queue.state.progress is not None, timeout=30_000)
        queue.cancel_current()
        qtbot.waitUntil(lambda: not queue.jobs, timeout=30_000)
    assert operations.search.placeholderText() == "Not listed yet"
    user.click(operations.list_them)
    assert operations.search.placeholderText() == "Listing operations…"
    qtbot.waitUntil(operations.search.isEnabled, timeout=30_000)
    assert not operations.list_them.isVisible()


def test_operations_that_another_window_listed_are_shown_when_asked_for(
    qtbot: QtBot, tab: OptimizeTab, workspace: Workspace
) -> None:
    """It stayed at "Not listed yet", and *List operations* did nothing."""
    project = workspace.projects()[0]
    assert project.model is not None
    for known in project.model.parent.glob("*operations*"):
        known.unlink()
    tab.form.scope.operations.show_operations(None)
    assert run(workspace, plan_listing(workspace, project.id)), "by somebody else"
    QTest.mouseClick(tab.form.scope_fold.header, Qt.MouseButton.LeftButton)
    assert tab.form.scope.operations.search.isEnabled()


def test_the_default_plan_is_what_an_untouched_form_says(tab: OptimizeTab) -> None:
    assert tab.plan() == QuantizationPlan()
    assert tab.start_note.text() == "The default plan."
    assert not tab.made_card.isVisible()
    assert not tab.form.advanced_fold.content.isVisible()


def test_every_field_reaches_the_plan(
    qtbot: QtBot, tab: OptimizeTab, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, scope = tab.form, tab.form.scope
    listed(qtbot, tab)
    assert scope.parts["depthwise"].isEnabled() is False
    operations = scope.operations
    assert any("(Convolution)" in shown for shown in user.column(operations.list))
    QTest.keyClicks(operations.search, "softmax")
    (shown,) = user.column(operations.list)
    user.tick(operations.list, 0)
    softmax = shown.partition("   (")[0]
    scope.parts["first_layer"].setChecked(True)
    QTest.keyClicks(scope.types, "Multiply, Sigmoid")
    scope.patterns.setPlainText(".*head\n")
    scope.subgraphs.setPlainText("a -> b")
    form.subset.setValue(20)
    form.presets.button(1).click()
    form.seed.setValue(7)
    QTest.keyClicks(form.input_size, "320")
    assert "320x256" in form.problem, "what is no size yet is no plan either"
    QTest.keyClicks(form.input_size, "x256")
    assert form.problem == ""
    for field, value in (
        ("target", "cpu_amx"),
        ("model_type", "transformer"),
        ("bias_correction", "off"),
        ("activation_range", "histogram"),
        ("weight_range", "mean_min_max"),
    ):
        form.advanced[field].set_value(value)
    assert tab.plan() == QuantizationPlan(
        preset="mixed",
        subset_size=20,
        seed=7,
        input_size=InputSize(width=320, height=256),
        target="cpu_amx",
        model_type="transformer",
        bias_correction="off",
        activation_range="histogram",
        weight_range="mean_min_max",
        ignored_parts=("first_layer",),
        ignored_names=(softmax,),
        ignored_patterns=(".*head",),
        ignored_types=("Multiply", "Sigmoid"),
        ignored_subgraphs=(Subgraph(inputs=("a",), outputs=("b",)),),
    )
    assert "target: CPU with AMX" in form.advanced_fold.summary.text
    asked = started(queue, monkeypatch)
    QTest.mouseClick(tab.start, Qt.MouseButton.LeftButton)
    assert [(one.plan, one.evaluated_on) for one in asked] == [(tab.plan(), None)]
    assert asked[0].dataset.path == tab.calibration.path


def test_what_cannot_be_followed_cannot_be_started(tab: OptimizeTab) -> None:
    scope = tab.form.scope
    for field, text, problem in (
        (scope.subgraphs, "a -> b\nunfinished", "'unfinished' is not like FIRST -> LAST."),
        (scope.patterns, "(", "The pattern '(' is not a regular expression that is supported"),
    ):
        field.setPlainText(text)
        assert not tab.start.isEnabled()
        assert problem in html.unescape(tab.start.toolTip())
        field.clear()
        assert tab.start.isEnabled()


def test_accuracy_aware_asks_for_what_may_be_lost(
    tab: OptimizeTab, workspace: Workspace, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not tab.accuracy.isVisible()
    tab.methods.choose(1)
    assert tab.accuracy.isVisible()
    assert tab.plan().accuracy == AccuracyTarget()
    tab.accuracy.metrics.setCurrentIndex(1)
    assert tab.accuracy.drop.value() == 0.01
    tab.accuracy.drop.setValue(0.02)
    tab.accuracy.minutes.setValue(3)
    tab.accuracy.attempts.setValue(9)
    tab.accuracy.images.setValue(50)
    images = workspace.root.parent / "photos" / "val"
    tab.accuracy.evaluated_on.set_path(images)
    wanted = AccuracyTarget(metric="coco_ap", max_drop=0.02, images=50, minutes=3, attempts=9)
    assert tab.plan() == QuantizationPlan(accuracy=wanted)
    assert "a drop of 0.02 of COCO AP at most" in tab.start_note.text()
    asked = started(queue, monkeypatch)
    QTest.mouseClick(tab.start, Qt.MouseButton.LeftButton)
    assert asked[0].plan == tab.plan()
    assert asked[0].evaluated_on is not None and asked[0].evaluated_on.path == images
    tab.accuracy.evaluated_on.set_path(images / "nowhere")
    assert not tab.start.isEnabled()
    tab.methods.choose(0)
    assert tab.start.isEnabled()


def test_operations_picked_elsewhere_are_added(tab: OptimizeTab) -> None:
    tab.keep_in_float(("first", "second"))
    tab.keep_in_float(("second", "third"))
    assert tab.plan().ignored_names == ("first", "second", "third")
    assert tab.form.scope_fold.content.isVisible()
    QTest.mouseClick(tab.form.scope.operations.none, Qt.MouseButton.LeftButton)
    assert tab.plan().ignored_names == ()


def test_the_plan_of_a_model_is_shown_and_used_again(
    tab: OptimizeTab, workspace: Workspace
) -> None:
    show(tab, workspace, 1)
    assert tab.made_card.isVisible()
    assert tab.made_card.title.text() == "INT8 mixed was made with this plan"
    assert tab.plan() == QuantizationPlan()
    QTest.mouseClick(tab.use_again, Qt.MouseButton.LeftButton)
    made = QuantizationPlan(preset="mixed", subset_size=2, ignored_parts=("head",))
    assert tab.plan() == for_target(made), "the target is what the machine was"
    assert "ignored parts: head" in tab.start_note.text()


def test_a_plan_is_saved_found_again_and_forgotten(
    tab: OptimizeTab, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("my plan", True))
    tab.form.seed.setValue(9)
    QTest.mouseClick(tab.plans.save, Qt.MouseButton.LeftButton)
    titles = [tab.plans.box.itemText(row) for row in range(tab.plans.box.count())]
    assert titles == ["Default", "my plan", "As INT8 mixed"]
    show(tab, workspace, 0)
    tab.form.set_plan(QuantizationPlan())
    tab.plans.box.setCurrentIndex(1)
    tab.plans.box.activated.emit(1)
    assert tab.plan().seed == 9
    QTest.mouseClick(tab.plans.delete, Qt.MouseButton.LeftButton)
    assert tab.plans.box.count() == 2


def test_the_wheel_scrolls_the_page_and_changes_no_field(tab: OptimizeTab) -> None:
    centre = tab.form.subset.rect().center()
    event = QWheelEvent(
        QPointF(centre),
        QPointF(tab.form.subset.mapToGlobal(centre)),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    tab.setFocus()
    QApplication.sendEvent(tab.form.subset, event)
    assert tab.form.subset.value() == QuantizationPlan().subset_size


def test_without_images_it_cannot_be_started(tab: OptimizeTab, tmp_path: Path) -> None:
    tab.calibration.set_path(tmp_path / "nowhere")
    assert not tab.start.isEnabled()
    assert "calibration images" in tab.start.toolTip()
