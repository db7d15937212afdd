"""The scorecard and the leaderboard on the Project page, and where their figures lead."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.project.scorecard_card import ScorecardCard
from app.shell.main_window import MainWindow
from core.jobs.job import RESULT_FILE
from core.models.stored import CARD_SUFFIX, load_stored
from core.values import write_json
from core.workspace.store import Workspace
from tests.support.checkout import ROOT
from tests.support.user import choose
from tests.support.values import OUTCOME
from tests.support.window import (
    make_material,
    open_imported,
    open_window,
    show_tab,
    wait_for_jobs,
)

PARENT, OPTIMIZED, CHANGE = 1, 3, 4
Open = Callable[[], MainWindow]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A workspace with a parent, an optimized project, a benchmark and reports."""
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as packed:
        packed.extractall(tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture
def opened(qtbot: QtBot, stored: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens it on its optimized project, when where the models stand has been read."""

    def open_it() -> MainWindow:
        window = open_window(qtbot, stored, monkeypatch)
        child = next(one for one in window.parts.workspace.projects() if one.parent_id)
        window.parts.session.select_project(child.id)
        reader = window.parts.project.standing
        qtbot.waitUntil(lambda: bool(reader.standing.families), timeout=20_000)
        return window

    return open_it


def click(widget: object) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def figures(card: ScorecardCard, column: int) -> list[str]:
    return [cells[column].value.text() for cells in card.cells.values()]


def test_a_verdict_is_of_another_target_once_the_project_has_a_new_one(
    qtbot: QtBot, opened: Open
) -> None:
    window = opened()
    card = window.tabs.project.scorecard
    qtbot.waitUntil(lambda: card.verdict.text() in ("Safe", "Check", "Not safe"))
    read_again: list[object] = []
    window.parts.session.projects_changed.connect(read_again.append)
    choose(window.tabs.project.target_card.target, "NPU")
    assert read_again
    qtbot.waitUntil(lambda: "not for the target NPU" in card.moved.text, timeout=20_000)
    tree = window.tree.view.model()
    qtbot.waitUntil(lambda: "other target" in str(tree.index(0, 0, tree.index(0, 0)).data()))
    window.close()


def test_parent_and_optimized_stand_side_by_side(opened: Open) -> None:
    window = opened()
    card = window.tabs.project.scorecard
    assert card.verdict.text() in ("Safe", "Check", "Not safe")
    assert all(text != "–" for text in figures(card, OPTIMIZED))
    assert card.cells["throughput"][PARENT].note.text.endswith("CPU")
    assert card.cells["throughput"][OPTIMIZED].note.text == "default (int8), CPU"
    before, after = (
        float(card.cells["throughput"][column].value.text().removesuffix(" FPS"))
        for column in (PARENT, OPTIMIZED)
    )
    ratio = float(card.cells["throughput"][CHANGE].value.text().strip("about ×"))
    assert after / before == pytest.approx(ratio, abs=0.011)
    assert not card.other.isVisible(), "there is one optimized model only"
    first = window.parts.workspace.projects()[0]
    window.parts.session.select_project(first.id)
    assert all(text != "–" for text in figures(card, OPTIMIZED)), "the best of its own"
    window.close()


def test_what_ended_early_says_so_on_the_scorecard(stored: Path, opened: Open) -> None:
    child = next(one for one in Workspace(stored).projects() if one.parent_id)
    assert child.model is not None
    early = replace(OUTCOME, reached=False, ended_early="time")
    card = replace(load_stored(child.model).card, outcome=early)
    write_json(child.model.with_suffix(CARD_SUFFIX), card)
    window = opened()
    scorecard = window.tabs.project.scorecard
    assert scorecard.problems.isVisible()
    assert "It ended early, its time used up" in scorecard.problems.text()
    window.parts.session.select_project(child.parent_id)
    assert not scorecard.problems.isVisible(), "the parent did not"
    window.close()


def test_figures_lead_to_where_they_come_from(qtbot: QtBot, opened: Open) -> None:
    window = opened()
    page = window.tabs.project
    click(page.scorecard.cells["throughput"][OPTIMIZED])
    assert window.tabs.currentWidget() is window.tabs.performance
    runs = window.tabs.performance.speed.runs.table
    (row,) = {index.row() for index in runs.selectedIndexes()}
    assert runs.rows.row_at(row).run.precision_executed == "int8"
    assert runs.rows.row_at(row).run.mode.hint == "throughput"

    show_tab(qtbot, window, "project")
    click(page.scorecard.changed)
    assert window.tabs.currentWidget() is window.tabs.report
    predictions = window.tabs.report.page_of("predictions")
    qtbot.waitUntil(lambda: window.tabs.report.currentWidget() is predictions, timeout=20_000)

    show_tab(qtbot, window, "project")
    first = window.parts.workspace.projects()[0]
    window.parts.session.select_project(first.id)
    QTest.keyClick(page.scorecard.cells["ap"][PARENT], Qt.Key.Key_Return)
    annotations = window.tabs.report.page_of("annotations")
    qtbot.waitUntil(lambda: window.tabs.report.currentWidget() is annotations, timeout=20_000)
    assert window.parts.session.selected != first.id, "the project that has the report"
    window.close()


def test_damaged_results_say_so_and_the_page_stands(stored: Path, opened: Open) -> None:
    for path in stored.glob(f"benchmarks/*/{RESULT_FILE}"):
        path.write_text("{")
    window = opened()
    page = window.tabs.project
    assert page.isVisible()
    assert "is damaged" in page.scorecard.problems.text()
    throughput = page.scorecard.cells["throughput"][OPTIMIZED]
    assert (throughput.value.text(), throughput.fill.text()) == ("–", "Run benchmark")
    assert page.scorecard.cells["size"][OPTIMIZED].value.text().endswith("MB")
    window.close()


def test_the_tree_says_where_models_stand(qtbot: QtBot, opened: Open) -> None:
    window = opened()
    cells = window.tree.view.model()
    parent = cells.index(0, 0)
    qtbot.waitUntil(lambda: " FPS · " in parent.data(), timeout=20_000)
    verdict = window.tabs.project.scorecard.verdict.text().lower()
    assert f"×, {verdict} · INT8" in cells.index(0, 0, parent).data()
    window.close()


def _tick(window: MainWindow, row: int) -> None:
    """Click the box of a row."""
    table = window.tabs.project.leaderboard.table
    index = table.model().index(row, 0)
    option = QStyleOptionViewItem()
    option.initFrom(table)
    option.rect = table.visualRect(index)
    option.features = QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    element = QStyle.SubElement.SE_ItemViewItemCheckIndicator
    box = table.style().subElementRect(element, option, QCheckBox())
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())


def test_models_are_filtered_exported_opened_and_compared(
    qtbot: QtBot, opened: Open, tmp_path: Path
) -> None:
    window = opened()
    board = window.tabs.project.leaderboard
    names = [one.name for one in board.table.rows.shown_rows()]
    assert len(names) == 2
    board.search.setText(names[1])
    assert [one.name for one in board.table.rows.shown_rows()] == names[1:]
    board.export_to(tmp_path / "models.csv")
    assert len((tmp_path / "models.csv").read_text().splitlines()) == 2, "what is shown"
    board.search.setText("no model is called so")
    assert board.note.text() == "No model fits the filter."
    board.search.clear()
    assert board.note.text() == ""
    choose(board.verdict, "No verdict")
    assert [one.name for one in board.table.rows.shown_rows()] == names[:1]
    choose(board.verdict, "All verdicts")

    window.tabs.project.ensureWidgetVisible(board.table)
    assert not board.compare.isEnabled()
    _tick(window, 0)
    _tick(window, 1)
    shown = window.tabs.project.name.text
    assert board.compare.isEnabled()
    click(board.compare)
    compare = window.tabs.performance.compare
    qtbot.waitUntil(compare.isVisible)
    qtbot.waitUntil(lambda: window.parts.comparing.view is not None)
    view = window.parts.comparing.view
    assert view is not None
    chosen = [view.runs[place] for place in view.chosen]
    assert [one.project.name for one in chosen] == names
    assert len({one.speed.benchmark for one in chosen if one.speed}) == 1

    show_tab(qtbot, window, "project")
    window.tabs.project.ensureWidgetVisible(board.table)
    place = board.table.visualRect(board.table.model().index(0, 1)).center()
    QTest.mouseClick(board.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert window.tabs.project.name.text == names[0] != shown
    window.close()


def test_cancel_ends_the_chain_and_the_page_says_where(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = make_material(tmp_path)
    given = material.model, material.validation
    window = open_imported(qtbot, tmp_path / "workspace", monkeypatch, *given)
    monkeypatch.setattr("app.project.presenter.COMPARISON_SECONDS", 60.0)
    step = window.tabs.project.next_card
    click(step.button)
    queue = window.parts.queue
    qtbot.waitUntil(lambda: queue.state.title.startswith("2 of 3: Benchmark"), timeout=90_000)
    assert "Step 2 of 3: see Jobs below." in step.text.text(), "it may wait; the bar has another"
    assert not window.tabs.project.scorecard.kept.fill.isVisible(), "the report follows"
    qtbot.waitUntil(lambda: queue.state.progress is not None, timeout=90_000)
    click(window.job_bar.cancel)
    wait_for_jobs(qtbot, window)
    assert "Stopped at step 2 of 3, benchmark: cancelled." in step.text.text()
    child = window.parts.workspace.projects()[1]
    assert not window.parts.workspace.artifacts(child.id, "predictions")
    assert step.button.isVisible(), "what is missing can be done"
    monkeypatch.setattr("app.project.presenter.COMPARISON_SECONDS", 0.2)
    click(step.button)
    wait_for_jobs(qtbot, window)
    assert "Stopped" not in step.text.text()
    window.close()
