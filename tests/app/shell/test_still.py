"""Nothing moves under the mouse: hints, and what can be done with a choice, have their places."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QStackedWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.importing.dialog import NewProjectDialog
from app.optimize.dataset_check import DatasetNote
from app.project.navigation import Tab
from app.reports.predictions_page import PredictionsPage
from app.search.presenter import SearchView
from app.shell.main_window import MainWindow
from app.workers.queued import QueueState
from core.jobs.events import Progress
from core.reports.filters import RowFilter
from tests.support.window import open_stored, show_tab

KINDS = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QStackedWidget)
SETTLING_MS = 100  # until a layout is done


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """With projects, benchmarks and reports."""
    window = open_stored(qtbot, tmp_path, monkeypatch)
    window.resize(1366, 768)
    count = len(window.parts.keeping.workspace.trash.entries())
    counted = f"Trash ({count})" if count else "Trash"
    qtbot.waitUntil(lambda: window.tree.trash.text() == counted, timeout=30_000)
    return window


def show(qtbot: QtBot, window: MainWindow, tab: Tab) -> None:
    window.parts.session.select_project(window.parts.session.rows[-1].id)
    show_tab(qtbot, window, tab)
    reader = window.parts.project.standing
    qtbot.waitUntil(lambda: bool(reader.standing.families), timeout=30_000)
    page = window.tabs.currentWidget()
    assert page is not None
    settled(page)


def places(page: QWidget) -> dict[QWidget, QRect]:
    """Where all that a page is used with is."""
    QTest.qWait(SETTLING_MS)
    found = [one for kind in KINDS for one in page.findChildren(kind)]
    return {
        one: QRect(one.mapTo(page, QPoint()), one.size())
        for one in found
        if one.isVisible() and not isinstance(one.parentWidget(), QAbstractItemView)
    }


def settled(page: QWidget) -> dict[QWidget, QRect]:
    """The places, once the page has filled in."""
    before = places(page)
    while before != (now := places(page)):
        before = now
    return before


def require_still(before: dict[QWidget, QRect], after: dict[QWidget, QRect]) -> None:
    moved = [
        f"{one!r} {rect} to {after[one]}"
        for one, rect in before.items()
        if one in after and after[one] != rect
    ]
    assert "\n".join(moved) == ""


def test_hints_on_calibration_images_do_not_move_the_page(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    show(qtbot, window, "optimize")
    tab = window.tabs.optimize
    others = tmp_path / "others"
    others.mkdir()
    tab.calibration.set_path(others)
    qtbot.waitUntil(lambda: "no images" in tab.calibration_note.text(), timeout=30_000)
    tab.calibration_note.show_sentences(())
    before = settled(tab)
    window.parts.optimize.calibration_noted.emit(DatasetNote(("One.", "Another one.")))
    assert tab.calibration_note.text().count("\n") == 1
    require_still(before, places(tab))
    window.close()


def test_a_filter_does_not_move_the_layers(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window, "performance")
    pages = window.tabs.performance
    pages.setCurrentIndex(1)
    before = settled(pages)
    pages.layers.details.filter.setText("conv")
    assert pages.layers.details.everything.isVisible()
    require_still(before, places(pages))
    window.close()


def test_a_filter_does_not_move_a_report(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window, "report")
    page = window.tabs.report.page_of("predictions")
    assert isinstance(page, PredictionsPage)
    reports = window.parts.reports
    assert reports.library is not None
    report = next(one for one in reports.library.reports if one.kind.id == "predictions")
    reports.open(report)
    qtbot.waitUntil(lambda: window.tabs.report.currentWidget() is page)
    before = settled(page)
    page.show_filtered(RowFilter(statuses=("missed",)))
    qtbot.waitUntil(page.unfilter.isVisible)
    require_still(before, places(page))
    window.close()


def test_stop_is_not_where_search_was(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window, "optimize")
    window.tabs.optimize.methods.choose(2)
    page = window.tabs.search
    before = settled(window.tabs.optimize)
    page.show_search(SearchView(running=True))
    after = places(window.tabs.optimize)
    require_still(before, after)
    assert page.cancel in after and page.start not in after
    assert not after[page.cancel].intersects(before[page.start])
    window.close()


def test_the_search_is_gone_to(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window, "project")
    window.parts.navigation.show_search.emit()
    assert window.tabs.currentWidget() is window.tabs.optimize
    assert window.tabs.search.isVisible()
    window.close()


def test_warnings_do_not_move_the_import_dialog(qtbot: QtBot, window: MainWindow) -> None:
    window.asking.for_project()
    dialog = window.findChild(NewProjectDialog)
    assert dialog is not None
    before = settled(dialog)
    dialog.problem.setText("A problem.")
    dialog.warnings.setText("• One.\n• Another one.")
    dialog.warnings.setVisible(True)
    require_still(before, places(dialog))
    dialog.close()
    window.close()


def test_a_job_does_not_move_the_window(qtbot: QtBot, window: MainWindow) -> None:
    """Neither its beginning, nor the time left once that is known."""
    show(qtbot, window, "project")
    bar = window.job_bar
    before = settled(window)
    bar.show_state(QueueState("Benchmark it"))
    require_still(before, places(window))
    bar.show_state(QueueState("Benchmark it", Progress(stage="Measuring", done=1, total=9)))
    place = bar.progress.geometry()
    progress = Progress(stage="Measuring", done=2, total=9, seconds_left=7)
    bar.show_state(QueueState("Benchmark it", progress))
    QTest.qWait(SETTLING_MS)
    assert bar.left.text() == "7 s left"
    assert bar.progress.geometry() == place
    window.close()
