"""What the user is told lies over the content, moves nothing and covers no *Cancel*."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.kit.notice import Notice
from app.kit.widgets import button
from app.shell.main_window import MainWindow
from app.shell.notices import MOST, Toasts
from core.workspace.store import Workspace
from tests.support import user
from tests.support.window import open_window


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    return open_window(qtbot, tmp_path / "workspace", monkeypatch)


def shown_at(widget: QWidget) -> QRect:
    """Where a widget lies in its window."""
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


def test_a_workspace_that_can_only_be_looked_at_says_so_when_it_is_opened(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace(tmp_path / "workspace")
    monkeypatch.setattr("core.workspace.database.os.access", lambda *_: False)
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    said = f"The workspace {tmp_path / 'workspace'} cannot be written to: it is open for looking."
    assert said in window.notices.said
    assert window.notices.isVisible()


def test_a_message_moves_nothing_and_leaves_cancel_free(window: MainWindow) -> None:
    window.resize(960, 600)
    places = {one: shown_at(one) for one in window.pages.findChildren(QWidget) if one.isVisible()}
    for number in range(6):
        window.parts.notices.post(Notice(f"{number} went wrong. " * 12, failed=True))
    QApplication.processEvents()
    assert window.notices.isVisible()
    assert {one: shown_at(one) for one in places} == places
    assert window.rect().contains(shown_at(window.notices))
    assert not shown_at(window.notices).intersects(shown_at(window.job_bar))
    window.close()


def test_failures_stay_and_what_waits_comes_when_one_is_closed(window: MainWindow) -> None:
    toasts = window.notices
    for number in range(MOST + 1):
        window.parts.notices.post(Notice(f"Failure {number}.", failed=True))
    window.parts.notices.post(Notice("Failure 0.", failed=True))  # said already
    assert toasts.said.splitlines() == [f"Failure {number}." for number in range(MOST + 1)]
    assert (
        "1 not shown yet" in user.find(toasts, QPushButton, "Close all 4 (1 not shown yet)").text()
    )
    first = user.find(toasts, QWidget, "Message: Failure 0.")
    user.press(first, "Close")
    assert toasts.said.splitlines()[0] == "Failure 1."
    assert user.find(toasts, QWidget, f"Message: Failure {MOST}.").isVisible()
    user.press(toasts, f"Close all {MOST}")
    assert not toasts.isVisible()
    window.close()


def test_what_is_harmless_goes_by_itself_and_failures_do_not(qtbot: QtBot) -> None:
    host = QWidget()
    host.resize(600, 400)
    QLineEdit(host).setFocus()
    qtbot.addWidget(host)
    QCursor.setPos(0, 0)  # another test may have left it where the messages come
    toasts = Toasts(host, seconds=0.0)
    host.show()
    host.activateWindow()
    qtbot.waitUntil(host.isActiveWindow)
    toasts.show_notice(Notice("Done."))
    toasts.show_notice(Notice("It failed.", failed=True))
    qtbot.waitUntil(lambda: toasts.said == "It failed.")
    toasts.clear()
    toasts.take_focus()
    assert toasts.said == "Done.", "who was away asks for what was said"
    toasts.clear()
    toasts.take_focus()
    assert toasts.said == "", "it was closed by hand"


def test_a_message_is_reached_and_left_by_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    window.tree.new.setFocus()
    qtbot.waitUntil(window.tree.new.hasFocus)
    window.parts.notices.post(Notice("It failed.", failed=True))
    assert window.tree.new.hasFocus()  # it takes nothing from whoever is typing
    window.notices.take_focus()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert window.notices.isAncestorOf(focused)
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    assert not window.notices.isVisible()
    assert window.tree.new.hasFocus()
    window.close()


@pytest.mark.parametrize("how", ["disabled", "hidden"])
def test_the_focus_does_not_jump_to_cancel(qtbot: QtBot, how: str) -> None:
    dialog = QDialog()
    field, start, cancel = QLineEdit(), button("Start"), button("Cancel")
    box = QVBoxLayout(dialog)
    for widget in (field, start, cancel):
        box.addWidget(widget)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    start.setFocus()
    qtbot.waitUntil(start.hasFocus)
    if how == "disabled":
        start.setEnabled(False)
    else:
        start.hide()
    assert not cancel.hasFocus()
    assert field.hasFocus()
