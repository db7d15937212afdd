"""Every action by keyboard: keys that work, one table of them, and the command palette."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.shell.main_window import MainWindow
from app.shell.palette import Command, Palette, ranked
from app.shell.shortcuts import ShortcutsDialog
from app.viewer.keys import CLASS_KEYS, KEYS
from tests.support import user
from tests.support.window import open_stored, wait_for_jobs

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """With projects, benchmarks and reports."""
    window = open_stored(qtbot, tmp_path, monkeypatch)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def show_first(window: MainWindow) -> None:
    window.parts.session.select_project(window.parts.session.rows[0].id)


def test_tabs_come_by_their_number_once_there_is_a_project(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    assert window.pages.currentWidget() is window.start_page
    show_first(window)
    for key, place in ((Qt.Key.Key_3, 2), (Qt.Key.Key_2, 1), (Qt.Key.Key_4, 3), (Qt.Key.Key_1, 0)):
        QTest.keyClick(window, key, CONTROL)
        assert window.tabs.currentIndex() == place
    QTest.keyClick(window, Qt.Key.Key_0, CONTROL)
    assert window.pages.currentWidget() is window.start_page
    window.close()


def test_a_project_s_next_steps_are_in_its_menu_where_they_can_be_taken(
    qtbot: QtBot, window: MainWindow
) -> None:
    steps = ("Optimize and compare", "Run benchmark", "Create accuracy report")

    def possible() -> list[str]:
        there = {entry.title: entry.action.isEnabled() for entry in window.menus.entries}
        return [step for step in steps if there[step]]

    assert possible() == []
    rows = window.parts.session.rows
    parent = next(row for row in rows if row.parent_id is None)
    child = next(row for row in rows if row.parent_id is not None)
    window.parts.session.select_project(parent.id)
    qtbot.waitUntil(lambda: possible() == ["Optimize and compare", "Run benchmark"])
    window.parts.session.select_project(child.id)
    qtbot.waitUntil(lambda: possible() == ["Run benchmark", "Create accuracy report"])
    (action,) = (one.action for one in window.menus.entries if one.title == "Run benchmark")
    action.trigger()
    qtbot.waitUntil(lambda: window.parts.queue.current is not None)
    window.parts.queue.cancel_current()
    wait_for_jobs(qtbot, window)
    window.close()


def test_no_two_actions_have_one_key_and_none_takes_the_viewers(window: MainWindow) -> None:
    keys = [e.action.shortcut().toString() for e in window.menus.entries]
    taken = Counter(filter(None, keys))
    assert {"Ctrl+1", "Ctrl+O", "F2", "F5", "Del", "Ctrl+K", "F8"} <= set(taken)
    assert [key for key, count in taken.items() if count > 1] == []
    viewer = {sequence for key in KEYS for sequence in key.sequences} | set(CLASS_KEYS)
    assert viewer & set(taken) == set()
    window.close()


def test_the_table_of_keys_is_made_of_the_menus_and_the_viewers(
    qtbot: QtBot, window: MainWindow
) -> None:
    QTest.keyClick(window, Qt.Key.Key_Slash, CONTROL)
    dialog = window.findChild(ShortcutsDialog)
    assert dialog is not None
    rows = user.cells(dialog.table)
    assert ["Command palette", "Ctrl+K", "View"] in rows
    assert ["Next image where the models differ", "N", "Viewer"] in rows
    assert len({row[1] for row in rows}) == len(rows)
    user.press(dialog, "Close")
    window.close()


def test_files_are_opened_projects_renamed_and_read_anew_by_key(
    qtbot: QtBot, window: MainWindow
) -> None:
    show_first(window)
    QTest.keyClick(window, Qt.Key.Key_O, CONTROL)
    assert window.findChild(QFileDialog) is not None
    window.asking.close()
    selected = window.parts.session.selected or 0
    window.parts.workspace.rename_project(selected, "from elsewhere")
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert window.parts.session.rows[0].name == "from elsewhere"
    window.close()


def test_delete_counts_in_the_list_of_projects_alone(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_first(window)
    asked: list[int] = []
    monkeypatch.setattr(window.asking, "before_deleting", asked.append)
    window.tabs.setFocus()
    QTest.keyClick(window.tabs, Qt.Key.Key_Delete)
    assert asked == []
    window.tree.view.setFocus()
    QTest.keyClick(window.tree.view, Qt.Key.Key_Delete)
    assert asked == [window.parts.session.selected]
    window.close()


# The palette


def palette(window: MainWindow) -> Palette:
    QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    (found,) = (one for one in window.findChildren(Palette) if one.isVisible())
    return found


def type_and_enter(dialog: Palette, words: str, downs: int = 0) -> None:
    QTest.keyClicks(dialog.edit, words)
    for _ in range(downs):
        QTest.keyClick(dialog.edit, Qt.Key.Key_Down)
    QTest.keyClick(dialog.edit, Qt.Key.Key_Return)


def test_tabs_and_projects_are_shown_from_the_palette(window: MainWindow) -> None:
    rows = window.parts.session.rows
    type_and_enter(palette(window), rows[-1].title[:3] + " perf")
    assert window.parts.session.selected == rows[-1].id
    type_and_enter(palette(window), "accrep")
    assert window.tabs.currentIndex() == 3
    window.close()


def test_the_palette_is_led_by_keys_alone_and_says_what_it_does_not_know(
    window: MainWindow,
) -> None:
    dialog = palette(window)
    first = user.column(dialog.list)[0]
    assert first == "New project…"
    assert "Delete project…" not in user.column(dialog.list)  # there is no project
    QTest.keyClick(dialog.edit, Qt.Key.Key_Up)
    assert dialog.list.currentIndex().row() == dialog.list.model().rowCount() - 1
    QTest.keyClicks(dialog.edit, "qqqq")
    assert dialog.none.text() == "Nothing is called so."
    QTest.keyClick(dialog.edit, Qt.Key.Key_Return)
    assert dialog.isVisible()
    QTest.keyClick(dialog.edit, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    window.close()


def test_the_closest_name_comes_first() -> None:
    titles = ["Performance", "Open the workspace folder", "Preferences…", "Optimize"]
    commands = [Command(title, "", lambda: None) for title in titles]

    def first(words: str) -> str:
        return ranked(commands, words)[0].title

    assert first("pref") == "Preferences…"
    assert first("wsf") == "Open the workspace folder"
    assert first("opt") == "Optimize"
    assert ranked(commands, "zzz") == []
    assert [one.title for one in ranked(commands, "")] == titles
