"""The panel beside a report's tables folds where the window is narrow, until the user folds it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.reports.predictions_page import PredictionsPage
from app.shell.main_window import MainWindow
from app.viewer.folding import NARROW
from tests.support.window import open_stored, show_tab


def report_page(qtbot: QtBot, window: MainWindow, width: int) -> PredictionsPage:
    """The newest report of the optimized project, in a window of this width."""
    window.resize(width, 700)
    child = next(row.id for row in window.parts.session.rows if row.parent_id)
    window.parts.session.select_project(child)
    show_tab(qtbot, window, "report")
    reports = window.parts.reports
    assert reports.library is not None
    reports.open(next(one for one in reports.library.reports if one.kind.id == "predictions"))
    page = window.tabs.report.page_of("predictions")
    assert isinstance(page, PredictionsPage)
    qtbot.waitUntil(page.isVisible)
    return page


def test_the_panel_follows_the_windows_width_until_the_user_folds_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_stored(qtbot, tmp_path, monkeypatch)
    page = report_page(qtbot, window, NARROW)
    qtbot.waitUntil(lambda: not page.panel.isVisible())
    assert not page.panel_toggle.isChecked()
    window.resize(NARROW + 200, 700)
    qtbot.waitUntil(page.panel.isVisible)
    window.resize(NARROW - 100, 700)
    qtbot.waitUntil(lambda: not page.panel.isVisible())
    page.panel_toggle.click()
    window.resize(NARROW - 50, 700)
    qtbot.waitUntil(page.panel.isVisible)
    assert window.parts.settings.folded("report panel") is False
    window.close()
