"""A threshold that was moved in a report's page is named wherever its verdict is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.next_step import NextStep
from app.project.presenting import Surroundings
from app.project_views import ProjectView
from app.reports.predictions_page import PredictionsPage
from app.reports.presenter import ReportsPresenter
from app.reports.tab import ReportTab
from core.metrics.matching.thresholds import Thresholds
from core.reports.kinds import load_state
from core.workspace.store import Workspace
from tests.app.reports.making import predictions
from tests.support import user
from tests.support.queues import StandingQueue
from tests.support.values import FACTS

_KEY = Qt.ItemDataRole.UserRole


@pytest.fixture
def tab(qtbot: QtBot, tmp_path: Path) -> Iterator[ReportTab]:
    """With one report on predictions, which is open."""
    workspace = Workspace(tmp_path / "workspace")
    project = workspace.add_project("p", workspace.root / "m.xml", workspace.root / "d.json", "CPU")
    workspace.add_artifact(
        project, "predictions", predictions(workspace.new_folder("report")).folder
    )
    presenter = ReportsPresenter(Surroundings(workspace, StandingQueue(workspace)))
    tab = ReportTab(presenter)
    qtbot.addWidget(tab)
    tab.resize(1400, 640)
    tab.show()
    page = tab.page_of("predictions")
    with qtbot.waitSignal(page.presenter.report_changed):
        tab.show_project(view_of(workspace, project))
    yield tab
    tab.close_workers()


def view_of(workspace: Workspace, project: int) -> ProjectView:
    return ProjectView(
        project=workspace.project(project), card=None, parent=None, parent_card=None,
        dataset=FACTS, benchmark=None, report=None, child_id=None, next_step=NextStep(""),
    )  # fmt: skip


def test_list_and_page_say_the_verdict_of_the_moved_threshold(tab: ReportTab, qtbot: QtBot) -> None:
    page = tab.page_of("predictions")
    assert isinstance(page, PredictionsPage)
    assert page.presenter.artifact is not None
    shown = tab.library.kept.table
    (before,) = user.column(shown)
    assert "made at" not in before
    with qtbot.waitSignal(page.presenter.report_changed):
        page.presenter.set_thresholds(Thresholds(score=0.85))
    word = page.verdict.text()
    said = f"{word} at score >= 0.85 (made at 0.30: {before.split(':')[0].lower()})"
    assert page.sentence.text().startswith(f"{said}. ")
    folder = page.presenter.artifact.folder
    user.click(tab.header.back)
    (headline,) = user.column(shown)
    assert headline.startswith(f"{said}: ")
    assert load_state(folder).headline is not None, "so that it is the same after a restart"
    with qtbot.waitSignal(page.presenter.report_changed):
        user.double_click(shown, 0)
    qtbot.waitUntil(page.isVisible)
    with qtbot.waitSignal(page.presenter.report_changed):
        user.click(page.thresholds.reset)
    assert not page.sentence.text().startswith(said)
    user.click(tab.header.back)
    assert user.column(shown) == [before]


def test_a_report_that_is_open_can_be_opened_again(tab: ReportTab, qtbot: QtBot) -> None:
    page = tab.page_of("predictions")
    tab.library.kept.open_requested.emit(tab.library.kept.table.model().index(0, 0).data(_KEY))
    qtbot.waitUntil(page.isVisible)


def test_what_is_folded_is_remembered(tab: ReportTab, qtbot: QtBot) -> None:
    folded: dict[str, bool] = {"list": True}
    tab.remember(folded.get, folded.__setitem__)
    viewer = tab.make_viewer()
    assert viewer.side_panel.isHidden() and not viewer.strip.isHidden()
    viewer.view_bar.list.click()
    viewer.view_bar.strip.click()
    assert folded == {"list": False, "strip": True}
    viewer.close_workers()


def test_the_list_folds_in_a_narrow_window_until_the_user_chose(
    tab: ReportTab, qtbot: QtBot
) -> None:
    folded: dict[str, bool] = {}
    tab.remember(folded.get, folded.__setitem__)
    viewer = tab.make_viewer()
    window = tab.window()
    tab.pages.setCurrentWidget(viewer)
    for width, hidden in ((1366, True), (1400, False), (1300, True)):
        window.resize(width, 768)
        qtbot.waitUntil(lambda hidden=hidden: viewer.side_panel.isHidden() == hidden)  # type: ignore[misc]
        assert viewer.view_bar.list.isChecked() != hidden
    assert folded == {}, "it was not the user"
    viewer.view_bar.list.click()
    assert not viewer.side_panel.isHidden() and folded == {"list": False}
    window.resize(1200, 768)
    qtbot.waitUntil(lambda: viewer.width() <= 1200)
    assert not viewer.side_panel.isHidden()
    viewer.close_workers()
