"""An operating point in the window: made, looked at in the viewer, and written into a package."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.reports.operating_page import OperatingPage
from app.reports.predictions_page import PredictionsPage
from app.shell.main_window import MainWindow
from app.transfer.package_dialog import PackageDialog
from core.importing.service import plan_import
from core.inference.settings import AS_IT_RUNS
from core.jobs.planned import run_planned
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.reports.kind import ReportOptions
from tests.support.images import write_images
from tests.support.window import make_material, open_window, wait_for_jobs

SCORE = 0.94  # the suite's SSD is sure of everything


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    material = make_material(tmp_path)
    images = write_images(tmp_path / "many", 40)
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    workspace = window.parts.workspace
    parent = run_planned(workspace, plan_import(workspace, material.model, images)).project_id
    assert parent is not None
    plan = QuantizationPlan(subset_size=4)
    optimize = plan_optimize(workspace, parent, material.calibration, plan)
    child = run_planned(workspace, optimize).project_id
    window.parts.session.refresh()
    window.parts.session.select_project(child)
    window.tabs.setCurrentWidget(window.tabs.report)
    return window


def save_to(qtbot: QtBot, window: MainWindow, path: Path) -> dict[str, object]:
    """Give the open file dialog a path; the score thresholds of the package that is made there."""
    (dialog,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    dialog.fileSelected.emit(str(path))
    dialog.close()
    wait_for_jobs(qtbot, window)
    found: dict[str, object] = json.loads((path / "detector.json").read_text())["score_thresholds"]
    return found


def test_from_the_curve_to_the_viewer_and_into_a_package(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    tab, reports = window.tabs.report, window.parts.reports
    options = ReportOptions(thresholds=Thresholds(score=SCORE))
    reports.start("operating-point", None, options, AS_IT_RUNS)
    wait_for_jobs(qtbot, window)
    page = tab.page_of("operating-point")
    assert isinstance(page, OperatingPage)
    qtbot.waitUntil(lambda: tab.currentWidget() is page, timeout=10_000)
    point = page.presenter.view.report.point
    assert point.score != SCORE
    own = ScoreThresholds(score=point.score)
    page.basis.setCurrentIndex(point.bases.index("global"))

    # Without a report on predictions, one is made with these thresholds.
    QTest.mouseClick(page.apply, Qt.MouseButton.LeftButton)
    wait_for_jobs(qtbot, window)
    predictions = reports.of_kind("predictions")

    def shown() -> tuple[float, ScoreThresholds | None] | None:
        view = predictions.view
        if view is None:
            return None
        thresholds = view.comparison.thresholds
        return thresholds.score, thresholds.optimized_scores

    qtbot.waitUntil(lambda: shown() == (SCORE, own), timeout=10_000)
    assert predictions.view is not None

    # With one, that one is opened at them, at its worst image.
    table = tab.page_of("predictions")
    assert isinstance(table, PredictionsPage)
    with qtbot.waitSignal(predictions.report_changed):
        table.thresholds.knob("optimized_score").slider.setValue(50)
    assert predictions.view.comparison.thresholds.optimized_scores == ScoreThresholds(score=0.5)
    assert reports.library is not None
    stored = next(one for one in reports.library.reports if one.kind.id == "operating-point")
    reports.open(stored)
    qtbot.waitUntil(lambda: tab.currentWidget() is page, timeout=10_000)
    page.basis.setCurrentIndex(point.bases.index("global"))
    QTest.mouseClick(page.apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.viewer is not None, timeout=10_000)
    viewer = tab.viewer
    assert viewer is not None
    qtbot.waitUntil(lambda: tab.currentWidget() is viewer, timeout=10_000)
    assert viewer.score.number.text() == f"{SCORE:.2f}, optimized {point.score:g}"
    assert predictions.view.comparison.summary.optimized == sum(
        int((one.scores >= point.score).sum()) for one in predictions.view.report.optimized
    )

    # Into a package, from the page and by the menu.
    reports.open(stored)
    qtbot.waitUntil(lambda: tab.currentWidget() is page, timeout=10_000)
    page.basis.setCurrentIndex(point.bases.index("global"))
    QTest.mouseClick(page.package, Qt.MouseButton.LeftButton)
    usual = {"score": point.score, "classes": {}}
    (dialog,) = [one for one in window.findChildren(PackageDialog) if one.isVisible()]
    assert dialog.points.count() == 1
    dialog.choose.click()
    assert save_to(qtbot, window, tmp_path / "from the page") == usual
    window.menus.transfer.package.trigger()
    (dialog,) = [one for one in window.findChildren(PackageDialog) if one.isVisible()]
    assert dialog.points.count() == len(point.bases) + 1
    dialog.points.setCurrentIndex(dialog.points.count() - 1)
    dialog.choose.click()
    assert save_to(qtbot, window, tmp_path / "as usual") == {"score": 0.3, "classes": {}}
    window.close()
