"""The tutorial from its start to its end, with clicks and keys in the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from app.importing.dialog import NewProjectDialog
from app.reports.predictions_page import PredictionsPage
from app.shell.main_window import MainWindow
from tests.support.window import (
    JOB_TIMEOUT_MS,
    Material,
    make_material,
    open_window,
    wait_for_jobs,
)


def _click_tab(qtbot: QtBot, window: MainWindow, name: str) -> None:
    bar = window.tabs.tabBar()
    place = next(i for i in range(bar.count()) if bar.tabText(i) == name)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
    assert window.tabs.currentIndex() == place


def _import(qtbot: QtBot, window: MainWindow, material: Material) -> None:
    QTest.mouseClick(window.tree.new, Qt.MouseButton.LeftButton)
    dialog = window.findChild(NewProjectDialog)
    assert dialog is not None
    assert not dialog.ok.isEnabled()
    QTest.keyClicks(dialog.model.edit, str(material.model))
    QTest.keyClicks(dialog.dataset.edit, str(material.validation))
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=JOB_TIMEOUT_MS)  # it was examined
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.parts.session.selected is not None, timeout=JOB_TIMEOUT_MS)
    wait_for_jobs(qtbot, window)


def _sort_by_clicking(qtbot: QtBot, table: QTableView, column: int) -> None:
    header = table.horizontalHeader()
    x = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
    place = header.rect().center()
    place.setX(x)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_user_walks_the_tutorial_to_its_end(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = make_material(tmp_path)
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    assert window.pages.currentWidget() is window.start_page

    # 1 to 3: model, dataset, project, and a baseline measured at once
    _import(qtbot, window, material)
    assert not window.notices.isVisible(), window.notices.said
    assert window.tabs.project.name.text == "tiny ssd"
    _click_tab(qtbot, window, "Performance")
    assert window.tabs.performance.speed.runs.table.model().rowCount() == 4

    # 4 and 5: optimize; the calibration folder beside the validation images is offered
    _click_tab(qtbot, window, "Optimize")
    assert window.tabs.optimize.calibration.path == material.calibration
    QTest.mouseClick(window.tabs.optimize.start, Qt.MouseButton.LeftButton)

    # 6: the optimized project is there at once, in progress; selected and measured when done
    parent, child = window.parts.workspace.projects()
    assert (child.parent_id, child.state) == (parent.id, "in_progress")
    assert window.parts.session.selected == parent.id
    wait_for_jobs(qtbot, window)
    assert window.parts.session.selected == child.id
    assert window.parts.workspace.project(child.id).state == "ready"

    # 7: parent and optimized side by side
    _click_tab(qtbot, window, "Performance")
    table = window.tabs.performance.speed.runs.table
    cells = table.model()
    runs = {
        (cells.index(row, 0).data(), cells.index(row, 1).data()) for row in range(cells.rowCount())
    }
    assert runs == {
        (model, asked)
        for model in ("tiny ssd", "tiny ssd – INT8 performance")
        for asked in ("true f32", "default")
    }
    assert window.tabs.performance.speed.result.against_f32.isVisible()
    assert "95% intervals" in window.tabs.performance.speed.result.against_default.note.text()

    # 8: one click compares
    _click_tab(qtbot, window, "Accuracy report")
    QTest.mouseClick(window.tabs.report.library.start, Qt.MouseButton.LeftButton)
    wait_for_jobs(qtbot, window)
    tables = window.tabs.report.page_of("predictions")
    assert isinstance(tables, PredictionsPage)
    qtbot.waitUntil(lambda: window.tabs.report.currentWidget() is tables, timeout=10_000)

    # 9: basic and advanced tables, sorted by a header
    assert tables.table.model().rowCount() == 12
    names = [tables.table.model().index(row, 0).data() for row in range(12)]
    _sort_by_clicking(qtbot, tables.table, 0)
    sorted_names = [tables.table.model().index(row, 0).data() for row in range(12)]
    assert sorted(names) in (sorted_names, sorted_names[::-1])
    QTest.mouseClick(tables.advanced, Qt.MouseButton.LeftButton)
    assert tables.table.model().rowCount() >= 12

    # 10: a row leads to the image with both models' boxes
    QTest.mouseClick(tables.basic, Qt.MouseButton.LeftButton)
    tables.table.selectRow(0)
    tables.table.setFocus()
    QTest.keyClick(tables.table, Qt.Key.Key_Return)
    viewer = window.tabs.report.viewer
    assert viewer is not None
    assert window.tabs.report.currentWidget() is viewer
    shown: list[str] = []
    window.parts.reports.walk.image_changed.connect(
        lambda image: shown.append(image.name if image else "")
    )
    window.activateWindow()
    qtbot.waitUntil(viewer.hasFocus)
    QTest.keyClick(viewer, Qt.Key.Key_D)
    QTest.keyClick(viewer, Qt.Key.Key_A)
    first, second = (tables.table.model().index(row, 0).data() for row in (0, 1))
    assert shown == [second, first]
    QTest.keyClick(viewer, Qt.Key.Key_D)
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert window.tabs.report.currentWidget() is tables
    assert tables.table.currentIndex().row() == 1  # the row of the image looked at
    window.close()


def test_a_reopened_window_shows_what_was_made(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = make_material(tmp_path)
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    _import(qtbot, window, material)
    window.close()
    again = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    QApplication.processEvents()
    assert again.pages.currentWidget() is again.tabs, "it begins where the user was"
    again.parts.session.select_project(None)
    again.tree.view.setFocus()  # nothing is selected by that
    QApplication.processEvents()
    assert again.pages.currentWidget() is again.start_page
    assert again.start_page.recent_card.isVisible()
    index = again.tree.view.model().index(0, 0)
    place = again.tree.view.visualRect(index).center()
    QTest.mouseClick(again.tree.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert again.tabs.project.name.text == "tiny ssd"
    assert "FP32" in again.tree.view.model().data(index)
    again.close()
    QApplication.processEvents()
