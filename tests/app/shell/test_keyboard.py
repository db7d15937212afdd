"""By keyboard alone, and what a screen reader is told of each control of all pages."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QTabBar,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.shell.main_window import MainWindow
from tests.support.checkout import ROOT
from tests.support.window import open_window

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QTabBar,
    QTextBrowser,
)
PAGES = ("start", "project", "optimize", "performance", "report")
WALKED = ("start", "project")
MOST_STOPS = 400  # a walk that is longer goes in circles


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """With projects, benchmarks and reports."""
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path)
    window = open_window(qtbot, tmp_path, monkeypatch)
    window.resize(1366, 768)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def show_page(qtbot: QtBot, window: MainWindow, page: str) -> None:
    """By keyboard: a tab of a project that has something there."""
    if page == "start":
        return
    window.parts.session.select_project(
        window.parts.session.rows[0 if page == "optimize" else -1].id
    )
    key = Qt.Key(Qt.Key.Key_0 + PAGES.index(page))
    QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.tabs.current_made, timeout=60_000)
    reader = window.parts.project.standing
    qtbot.waitUntil(lambda: bool(reader.standing.families), timeout=60_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def controls(window: QWidget) -> Iterator[QWidget]:
    """What can be operated and is seen, without the insides of other controls."""
    for kind in CONTROLS:
        for one in window.findChildren(kind):
            parent = one.parentWidget()
            inside = isinstance(parent, QComboBox | QAbstractSpinBox | QLineEdit | QTabBar)
            hidden = one.visibleRegion().isEmpty() and not one.isVisible()
            if one.isVisible() and not inside and not hidden:
                yield one


def called(widget: QWidget) -> str:
    """What a screen reader says of it."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface else ""


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {called(widget) or widget.objectName()!r}"


def walk(window: QWidget) -> list[QWidget]:
    """Every stop of Tab, once the page has filled in: two rounds that are alike."""
    before: set[QWidget] = set()
    stops = set(walk_round(window))
    while before != stops:
        before, stops = stops, set(walk_round(window))
    return walk_round(window)


def walk_round(window: QWidget) -> list[QWidget]:
    """Every stop of Tab from the first one on, until it comes round."""
    stops: list[QWidget] = []
    for _ in range(MOST_STOPS):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None, f"the focus is lost after {described(stops[-1])}"
        if focused in stops:
            return stops
        assert not focused.visibleRegion().isEmpty(), f"unseen: {described(focused)}"
        stops.append(focused)
    raise AssertionError("Tab never comes round")


@pytest.mark.parametrize("page", WALKED)
def test_every_stop_is_seen_and_every_button_is_reached(
    qtbot: QtBot, window: MainWindow, page: str
) -> None:
    show_page(qtbot, window, page)
    stops = walk(window)
    missed = [
        described(one)
        for one in controls(window)
        if isinstance(one, QAbstractButton)
        and one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one not in stops
        and not _alternative(one, stops)
    ]
    assert "\n".join(missed) == "", [described(one) for one in stops]
    unreachable = [
        described(one)
        for one in controls(window)
        if isinstance(one, QAbstractButton)
        and one.isEnabled()
        and not one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one.text()
    ]
    assert "\n".join(unreachable) == ""
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


def _alternative(button: QAbstractButton, stops: list[QWidget]) -> bool:
    """Of buttons that exclude each other, Tab stops at one, and arrows choose among them."""
    group = button.group()
    mates = group.buttons() if group is not None else []
    if not mates and button.autoExclusive():
        parent = button.parentWidget()
        mates = parent.findChildren(type(button)) if parent is not None else []
    return any(mate in stops for mate in mates)
