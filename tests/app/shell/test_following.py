"""Two windows of one workspace, and the terminal beside them, follow each other's changes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.project_views import ProjectRow, project_rows
from app.shell.main_window import MainWindow
from core.workspace.store import Workspace
from tests.support import user
from tests.support.checkout import ROOT
from tests.support.window import open_window, show_tab


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path)
    Workspace(tmp_path).trash.empty()
    return tmp_path


def open_first(qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    window = open_window(qtbot, root, monkeypatch)
    window.parts.session.select_project(window.parts.session.rows[0].id)
    return window


def listed(window: MainWindow) -> list[str]:
    return [row.name for row in window.parts.session.rows]


def test_what_one_window_changes_the_other_shows(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (open_first(qtbot, root, monkeypatch) for _ in range(2))
    child = one.parts.session.rows[1].id
    one.parts.session.rename_project(child, "gate")
    qtbot.waitUntil(lambda: listed(other) == ["ssd", "gate"])
    one.parts.keeping.delete(child)
    qtbot.waitUntil(lambda: listed(other) == ["ssd"])
    qtbot.waitUntil(lambda: other.tree.trash.text() == "Trash (1)")
    assert other.parts.session.selected == one.parts.session.selected
    other.parts.keeping.restore(other.parts.workspace.trash.entries()[0].number)
    qtbot.waitUntil(lambda: listed(one) == ["ssd", "gate"])
    one.parts.keeping.delete(one.parts.session.rows[0].id)
    qtbot.waitUntil(lambda: other.pages.currentWidget() is other.start_page)
    for window in (one, other):
        window.close()


def test_it_steals_neither_selection_nor_focus_nor_what_is_typed(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_first(qtbot, root, monkeypatch)
    workspace = Workspace(root)
    parent = window.parts.session.rows[0].id
    for number in range(60):
        workspace.begin_optimized(workspace.project(parent), f"try {number}")
    qtbot.waitUntil(lambda: len(listed(window)) == 62)
    show_tab(qtbot, window, "project")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    bar = window.tree.view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    place = bar.value()
    assert place > 0
    notes = window.tabs.project.notes_card.edit
    notes.setFocus()
    QTest.keyClicks(notes, "half a sen")
    last = window.parts.session.rows[-1].id
    workspace.rename_project(last, "renamed")
    qtbot.waitUntil(lambda: listed(window)[-1] == "renamed")
    workspace.begin_optimized(workspace.project(parent), "new")
    qtbot.waitUntil(lambda: listed(window)[-1] == "new")
    assert notes.hasFocus()
    assert notes.toPlainText() == "half a sen"
    assert bar.value() == place
    assert window.tree.selected == window.parts.session.selected == parent
    window.close()


def test_a_name_that_is_typed_waits_for_no_change(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_first(qtbot, root, monkeypatch)
    window.tree.name_selected()
    field = window.tree.view.findChild(QLineEdit)
    assert field is not None
    Workspace(root).rename_project(window.parts.session.rows[1].id, "meanwhile")
    qtbot.waitUntil(lambda: listed(window) == ["ssd", "meanwhile"])
    QTest.keyClicks(field, "typed")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: listed(window) == ["typed", "meanwhile"])
    window.close()


def test_a_report_made_elsewhere_appears_in_the_list(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(qtbot, root, monkeypatch)
    child = window.parts.session.rows[1].id
    window.parts.session.select_project(child)
    show_tab(qtbot, window, "report")
    window.parts.reports.show_library()
    table = window.tabs.report.library.kept.table
    user.click_cell(table, 2)
    chosen = user.cells(table)[2]
    workspace = Workspace(root)
    workspace.rename_artifact(workspace.artifacts(child, "predictions")[0].id, "from elsewhere")
    qtbot.waitUntil(lambda: any("from elsewhere" in one for one in user.column(table)))
    (row,) = table.selectionModel().selectedRows()
    assert user.cells(table)[row.row()] == chosen
    assert window.tabs.report.currentWidget() is window.tabs.report.library
    window.close()


def test_what_was_read_before_a_change_of_this_window_is_not_shown_after_it(
    qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_first(qtbot, root, monkeypatch)
    following, session = window.parts.following, window.parts.session
    read, renamed = Event(), Event()

    def slowly(workspace: Workspace) -> tuple[ProjectRow, ...]:
        rows = project_rows(workspace)
        read.set()
        renamed.wait(10)
        return rows

    qtbot.wait(300)  # until what is read at first is
    monkeypatch.setattr("app.shell.following.project_rows", slowly)
    Workspace(root).rename_project(session.rows[1].id, "elsewhere")
    following.look()
    qtbot.waitUntil(read.is_set)
    shown: list[str] = []
    session.projects_changed.connect(lambda rows: shown.append(rows[0].name))
    session.rename_project(session.rows[0].id, "here")
    renamed.set()
    qtbot.waitUntil(lambda: listed(window) == ["here", "elsewhere"])
    qtbot.wait(300)
    assert set(shown) == {"here"}
    window.close()
