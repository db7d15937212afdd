"""The pages on layers in a real window, fed by a real profile of a tiny model."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.performance import layers_presenter as layers
from app.performance.layers_page import AdviceRow
from app.shell.main_window import MainWindow
from core.importing.service import plan_import
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.profiling.findings import layers_of
from core.profiling.service import plan_profile
from core.workspace.store import Workspace
from tests.support import user
from tests.support.jobs import run
from tests.support.window import make_material, open_window, wait_for_jobs


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a parent, its INT8 project, and a profile of both."""
    folder = tmp_path_factory.mktemp("layers")
    material = make_material(folder)
    workspace = Workspace(folder / "workspace")
    parent = run(workspace, plan_import(workspace, material.model, material.validation))
    assert parent.end.project_id is not None
    plan = QuantizationPlan(subset_size=4)
    job = plan_optimize(workspace, parent.end.project_id, material.calibration, plan)
    child = run(workspace, job)
    assert child.end.project_id is not None
    run(workspace, plan_profile(workspace, child.end.project_id, seconds=0.2))
    return workspace.root


@pytest.fixture
def window(
    qtbot: QtBot, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    shutil.copytree(stored, tmp_path / "workspace")
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    window.session.select_project(window.session.workspace.projects()[-1].id)
    window.tabs.setCurrentWidget(window.performance_tab)
    return window


def test_the_table_shows_every_layer_and_obeys_filters(window: MainWindow, tmp_path: Path) -> None:
    page = window.performance_tab.layers
    window.performance_tab.setCurrentWidget(page)
    view = page._presenter.view
    assert view is not None
    assert page.currentWidget() is page.whole
    assert page.runs.count() == 3
    assert page.runs.currentText().startswith("optimized, default")
    everything = len(view.profile.layers)
    assert page.table.rows.rowCount() == everything

    page.precision_choice.setCurrentText("int8")
    shown = page.table.rows.places()
    assert 0 < len(shown) < everything
    assert {view.profile.layers[place].precision for place in shown} == {"int8"}
    page.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    times = [view.profile.layers[place].time_ms for place in page.table.rows.places()]
    assert times == sorted(times, reverse=True)

    page.save_csv(tmp_path / "layers.csv")
    with (tmp_path / "layers.csv").open(newline="") as file:
        assert [int(row["order"]) for row in csv.DictReader(file)] == page.table.rows.places()

    QTest.mouseClick(page.everything, Qt.MouseButton.LeftButton)
    assert page.table.rows.rowCount() == everything
    page.filter.setText("no such layer")
    assert page.table.rows.rowCount() == 0
    window.close()


def test_advice_leads_to_its_layers(window: MainWindow) -> None:
    page = window.performance_tab.layers
    window.performance_tab.setCurrentWidget(page)
    view = page._presenter.view
    assert view is not None
    rows = page.advice.findChildren(AdviceRow)
    assert len(rows) == len(view.findings)
    number = next(n for n, one in enumerate(view.findings) if layers_of(one))
    QTest.mouseClick(rows[number].show_them, Qt.MouseButton.LeftButton)
    assert set(page.table.rows.places()) == set(layers_of(view.findings[number]))
    window.close()


def test_picture_and_tables_select_the_same_layer(window: MainWindow) -> None:
    tab = window.performance_tab
    tab.setCurrentWidget(tab.graph)
    QApplication.processEvents()
    graph, table = tab.graph.graph, tab.graph.table
    presenter = tab.graph._presenter
    view = presenter.view
    assert view is not None

    convolution = next(n for n, one in enumerate(view.profile.layers) if one.computing)
    graph.select(convolution, centre=True)
    place = graph.mapFromScene(graph.item.rect(convolution).center())
    QTest.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert presenter.selected == convolution
    assert table.rows.place(table.currentIndex().row()) == convolution
    assert tab.layers.table.rows.place(tab.layers.table.currentIndex().row()) == convolution
    assert tab.graph.facts.title.text() == view.profile.layers[convolution].label

    row = table.rows.row_of(len(view.profile.layers) - 1)
    assert row is not None
    table.selectRow(row)
    assert presenter.selected == graph.item.selected == len(view.profile.layers) - 1
    shown = graph.mapToScene(graph.viewport().rect()).boundingRect()
    assert shown.contains(graph.item.rect(presenter.selected or 0).center())
    window.close()


def test_a_layer_can_be_kept_in_float_by_its_operations(window: MainWindow) -> None:
    tab = window.performance_tab
    view = tab.graph._presenter.view
    assert view is not None
    asked: list[tuple[str, ...]] = []
    tab.keep_in_float_requested.connect(asked.append)
    tab.setCurrentWidget(tab.graph)
    assert not tab.graph.keep.isEnabled()
    place = next(n for n, one in enumerate(view.profile.layers) if one.computing)
    tab.graph._presenter.select_layer(place)
    QTest.mouseClick(tab.graph.keep, Qt.MouseButton.LeftButton)
    (names,) = asked
    assert names
    assert set(names) <= set(view.profile.layers[place].originals)
    assert not any("fq_" in name for name in names)
    assert window.tabs.currentWidget() is window.optimize_tab
    assert set(names) <= set(window.optimize_tab.plan().ignored_names)
    window.close()


def test_wheel_and_keys_zoom_and_the_rest_of_the_graph_is_reached(window: MainWindow) -> None:
    tab = window.performance_tab
    tab.setCurrentWidget(tab.graph)
    QApplication.processEvents()
    graph = tab.graph.graph
    before = graph.zoom
    here = QPointF(50, 50)
    wheel = QWheelEvent(
        here, QPointF(graph.mapToGlobal(here.toPoint())), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(graph.viewport(), wheel)
    assert graph.zoom == pytest.approx(1.2 * before)
    QTest.keyClick(graph, Qt.Key.Key_F)
    shown = graph.mapToScene(graph.viewport().rect()).boundingRect()
    assert shown.contains(graph.item.boundingRect().center())
    assert shown.height() >= 0.99 * graph.item.boundingRect().height()
    QTest.keyClick(graph, Qt.Key.Key_Down)
    QTest.keyClick(graph, Qt.Key.Key_Down)
    assert tab.graph._presenter.selected == 1

    light = graph.grab().toImage()
    QTest.mouseClick(tab.graph.by_precision, Qt.MouseButton.LeftButton)
    assert graph.grab().toImage() != light
    window.close()


def test_another_run_is_shown_on_both_pages(window: MainWindow) -> None:
    tab = window.performance_tab
    tab.layers.runs.setCurrentIndex(0)
    tab.layers.runs.activated.emit(0)
    view = tab.layers._presenter.view
    assert view is not None
    assert view.titles[view.chosen] == "parent, true f32"
    assert tab.graph.runs.currentIndex() == 0
    assert tab.graph.table.rows.rowCount() == len(view.profile.layers)
    window.close()


def test_a_project_without_a_profile_gets_one_by_its_button(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = window.session.workspace
    monkeypatch.setattr(
        "app.shell.session.plan_profile",
        lambda owner, project: plan_profile(owner, project, seconds=0.2),
    )
    window.session.select_project(workspace.projects()[0].id)
    page = window.performance_tab.layers
    window.performance_tab.setCurrentWidget(page)
    assert page.currentWidget() is page.empty
    QTest.mouseClick(page.empty.action, Qt.MouseButton.LeftButton)
    wait_for_jobs(qtbot, window)
    assert page.currentWidget() is page.whole
    assert [page.runs.itemText(n).split(" (")[0] for n in range(page.runs.count())] == [
        "parent, true f32", "parent, default"
    ]  # fmt: skip
    window.close()


def test_netron_is_offered_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert layers.netron_command(Path("m.xml")) is None
    program = tmp_path / "netron"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert layers.netron_command(Path("m.xml")) == [str(program), "m.xml"]


def test_runs_of_any_projects_stand_side_by_side(window: MainWindow, tmp_path: Path) -> None:
    tab = window.performance_tab
    tab.setCurrentWidget(tab.compare)
    page = tab.compare
    view = page._presenter.view
    assert view is not None
    assert page.currentWidget() is page.page
    assert [one.project.currentText() for one in page.pickers] == [
        "tiny ssd", "tiny ssd – INT8 performance"
    ]  # fmt: skip
    assert "Model file" in user.column(page.summary)
    assert len(user.column(page.types)) == len(view.comparison.types if view.comparison else ())
    assert page.layers.rows.rowCount() > 0

    QTest.mouseClick(page.more, Qt.MouseButton.LeftButton)
    assert not page.more.isVisible() or len(page.pickers) == 3
    for kind in ("html", "csv", "json"):
        page.save(tmp_path / f"comparison.{kind}")
        assert (tmp_path / f"comparison.{kind}").stat().st_size > 500
    window.close()


def test_a_damaged_profile_is_told_once(window: MainWindow) -> None:
    workspace = window.session.workspace
    selected = window.session.selected or 0
    (artifact,) = workspace.artifacts(selected, "profile")
    (artifact.folder / "result.json").write_text("{")
    window.session.select_project(workspace.projects()[0].id)
    told: list[object] = []
    window.performance_tab.layers._presenter.failed.connect(told.append)
    window.session.select_project(selected)
    window.session.refresh()
    assert len(told) == 1
    assert "is damaged" in window.notices.text.text()
    page = window.performance_tab.layers
    assert page.currentWidget() is page.empty
    window.close()
