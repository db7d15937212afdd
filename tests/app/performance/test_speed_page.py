"""The page on speed: stored runs of several projects, charts, and the form of a plan."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.performance.distribution import ecdf
from app.performance.speed_form import numbers
from app.performance.speed_page import SpeedPage
from app.performance.speed_presenter import SpeedPresenter
from app.project_views import project_view
from core.benchmark.noise import Noise
from core.benchmark.result import BenchmarkRun, NotRun
from core.benchmark.samples import SAMPLES_FILE, Samples, Turn, save_samples
from core.benchmark.settings import LATENCY, THROUGHPUT, BenchmarkSettings, RunMode, grid
from core.benchmark.sweet_spot import sweet_spot
from core.importing.service import plan_import
from core.jobs.job import RESULT_FILE
from core.values import write_json
from core.workspace.store import Workspace
from tests.support import benchmarks, user
from tests.support.jobs import run
from tests.support.window import make_material

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
    page = SpeedPage(SpeedPresenter(workspace))
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show()
    page.show_project(project_view(workspace, project_id))
    return page


def titles(page: SpeedPage) -> list[str]:
    model = page.table.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_runs_of_several_projects_in_one_chart_and_table(
    qtbot: QtBot, workspace: Workspace
) -> None:
    store(workspace, 1, [run_of(10, 100), run_of(8, 20, LATENCY)])
    store(workspace, 2, [run_of(99, 50)])
    page = page_of(qtbot, workspace, 1)
    assert titles(page) == ["one", "one"]
    page.projects.menu().actions()[1].trigger()
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
    assert charts.scatter.told.text() == "No run keeps that limit."

    charts.scatter.run_chosen.emit(best.key)
    assert page.details.title.text() == "one, true f32 (f32), latency"
    rows = page.table.selectionModel().selectedRows()
    assert [index.row() for index in rows] == [2]
    page.table.selectRow(0)
    assert page.details.title.text() == "two, true f32 (f32), throughput"
    charts.setCurrentWidget(charts.latencies)
    (curve,) = charts.latencies.plot.listDataItems()
    assert list(curve.xData) == [1, 2, 3]


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
    assert page.details.title.text().endswith("2 streams x batch 1")


def test_what_was_stopped_can_be_gone_on_with_and_deleted(
    qtbot: QtBot, workspace: Workspace
) -> None:
    noise = Noise(other_load_cores=0.9, other_load_most_cores=1)
    left_out = NotRun(model="parent", precision_hint="f32", mode=RunMode(batch=2), reason="No.")
    store(workspace, 1, [run_of(10, 100)], stopped=True, noise=noise, not_run=(left_out,))
    page = page_of(qtbot, workspace, 1)
    assert page.noise.text().startswith("Stopped after 1 rounds; what was measured is kept. Other")
    assert "0.9 cores busy" in page.noise.text()
    assert page.advice.text() == "parent (true f32, throughput, batch 2) was not run: No."
    (artifact,) = workspace.artifacts(1, "benchmark")
    with qtbot.waitSignal(page.go_on_requested) as asked:
        QTest.mouseClick(page.go_on, Qt.MouseButton.LeftButton)
    assert asked.args == [artifact]
    page.table.selectRow(0)
    QTest.mouseClick(page.delete, Qt.MouseButton.LeftButton)
    assert workspace.artifacts(1, "benchmark") == ()
    assert page.currentWidget() is page.empty


def test_the_form_makes_a_plan(qtbot: QtBot, workspace: Workspace) -> None:
    page = page_of(qtbot, workspace, 1)
    form = page.form
    assert form.wish is not None
    assert form.wish.settings == BenchmarkSettings()
    assert form.amount.value() == 20
    form.models.menu().actions()[1].trigger()
    form.how.setCurrentIndex(form.how.findData("grid"))
    form.streams.setText("1, 2")
    form.batches.setText("4")
    form.unit.setCurrentIndex(1)
    form.amount.setValue(70)
    form.input.setCurrentIndex(1)
    form.precisions.menu().actions()[0].trigger()  # no true f32
    wish = form.wish
    assert wish is not None
    assert wish.others == (1, 2)
    assert wish.settings.modes == grid([1, 2], [4])
    assert (wish.settings.iterations, wish.settings.input) == (70, "dataset")
    assert wish.settings.precision_hints == ("default",)
    assert form.estimate.text().startswith("4 runs")
    form.unit.setCurrentIndex(0)
    form.streams.setText("1, 2, 4, 8, 16")
    assert form.amount.value() == 30, "for ten runs"
    form.streams.setText("many")
    assert form.wish is None
    assert not page.again.isEnabled()
    assert form.estimate.text().startswith("Streams and batch are numbers")


def test_devices_come_from_openvino(qtbot: QtBot, workspace: Workspace) -> None:
    presenter = SpeedPresenter(workspace)
    with qtbot.waitSignal(presenter.devices_changed, timeout=60_000) as told:
        presenter.ask_for_devices()
    assert {"CPU", "AUTO"} <= dict(told.args[0]).keys()
    presenter.close()


def test_small_things() -> None:
    assert numbers("1, 2,2 ,4") == (1, 2, 4)
    assert [numbers(text) for text in ("", "0", "1;2", "-1", "65")] == [None] * 5
    x, y = ecdf(np.array([3, 1, 2, 2], np.float32))
    assert x.tolist() == [1, 2, 2, 3]
    assert y.tolist() == [0.25, 0.5, 0.75, 1]
    runs = [run_of(10, 5), run_of(20, 9)]
    assert [sweet_spot(runs, "p50", most) for most in (4, 5, 9)] == [None, 0, 1]
