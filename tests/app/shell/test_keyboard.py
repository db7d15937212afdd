"""By keyboard alone, and what a screen reader is told of each control of all pages."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from app.kit.segments import Segments
from app.shell.main_window import MainWindow
from core.reports.kinds import KINDS
from tests.support.keyboard import (
    SETTLING_MS,
    arrow_to,
    called,
    controls,
    described,
    press,
    require_all_reached,
    tab_to,
    walk,
)
from tests.support.user import find
from tests.support.window import open_stored

PAGES = ("start", "project", "optimize", "performance", "report")
PARENT, OPTIMIZED = 0, -1  # places in the list of projects
METHODS = ("Default", "Accuracy-aware", "Search")
SPEED = ("Speed", "Layers", "Graph", "Compare projects", "Compare machines")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """With projects, benchmarks and reports."""
    window = open_stored(qtbot, tmp_path, monkeypatch)
    window.resize(1366, 768)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def show_page(qtbot: QtBot, window: MainWindow, page: str, row: int = OPTIMIZED) -> None:
    """By keyboard: a tab of a project that has something there."""
    if page == "start":
        return
    window.parts.session.select_project(window.parts.session.rows[row].id)
    press(window, Qt.Key(Qt.Key.Key_0 + PAGES.index(page)), Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.tabs.current_made, timeout=60_000)
    reader = window.parts.project.standing
    qtbot.waitUntil(lambda: bool(reader.standing.families), timeout=60_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def open_report(qtbot: QtBot, window: MainWindow, kind: str) -> None:
    """The newest report of a kind, by Enter in the table of reports."""
    page = window.tabs.report
    table = tab_to(window, "Reports")
    assert isinstance(table, QTableView)
    kinds = [table.model().index(row, 2).data() for row in range(table.model().rowCount())]
    table.selectRow(kinds.index(kind))
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.currentWidget() not in (page.library, page.opening))


@pytest.mark.parametrize("page", ["start", "project"])
def test_every_stop_is_seen_and_every_button_is_reached(
    qtbot: QtBot, window: MainWindow, page: str
) -> None:
    show_page(qtbot, window, page)
    require_all_reached(window)
    window.close()


@pytest.mark.parametrize("page", PAGES[1:])
def test_tab_goes_as_one_reads(qtbot: QtBot, window: MainWindow, page: str) -> None:
    """Through a page from its top on, and then to the bar of jobs at the foot of the window."""
    show_page(qtbot, window, page)
    window.tree.setFocus()
    window.tabs.tabBar().setFocus()
    QTest.qWait(SETTLING_MS)
    stops = walk(window)
    first = stops.index(window.tabs.tabBar())
    order = stops[first:] + stops[:first]
    shown = window.tabs.currentWidget()
    assert shown is not None
    of_page = [place for place, one in enumerate(order) if shown.isAncestorOf(one)]
    assert of_page == list(range(1, len(of_page) + 1)), [described(one) for one in order]
    bar = window.job_bar
    assert order[len(of_page) + 1 :][:2] == [bar.log, bar.jobs]
    if page == "optimize":
        tab = window.tabs.optimize
        tops = [one.mapTo(window, QPoint()).y() for one in order if tab.isAncestorOf(one)]
        assert all(later >= one - 20 for one, later in pairwise(tops)), "down the page"
    window.close()


@pytest.mark.parametrize("row", [PARENT, OPTIMIZED])
def test_every_way_to_optimize_is_walked(qtbot: QtBot, window: MainWindow, row: int) -> None:
    show_page(qtbot, window, "optimize", row)
    row_of_buttons = find(window.tabs.optimize.methods, QPushButton, METHODS[0]).group()
    methods = row_of_buttons.buttons()
    assert tuple(called(one) for one in methods) == METHODS
    for method in methods:
        arrow_to(window, method)
        require_all_reached(window)
    window.close()


def test_every_page_of_speed_is_walked(qtbot: QtBot, window: MainWindow) -> None:
    show_page(qtbot, window, "performance")
    pages = window.tabs.performance
    for place, title in enumerate(SPEED):
        while QApplication.focusWidget() is not pages.tabBar():
            press(window, Qt.Key.Key_Tab)
        while pages.currentIndex() < place:
            press(window, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda: pages.current_made)
        assert pages.tabText(place) == title
        require_all_reached(window)
    window.close()


@pytest.mark.parametrize("kind", [kind.title for kind in KINDS])
def test_every_report_is_walked(qtbot: QtBot, window: MainWindow, kind: str) -> None:
    show_page(qtbot, window, "report")
    tab_to(window, "All reports")
    press(window, Qt.Key.Key_Space)
    require_all_reached(window)
    open_report(qtbot, window, kind)
    require_all_reached(window)
    page = window.tabs.report.currentWidget()
    views = page.findChild(Segments) if page is not None else None
    for view in views.buttons if views is not None else ():
        arrow_to(window, view)
        require_all_reached(window)
    window.close()


def test_the_viewer_is_walked_and_the_focus_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    show_page(qtbot, window, "report")
    tab_to(window, "All reports")
    press(window, Qt.Key.Key_Space)
    open_report(qtbot, window, "Predictions")
    report = window.tabs.report
    table = tab_to(window, "Images")
    press(window, Qt.Key.Key_Return)
    viewer = report.viewer
    assert viewer is not None
    qtbot.waitUntil(viewer.body.hasFocus)
    require_all_reached(window)
    viewer.setFocus()
    press(window, Qt.Key.Key_O)
    qtbot.waitUntil(viewer.overview.hasFocus)
    before = viewer.overview.current_image
    press(window, Qt.Key.Key_Right)  # which is a shortcut of the viewer as well
    assert viewer.overview.hasFocus() and viewer.overview.current_image != before
    require_all_reached(window)
    press(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(viewer.body.hasFocus)
    press(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(table.hasFocus)
    window.close()


def test_another_tab_does_not_hand_the_focus_to_the_bar_of_jobs(
    qtbot: QtBot, window: MainWindow
) -> None:
    show_page(qtbot, window, "project")
    tab_to(window, "Notes on this project")
    for page in ("optimize", "performance", "report"):
        number = Qt.Key(Qt.Key.Key_0 + PAGES.index(page))
        press(window, number, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: window.tabs.current_made)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert window.tabs.isAncestorOf(focused), described(focused)
    window.close()


class _Windows(QObject):
    """Notes each widget that is shown as a window."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(described(watched))
        return False


def test_no_part_of_a_page_is_a_window_for_a_moment(
    qtbot: QtBot, qapp: QApplication, window: MainWindow
) -> None:
    watching = _Windows()
    qapp.installEventFilter(watching)
    show_page(qtbot, window, "project")
    for _ in window.tabs.make_all():
        qapp.processEvents()
    show_page(qtbot, window, "report")
    qapp.removeEventFilter(watching)
    assert watching.shown == []
    window.close()


@pytest.mark.parametrize("page", PAGES)
def test_every_control_has_a_name_and_a_role(qtbot: QtBot, window: MainWindow, page: str) -> None:
    show_page(qtbot, window, page)
    nameless = [repr(one) for one in controls(window) if not called(one).strip()]
    assert "\n".join(nameless) == ""
    for one in controls(window):
        interface = QAccessible.queryAccessibleInterface(one)
        assert interface is not None
        assert interface.role() != QAccessible.Role.NoRole
    window.close()


def test_a_benchmark_is_deleted_and_had_back(qtbot: QtBot, window: MainWindow) -> None:
    show_page(qtbot, window, "performance")
    workspace, page = window.parts.workspace, window.tabs.performance.speed
    project = window.parts.session.selected
    assert project is not None
    before = workspace.artifacts(project, "benchmark")
    find(page, QTableView, "Runs").selectRow(0)
    tab_to(window, "Delete benchmark")
    press(window, Qt.Key.Key_Space)
    assert len(workspace.artifacts(project, "benchmark")) == len(before) - 1
    assert "Deleted a benchmark of ssd" in window.notices.said
    tab_to(window, "Undo")
    press(window, Qt.Key.Key_Space)
    assert workspace.artifacts(project, "benchmark") == before
    qtbot.waitUntil(lambda: find(page, QTableView, "Runs").model().rowCount() > 0)
    window.close()
