"""Nothing is lost: deleting asks, goes to the trash and is undone; names and notes are kept."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from app.reports.library_page import LibraryPage
from app.reports.report_library import KeptReport
from app.shell.main_window import MainWindow
from app.shell.trash_dialog import TrashDialog
from core.workspace.store import Workspace
from tests.support import user
from tests.support.checkout import ROOT
from tests.support.window import open_window, show_tab, wait_for_jobs

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """With a parent and its optimized project, benchmarks and reports; the parent is shown."""
    root = tmp_path / "workspace"
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(root)
    Workspace(root).trash.empty()
    window = open_window(qtbot, root, monkeypatch)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.parts.session.select_project(window.parts.session.rows[0].id)
    window.tree.view.setFocus()
    return window


def names(window: MainWindow) -> list[str]:
    return [row.name for row in window.parts.session.rows]


def chosen(window: MainWindow, title: str) -> None:
    """An entry of the menus."""
    (action,) = (one.action for one in window.menus.entries if one.title == title)
    assert action.isEnabled()
    action.trigger()


def asked(window: MainWindow) -> QMessageBox:
    """The question that *Delete* in the tree asks."""
    QTest.keyClick(window.tree.view, Qt.Key.Key_Delete)
    box = window.findChild(QMessageBox)
    assert box is not None
    return box


def test_deleting_names_what_goes_and_cancel_is_the_default(window: MainWindow) -> None:
    box = asked(window)
    assert box.text() == (
        "Delete ssd with 1 optimized model, 5 reports, 1 benchmark, 1 profile and 1 search?"
    )
    default = box.defaultButton()
    assert default is not None
    assert default is box.button(QMessageBox.StandardButton.Cancel)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert len(names(window)) == 2
    assert window.parts.workspace.trash.entries() == ()
    window.close()


def test_a_question_says_a_long_name_in_whole_in_its_tooltip(window: MainWindow) -> None:
    name = "a detector of everything that drives, walks or flies " * 3
    project = window.parts.session.rows[0].id
    window.parts.session.rename_project(project, name)
    box = asked(window)
    assert "…" in box.text()
    assert " ".join(name.split()) in box.toolTip()
    user.press(box, "Cancel")
    window.close()


def test_what_is_deleted_is_undone_by_its_message(qtbot: QtBot, window: MainWindow) -> None:
    before = names(window)
    user.press(asked(window), "Move to trash")
    assert names(window) == []
    assert window.pages.currentWidget() is window.start_page
    qtbot.waitUntil(lambda: window.tree.trash.text() == "Trash (1)")
    assert "Deleted ssd." in window.notices.said
    user.press(window.notices, "Undo")
    assert names(window) == before
    assert window.pages.currentWidget() is window.tabs
    assert window.notices.said == ""
    assert window.tree.trash.text() == "Trash"
    window.close()


def test_the_key_of_undo_has_the_last_one_back(window: MainWindow) -> None:
    child = window.parts.session.rows[1]
    window.parts.session.select_project(child.id)
    user.press(asked(window), "Move to trash")
    assert window.parts.session.selected == window.parts.session.rows[0].id, "its parent is shown"
    QTest.keyClick(window.tree.view, Qt.Key.Key_Z, CONTROL)
    assert window.parts.session.rows[1] == child
    assert window.parts.session.selected == child.id
    window.notices.clear()
    QTest.keyClick(window.tree.view, Qt.Key.Key_Z, CONTROL)
    assert "Nothing was deleted" in window.notices.said
    window.close()


def test_the_trash_is_looked_at_restored_and_emptied(qtbot: QtBot, window: MainWindow) -> None:
    workspace = window.parts.workspace
    parent, child = (row.id for row in window.parts.session.rows)
    model = workspace.project(parent).model
    assert model is not None
    window.parts.keeping.delete(child)
    window.tree.trash.click()
    dialog = window.findChild(TrashDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: bool(user.cells(dialog.table)))
    (row,) = user.cells(dialog.table)
    assert "ssd – INT8 performance with 5 reports, 1 benchmark" in str(row[0])
    assert " MB" in str(row[2])
    user.press(dialog, "Restore")
    qtbot.waitUntil(lambda: not user.cells(dialog.table))
    assert "is empty" in dialog.note.text()
    assert [row.id for row in window.parts.session.rows] == [parent, child]

    window.parts.keeping.delete(parent)
    window.parts.keeping.read_trash()
    qtbot.waitUntil(lambda: bool(user.cells(dialog.table)))
    for answer, left in (("Cancel", 1), ("Delete for good", 0)):
        QTimer.singleShot(0, partial(answered, answer))
        user.press(dialog, "Empty trash…")
        qtbot.waitUntil(partial(holds, dialog, left))
        assert model.is_file() == bool(left)
    window.close()


def holds(dialog: TrashDialog, entries: int) -> bool:
    return len(user.cells(dialog.table)) == entries


def answered(button: str) -> None:
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert "cannot be undone" in box.informativeText()
    default = box.defaultButton()
    assert default is box.button(QMessageBox.StandardButton.Cancel)
    user.press(box, button)


def test_a_project_is_named_in_its_place(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window.tree.view, Qt.Key.Key_F2)
    field = window.tree.view.findChild(QLineEdit)
    assert field is not None
    assert field.text() == "ssd"
    window.parts.workspace.rename_project(window.parts.session.rows[1].id, "meanwhile")
    window.parts.session.refresh()  # as when a job ends
    assert window.tree.naming
    QTest.keyClicks(field, "gate & <b>dusk</b>")
    window.tree.show_standing({window.parts.session.rows[0].id: "1.9x"})
    assert field.text() == "gate & <b>dusk</b>"
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.tree.naming)
    qtbot.waitUntil(lambda: names(window) == ["gate & <b>dusk</b>", "meanwhile"])
    child = window.tree.view.model().index(0, 0, window.tree.view.model().index(0, 0))
    assert str(child.data()).startswith("meanwhile")
    window.close()


def test_notes_are_kept_as_they_are_typed(qtbot: QtBot, window: MainWindow) -> None:
    show_tab(qtbot, window, "project")
    workspace = window.parts.workspace
    parent, child = (row.id for row in window.parts.session.rows)
    notes = window.tabs.project.notes_card
    QTest.keyClicks(notes.edit, "for the gate")
    qtbot.waitUntil(lambda: workspace.project(parent).notes == "for the gate")
    QTest.keyClicks(notes.edit, " at dusk")
    window.parts.session.refresh()
    assert notes.edit.toPlainText() == "for the gate at dusk", "what is typed stays"
    window.parts.session.select_project(child)
    assert workspace.project(parent).notes == "for the gate at dusk", "before the pause is over"
    assert notes.edit.toPlainText() == "for the gate", "the fixture's own"
    notes.edit.setPlainText("x" * 10_001)
    assert len(notes.edit.toPlainText()) == 10_000
    assert notes.full.isVisible()
    window.close()
    assert len(Workspace(workspace.root).project(child).notes) == 10_000


def test_a_model_is_found_exported_and_duplicated(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    show_tab(qtbot, window, "project")
    child = window.parts.session.rows[1]
    window.parts.session.select_project(child.id)
    model = window.parts.workspace.project(child.id).model
    assert model is not None
    facts = [one.text() for one in user.labels(window.tabs.project.model_card)]
    assert str(model) in facts
    assert "Source" in facts
    chosen(window, "Copy path of the model")
    assert QApplication.clipboard().text() == str(model)
    chosen(window, "Export model…")
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "new" / "ir"))
    dialog.reject()
    wait_for_jobs(qtbot, window)
    made = sorted(path.name for path in (tmp_path / "new" / "ir").iterdir())
    assert made == ["INT8_performance.bin", "INT8_performance.xml", "notes.txt"]
    chosen(window, "Duplicate project")
    wait_for_jobs(qtbot, window)
    assert names(window)[2] == "INT8 performance copy"
    assert window.parts.session.selected == window.parts.session.rows[2].id
    window.close()


def test_the_menu_of_a_project_offers_what_the_menus_do(qtbot: QtBot, window: MainWindow) -> None:
    index = window.tree.view.selectionModel().selectedIndexes()[0]
    window.tree.view.customContextMenuRequested.emit(window.tree.view.visualRect(index).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    titles = [one.text().replace("&", "") for one in menu.actions() if not one.isSeparator()]
    assert titles == [
        "Rename project", "Duplicate project", "Show model in folder", "Copy path of the model",
        "Export model…", "Export project…", "Make a deployment package…", "Delete project…",
        "Undo delete",
    ]  # fmt: skip
    menu.close()
    window.close()


def test_what_is_folded_stays_so(window: MainWindow) -> None:
    view = window.tree.view
    view.collapse(view.model().index(0, 0))
    window.parts.session.refresh()
    assert not view.isExpanded(view.model().index(0, 0))
    window.parts.workspace.begin_optimized(window.parts.workspace.projects()[0], "another")
    window.parts.session.refresh()
    assert not view.isExpanded(view.model().index(0, 0))
    window.close()


def test_pages_that_come_after_a_deletion_show_no_project(window: MainWindow) -> None:
    """As when the tabs are made ahead, or another window deletes what this one shows."""
    window.parts.keeping.delete(window.parts.session.rows[0].id)
    for page in window.tabs.make_all():
        assert page is not None
    assert window.notices.said == "Deleted ssd."
    window.close()


# Reports


def stored_reports(window: MainWindow) -> list[KeptReport]:
    library = window.parts.reports.library
    assert library is not None
    return list(library.reports)


def reports_page(qtbot: QtBot, window: MainWindow) -> LibraryPage:
    """The library of the optimized project's reports."""
    window.parts.session.select_project(window.parts.session.rows[1].id)
    show_tab(qtbot, window, "report")
    window.parts.reports.show_library()
    page: LibraryPage = window.tabs.report.library
    assert window.tabs.report.currentWidget() is page
    return page


def test_a_report_is_named_in_its_place(qtbot: QtBot, window: MainWindow) -> None:
    table = reports_page(qtbot, window).kept.table
    before = user.column(table)
    user.click_cell(table, 1)
    QTest.keyClick(table, Qt.Key.Key_F2)
    field = table.viewport().findChild(QLineEdit)
    assert field is not None
    assert field.text() == ""
    window.parts.session.refresh()  # as when a job ends
    QTest.keyClicks(field, "before the fix")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: user.column(table)[1] == f"before the fix: {before[1]}")
    assert window.tabs.report.currentWidget() is window.tabs.report.library
    named = [one for one in window.parts.workspace.artifacts(2) if one.name == "before the fix"]
    assert len(named) == 1
    window.parts.reports.open(stored_reports(window)[1])
    assert "before the fix" in window.tabs.report.header.title.text()
    assert window.parts.reports.suggested_name("html").startswith("before-the-fix")
    window.close()


def test_a_report_that_is_deleted_elsewhere_is_left_with_a_word(
    qtbot: QtBot, window: MainWindow
) -> None:
    reports_page(qtbot, window)
    report = stored_reports(window)[0]
    window.parts.reports.open(report)
    Workspace(window.parts.workspace.root).trash.add_artifact(report.artifact)
    words = "was deleted in another window or in the terminal."
    qtbot.waitUntil(lambda: words in window.notices.said)
    assert window.tabs.report.currentWidget() is window.tabs.report.library
    window.close()


def test_reports_are_deleted_and_had_back_by_key(qtbot: QtBot, window: MainWindow) -> None:
    page = reports_page(qtbot, window)
    table = page.kept.table
    before = user.cells(table)
    user.click_cell(table, 0)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert user.cells(table) == before[1:]
    assert "Deleted the report" in window.notices.said
    qtbot.waitUntil(lambda: window.tree.trash.text() == "Trash (1)")
    assert window.tabs.report.currentWidget() is page
    QTest.keyClick(table, Qt.Key.Key_Z, CONTROL)
    assert user.cells(table) == before
    assert window.tabs.report.currentWidget() is page, "what comes back does not open"
    window.close()
