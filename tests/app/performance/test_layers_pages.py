"""The pages on layers in a real window, fed by a real profile of a tiny model."""

from __future__ import annotations

import csv
import shutil
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.kit.page import Page
from app.performance import layers_presenter
from app.performance.graph.graph_item import TITLE_WIDTH, title_font
from app.performance.graph.graph_view import described
from app.shell.main_window import MainWindow
from core.importing.service import plan_import
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.profiling.findings import layers_of
from core.profiling.profile import Profile
from core.profiling.result import ProfileResult
from core.profiling.service import plan_profile, profile_result
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
    window.parts.session.select_project(window.parts.workspace.projects()[-1].id)
    window.tabs.setCurrentWidget(window.tabs.performance)
    return window


def profiles(window: MainWindow) -> ProfileResult:
    """What is stored of the shown project."""
    (artifact,) = window.parts.workspace.artifacts(window.parts.session.selected or 0, "profile")
    return profile_result(artifact)


def optimized(window: MainWindow) -> Profile:
    """The profile that is shown first."""
    return profiles(window).profiles[-1]


def test_the_table_shows_every_layer_and_obeys_filters(window: MainWindow, tmp_path: Path) -> None:
    page = window.tabs.performance.layers
    window.tabs.performance.setCurrentWidget(page)
    layers, details = optimized(window).layers, page.details
    rows = details.table.rows
    assert page.currentWidget() is page.whole
    assert page.profiles.count() == 3
    assert page.profiles.currentText().startswith("optimized, default")
    assert rows.rowCount() == len(layers)

    user.choose(details.precision, "int8")
    shown = rows.places()
    assert 0 < len(shown) < len(layers)
    assert {layers[place].precision for place in shown} == {"int8"}
    details.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    times = [layers[place].time_ms for place in rows.places()]
    assert times == sorted(times, reverse=True)

    details.save_csv(tmp_path / "layers.csv")
    with (tmp_path / "layers.csv").open(newline="") as file:
        assert [int(row["order"]) for row in csv.DictReader(file)] == rows.places()

    user.click(details.everything)
    assert rows.rowCount() == len(layers)
    details.filter.setText("no such layer")
    assert rows.rowCount() == 0
    window.close()


def test_findings_lead_to_their_layers(qtbot: QtBot, window: MainWindow) -> None:
    page = window.tabs.performance.layers
    window.tabs.performance.setCurrentWidget(page)
    findings = profiles(window).findings[-1]
    assert len(page.findings.rows) == len(findings)
    number = next(n for n, one in enumerate(findings) if layers_of(one))
    shown = page.findings.rows[number].show_them
    qtbot.waitUntil(shown.isVisible)  # the page was made just now
    (area,) = (one for one in page.findChildren(Page) if one.isAncestorOf(shown))

    def in_view() -> bool:  # there are as many findings above it as the times of the day give
        area.ensureWidgetVisible(shown)
        return not shown.visibleRegion().isEmpty()

    qtbot.waitUntil(in_view)
    user.click(shown)
    assert set(page.details.table.rows.places()) == set(layers_of(findings[number]))
    window.close()


def test_graph_and_tables_select_the_same_layer(window: MainWindow) -> None:
    tab = window.tabs.performance
    tab.setCurrentWidget(tab.graph)
    QApplication.processEvents()
    graph, table = tab.graph.graph, tab.graph.table
    layers = optimized(window).layers

    convolution = next(n for n, one in enumerate(layers) if one.computing)
    graph.select(convolution, centre=True)
    user.click(graph.viewport(), graph.mapFromScene(graph.item.rect(convolution).center()))
    assert table.current_place == tab.layers.details.table.current_place == convolution
    assert tab.graph.facts.title.text() == layers[convolution].label

    last = len(layers) - 1
    row = table.rows.row_of(last)
    assert row is not None
    table.selectRow(row)
    assert tab.layers.details.table.current_place == graph.item.selected == last
    shown = graph.mapToScene(graph.viewport().rect()).boundingRect()
    assert shown.contains(graph.item.rect(last).center())
    window.close()


def test_from_a_slow_layer_to_its_node_and_back(window: MainWindow) -> None:
    tab = window.tabs.performance
    tab.setCurrentWidget(tab.layers)
    layers, details = optimized(window).layers, tab.layers.details
    assert not details.graph.isEnabled()
    slowest = max(range(len(layers)), key=lambda place: layers[place].time_ms)
    row = details.table.rows.row_of(slowest)
    assert row is not None
    details.table.selectRow(row)
    user.click(details.graph)
    assert tab.currentWidget() is tab.graph
    assert tab.graph.graph.item.selected == slowest
    layer = layers[slowest]
    shape = "x".join(map(str, layer.shape))
    assert described(layer) == (
        layer.what, layer.primitive, f"{shape} · {layer.time_ms:.3f} ms", layer.label
    )  # fmt: skip
    details.filter.setText("no such layer")
    user.click(tab.graph.list)
    assert tab.currentWidget() is tab.layers
    assert details.table.current_place == slowest, "though it was filtered"
    window.close()


def test_a_layer_can_be_kept_in_float_by_its_operations(window: MainWindow) -> None:
    tab = window.tabs.performance
    tab.setCurrentWidget(tab.graph)
    assert not tab.graph.keep.isEnabled()
    layers = optimized(window).layers
    place = next(n for n, one in enumerate(layers) if one.computing)
    row = tab.graph.table.rows.row_of(place)
    assert row is not None
    tab.graph.table.selectRow(row)
    user.click(tab.graph.keep)
    assert window.tabs.currentWidget() is window.tabs.optimize
    names = set(window.tabs.optimize.plan().ignored_names)
    assert names
    assert names <= set(layers[place].originals)
    assert not any("fq_" in name for name in names)
    window.close()


def test_wheel_and_keys_zoom_and_the_rest_of_the_graph_is_reached(window: MainWindow) -> None:
    tab = window.tabs.performance
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
    assert tab.graph.table.current_place == graph.item.selected == 1

    light = graph.grab().toImage()
    QTest.mouseClick(tab.graph.by_precision, Qt.MouseButton.LeftButton)
    assert graph.grab().toImage() != light
    window.close()


def test_another_profile_is_shown_on_both_pages(window: MainWindow) -> None:
    tab = window.tabs.performance
    user.choose(tab.layers.profiles, "parent, true f32")
    assert tab.graph.profiles.currentText() == "parent, true f32"
    assert tab.graph.table.rows.rowCount() == len(profiles(window).profiles[0].layers)
    window.close()


def test_a_project_without_a_profile_gets_one_by_its_button(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = partial(plan_profile, seconds=0.2)
    monkeypatch.setattr("app.performance.layers_presenter.plan_profile", short)
    window.parts.session.select_project(window.parts.workspace.projects()[0].id)
    page = window.tabs.performance.layers
    window.tabs.performance.setCurrentWidget(page)
    assert page.currentWidget() is page.empty
    user.press(page.empty, "Profile layers")
    wait_for_jobs(qtbot, window)
    assert page.currentWidget() is page.whole
    names = [page.profiles.itemText(n).split(" (")[0] for n in range(page.profiles.count())]
    assert names == ["parent, true f32", "parent, default"]
    window.close()


def test_netron_is_offered_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert layers_presenter.netron_command(Path("m.xml")) is None
    program = tmp_path / "netron"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert layers_presenter.netron_command(Path("m.xml")) == [str(program), "m.xml"]


def test_runs_of_any_projects_stand_side_by_side(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    tab = window.tabs.performance
    tab.setCurrentWidget(tab.compare)
    page = tab.compare
    qtbot.waitUntil(lambda: page.currentWidget() is page.page)
    assert [one.project.currentText() for one in page.pickers] == [
        "tiny ssd", "tiny ssd – INT8 performance"
    ]  # fmt: skip
    assert "Model file" in user.column(page.summary.figures)
    layers = [layer for one in profiles(window).profiles[1:] for layer in one.layers]
    kinds = {layer.what for layer in layers if layer.time_ms}
    assert set(user.column(page.summary.types)) == kinds
    assert page.layers.table.rows.rowCount() > 0
    assert not page.more.isVisible(), "both projects are there, with the one run they have"
    for kind in ("html", "csv", "json"):
        page.save(tmp_path / f"comparison.{kind}")
        assert (tmp_path / f"comparison.{kind}").stat().st_size > 500
    window.close()


def test_a_damaged_profile_is_named_once(window: MainWindow) -> None:
    window.tabs.performance.setCurrentWidget(window.tabs.performance.layers)
    workspace = window.parts.workspace
    selected = window.parts.session.selected or 0
    (artifact,) = workspace.artifacts(selected, "profile")
    (artifact.folder / "result.json").write_text("{")
    window.parts.session.select_project(workspace.projects()[0].id)
    window.parts.session.select_project(selected)
    assert "is damaged" in window.notices.said
    user.press(window.notices, "Close")
    window.parts.session.refresh()
    assert not window.notices.isVisible()
    page = window.tabs.performance.layers
    assert page.currentWidget() is page.empty
    window.close()


def test_the_type_of_a_layer_has_room_in_its_box(qapp: QApplication) -> None:
    metrics = QFontMetricsF(title_font(qapp.font()))
    assert metrics.horizontalAdvance("Depthwise convolution") <= TITLE_WIDTH
