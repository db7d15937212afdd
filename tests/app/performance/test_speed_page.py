"""The page on speed: stored runs of several projects, charts, and the form of a plan."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.performance.benchmark_form import numbers
from app.performance.distribution import ecdf
from app.performance.speed_page import SpeedPage
from app.performance.speed_presenter import SpeedPresenter
from app.project.presenting import Surroundings
from app.project_views import project_view
from app.workers.job_queue import JobQueue
from core.benchmark.measuring import MEASURING
from core.benchmark.noise import Noise
from core.benchmark.parts import Parts
from core.benchmark.result import BenchmarkRun, NotRun
from core.benchmark.samples import SAMPLES_FILE, Samples, Turn, save_samples
from core.benchmark.service import benchmark_result
from core.benchmark.settings import (
    HINTED,
    LATENCY,
    THROUGHPUT,
    BenchmarkedModel,
    BenchmarkSettings,
    RunMode,
    and_to_boxes,
    grid,
)
from core.benchmark.sweet_spot import sweet_spot
from core.importing.service import plan_import
from core.jobs.events import Progress
from core.jobs.job import RESULT_FILE
from core.values import write_json
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support import benchmarks, user
from tests.support.jobs import run
from tests.support.window import make_material, open_window, wait_for_jobs, wait_for_stage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def run_of(fps: float, ms: float, mode: RunMode = THROUGHPUT) -> BenchmarkRun:
    """A run of a model in f32."""
    return benchmarks.run_of("parent", fps, ms, mode=mode)


def store(workspace: Workspace, project_id: int, runs: list[BenchmarkRun], **more: object) -> None:
    """A benchmark of these runs, with three inferences each."""
    folder = workspace.new_folder("benchmark")
    folder.mkdir(parents=True)
    write_json(folder / RESULT_FILE, benchmarks.result_of(*runs, **more))
    times = np.array([3, 1, 2], np.float32)
    save_samples(folder / SAMPLES_FILE, [Samples([Turn(1.0, times)]) for _ in runs])
    workspace.add_artifact(project_id, "benchmark", folder)


@pytest.fixture(scope="module")
def two_projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two projects, without any measurement."""
    folder = tmp_path_factory.mktemp("speed")
    material = make_material(folder)
    made = Workspace(folder / "workspace")
    for name in ("one", "two"):
        run(made, plan_import(made, material.model, material.validation, name=name))
    return folder / "workspace"


@pytest.fixture
def workspace(two_projects: Path, tmp_path: Path) -> Workspace:
    """Of a copy of that workspace."""
    return Workspace(Path(shutil.copytree(two_projects, tmp_path / "workspace")))


def page_of(qtbot: QtBot, workspace: Workspace, project_id: int) -> SpeedPage:
    page = SpeedPage(SpeedPresenter(Surroundings(workspace, JobQueue(workspace))))
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show()
    page.show_project(project_view(workspace, project_id))
    return page


def titles(page: SpeedPage) -> list[str]:
    model = page.runs.table.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_runs_of_several_projects_in_one_chart_and_table(
    qtbot: QtBot, workspace: Workspace
) -> None:
    store(workspace, 1, [run_of(10, 100), run_of(8, 20, LATENCY)])
    store(workspace, 2, [run_of(99, 50)])
    page = page_of(qtbot, workspace, 1)
    assert titles(page) == ["one", "one"]
    user.menu(page.runs.projects)[1].trigger()
    assert titles(page) == ["two", "one", "one"]

    charts = page.charts()
    charts.setCurrentWidget(charts.scatter)
    best = charts.scatter.best
    assert best is not None and best.title == "two"
    charts.scatter.limit.setValue(30)
    best = charts.scatter.best
    assert best is not None and best.run.latency_ms.p50 == 20
    charts.scatter.limit.setValue(1)
    assert charts.scatter.best is None
    assert charts.scatter.best_text.text() == "No run meets the limit."

    charts.scatter.run_chosen.emit(best.key)
    assert page.runs.details.title.text() == "one, true f32, latency"
    rows = page.runs.table.selectionModel().selectedRows()
    assert [index.row() for index in rows] == [2]
    user.click_cell(page.runs.table, 0)
    assert page.runs.details.title.text() == "two, true f32, throughput"
    charts.setCurrentIndex(2)
    (curve,) = user.drawn(charts.latencies).listDataItems()
    assert list(curve.xData) == [1, 2, 3]


def test_runs_have_the_name_that_a_project_has_now(qtbot: QtBot, workspace: Workspace) -> None:
    store(workspace, 1, [run_of(10, 100)])
    page = page_of(qtbot, workspace, 1)
    assert titles(page) == ["one"]
    workspace.rename_project(1, "renamed")
    page.show_project(project_view(workspace, 1))
    assert titles(page) == ["renamed"]


def test_a_model_that_was_measured_with_another_alone_shows_that_benchmark(
    qtbot: QtBot, workspace: Workspace
) -> None:
    one, two = workspace.projects()
    both = (
        BenchmarkedModel(name="one", xml=model_of(one)),
        BenchmarkedModel(name="two", xml=model_of(two)),
    )
    runs = [benchmarks.run_of("one", 10), benchmarks.run_of("two", 20)]
    store(workspace, two.id, runs, models=both)
    page = page_of(qtbot, workspace, one.id)
    assert page.currentWidget() is page.page
    assert len(titles(page)) == 2
    assert page.result.whose.text() == "From the benchmark of two."
    store(workspace, one.id, [run_of(30, 5)])
    page.show_project(project_view(workspace, one.id))
    assert titles(page) == ["one"], "its own ones come first"
    assert not page.result.whose.isVisible()


def test_a_grid_is_a_heat_map(qtbot: QtBot, workspace: Workspace) -> None:
    runs = [run_of(10 * place, 5, one) for place, one in enumerate(grid([1, 2], [1, 4]), 1)]
    store(workspace, 1, runs)
    page = page_of(qtbot, workspace, 1)
    heat = page.charts().grid
    page.charts().setCurrentWidget(heat)
    assert user.cells(heat.table) == [["10.0", "20.0"], ["30.0", "40.0"]]
    model, background = heat.table.model(), Qt.ItemDataRole.BackgroundRole
    colours = [model.index(n // 2, n % 2).data(background) for n in range(4)]
    lightness = [colour.lightness() for colour in colours]
    assert lightness == sorted(lightness, reverse=True), "darker = higher"
    user.click_cell(heat.table, 1, 0)
    assert page.runs.details.title.text().endswith("2 streams x batch 1")


def test_what_was_stopped_says_so_and_can_be_deleted(qtbot: QtBot, workspace: Workspace) -> None:
    noise = Noise(other_load_cores=0.9, other_load_most_cores=1)
    left_out = NotRun(model="parent", precision_hint="f32", mode=RunMode(batch=2), reason="No.")
    store(workspace, 1, [run_of(10, 100)], stopped=True, noise=noise, not_run=(left_out,))
    page = page_of(qtbot, workspace, 1)
    said = page.result.noise.text()
    assert said.startswith("Stopped after 1 round; what was measured is stored. Other programs")
    assert "0.9 cores busy" in said
    assert page.result.remarks.text() == (
        "The parent (true f32, throughput, batch 2) was not run: No."
    )
    assert page.result.resume.isVisible()
    user.click_cell(page.runs.table, 0)
    user.click(page.runs.delete)
    assert workspace.artifacts(1, "benchmark") == ()
    assert page.currentWidget() is page.empty
    (entry,) = workspace.trash.entries()
    assert entry.artifact is not None and entry.artifact.kind == "benchmark"


def test_the_key_of_undo_counts_in_the_table_of_runs(qtbot: QtBot, workspace: Workspace) -> None:
    for number in (1, 2):
        store(workspace, number, [run_of(10, 100)])
    page = page_of(qtbot, workspace, 1)
    wanted: list[None] = []
    page.runs.presenter.go.undo_delete.connect(lambda: wanted.append(None))
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.runs.table.setFocus()
    QTest.keyClick(page.runs.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(wanted) == 1


def test_the_form_makes_a_plan(qtbot: QtBot, workspace: Workspace) -> None:
    page = page_of(qtbot, workspace, 1)
    form = page.form
    assert form.request is not None
    assert form.request.settings == BenchmarkSettings()
    assert form.amount.value() == 20
    user.menu(form.models)[1].trigger()
    form.mode.setCurrentIndex(form.mode.findData("grid"))
    form.streams.setText("1, 2")
    form.batches.setText("4")
    form.unit.setCurrentIndex(1)
    form.amount.setValue(70)
    form.input.setCurrentIndex(1)
    user.menu(form.precisions)[0].trigger()  # no true f32
    request = form.request
    assert request is not None
    assert request.projects == (1, 2)
    assert request.settings.modes == grid([1, 2], [4])
    assert (request.settings.iterations, request.settings.input) == (70, "dataset")
    assert request.settings.precision_hints == ("default",)
    assert form.estimate.text().startswith("4 runs")
    form.unit.setCurrentIndex(0)
    form.streams.setText("1, 2, 4, 8, 16")
    assert form.amount.value() == 30, "for ten runs"
    form.streams.setText("many")
    assert form.request is None
    assert not page.run.isEnabled()
    assert form.estimate.text().startswith("Streams and batch are numbers")


def test_the_form_takes_the_whole_way_from_images_to_boxes(
    qtbot: QtBot, workspace: Workspace
) -> None:
    page = page_of(qtbot, workspace, 1)
    form = page.form
    form.way.setCurrentIndex(form.way.findData("file"))
    assert ", also to boxes, " in form.summary, "seen while the form is folded"
    assert form.request is not None
    assert form.request.settings.modes == and_to_boxes(HINTED, "file")
    assert form.request.settings.input == form.input.currentData() == "dataset"
    assert not form.input.isEnabled()
    form.batches.setText("2")
    assert form.request is None
    assert form.estimate.text().endswith("from an image to boxes needs a batch of 1.")
    form.way.setCurrentIndex(form.way.findData("input"))
    assert "boxes" not in form.summary
    assert form.request is not None
    assert form.input.isEnabled()


def test_where_the_time_of_an_image_goes_is_a_chart(qtbot: QtBot, workspace: Workspace) -> None:
    parts = Parts(decode=2.0, prepare=1.0, infer=6.0, boxes=1.0)
    many, alone = (replace(mode, start="file") for mode in HINTED)
    runs = [
        run_of(10, 100),
        replace(run_of(80, 25, many), parts_ms=parts, requests=2),
        replace(run_of(99, 10, alone), parts_ms=parts),
    ]
    store(workspace, 2, [run_of(10, 100)])
    store(workspace, 1, runs)
    page = page_of(qtbot, workspace, 1)
    charts = page.charts()
    place = charts.indexOf(charts.parts)
    assert charts.isTabVisible(place)
    charts.setCurrentIndex(place)
    items = user.drawn(charts.parts).items()
    written = [item.toPlainText() for item in items if isinstance(item, pg.TextItem)]
    assert written == ["10.0 ms"], "the one that goes one image after the other"
    assert "decoding 2.00 ms (20%)" in page.result.to_boxes.text()
    assert charts.scatter.best is not None
    assert charts.scatter.best.run.mode == THROUGHPUT, "other ways are not compared with it"
    page.show_project(project_view(workspace, 2))
    assert not charts.isTabVisible(place)


def test_devices_come_from_openvino(qtbot: QtBot, workspace: Workspace) -> None:
    page = page_of(qtbot, workspace, 1)
    page.settings.unfold()
    offered = page.form.device
    qtbot.waitUntil(lambda: "processor" not in offered.itemText(0), timeout=60_000)
    found = [offered.itemData(place) for place in range(offered.count())]
    assert {"CPU", "AUTO"} <= set(found)


def test_a_stopped_benchmark_is_resumed_and_a_new_one_run(
    qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the empty page to the resumed benchmark, by its buttons alone."""
    window = open_window(qtbot, workspace.root, monkeypatch)
    for artifact in workspace.artifacts(1, "benchmark"):
        workspace.remove_artifact(1, artifact.folder)
    window.parts.session.select_project(1)
    window.tabs.setCurrentWidget(window.tabs.performance)
    page = window.tabs.performance.speed
    page.form.unit.setCurrentIndex(1)
    page.form.amount.setValue(3000)
    page.form.mode.setCurrentIndex(page.form.mode.findData("latency"))
    user.click(page.empty.action)
    wait_for_stage(qtbot, window, MEASURING)
    qtbot.waitUntil(lambda: (window.parts.queue.state.progress or Progress(stage="")).done > 1)
    user.press(window, "Cancel")
    wait_for_jobs(qtbot, window)
    (stopped,) = workspace.artifacts(1, "benchmark")
    assert benchmark_result(stopped).stopped
    assert page.currentWidget() is page.page
    user.click(page.result.resume)
    wait_for_jobs(qtbot, window)
    (whole,) = workspace.artifacts(1, "benchmark")
    assert whole != stopped
    assert all(run.complete for run in benchmark_result(whole).runs)
    assert not page.result.resume.isVisible()
    window.close()


def test_small_things() -> None:
    assert numbers("1, 2,2 ,4") == (1, 2, 4)
    assert [numbers(text) for text in ("", "0", "1;2", "-1", "65")] == [None] * 5
    x, y = ecdf(np.array([3, 1, 2, 2], np.float32))
    assert x.tolist() == [1, 2, 2, 3]
    assert y.tolist() == [0.25, 0.5, 0.75, 1]
    runs = [run_of(10, 5), run_of(20, 9)]
    assert [sweet_spot(runs, "p50", most) for most in (4, 5, 9)] == [None, 0, 1]
