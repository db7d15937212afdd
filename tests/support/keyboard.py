"""A window by keyboard alone: what Tab stops at, what it misses, and what a screen reader says."""

from __future__ import annotations

from collections.abc import Iterator

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
SETTLING_MS = 100  # until what was shown has its place
MOST_STOPS = 400  # a walk that is longer goes in circles


def press(
    window: QWidget,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """A key, where the focus is."""
    QTest.keyClick(QApplication.focusWidget() or window, key, modifier)


def tab_to(window: QWidget, name: str) -> QWidget:
    """Press Tab until the stop has the focus that is called so."""
    for _ in range(MOST_STOPS):
        focused = QApplication.focusWidget()
        if focused is not None and called(focused).replace("&", "") == name:
            return focused
        press(window, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never comes to {name}")


def arrow_to(window: QWidget, button: QAbstractButton) -> None:
    """Tab to the row of buttons that exclude each other, and go on by arrows to this one."""
    group = button.group()
    for key, there in (
        (Qt.Key.Key_Tab, set(group.buttons())),
        (Qt.Key.Key_Right, {button}),
    ):
        for _ in range(MOST_STOPS):
            if QApplication.focusWidget() in there:
                break
            press(window, key)
    assert button.hasFocus() and button.isChecked(), described(button)


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


def walk_round(window: QWidget, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Every stop from the first one on, until that comes round."""
    stops: list[QWidget] = []
    for _ in range(MOST_STOPS):
        press(window, key)
        focused = QApplication.focusWidget()
        assert focused is not None, f"the focus is lost after {stops[-1:]}"
        if focused in stops:
            assert focused is stops[0], f"{described(stops[-1])} leads back to {described(focused)}"
            return stops
        assert not focused.visibleRegion().isEmpty(), f"unseen: {described(focused)}"
        stops.append(focused)
    raise AssertionError("Tab never comes round")


def require_all_reached(window: QWidget) -> None:
    """Tab stops at every button that can be pressed, at nothing unseen, and leads back as well."""
    QTest.qWait(SETTLING_MS)
    stops = walk(window)
    assert set(walk_round(window, Qt.Key.Key_Backtab)) == set(stops)
    missed = [
        described(one)
        for one in controls(window)
        if isinstance(one, QAbstractButton)
        and one.isEnabled()
        and (one.text() or one.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and one not in stops
        and not _alternative(one, stops)
    ]
    assert "\n".join(missed) == "", [described(one) for one in stops]
    seen = {*stops, *(one for one in controls(window) if one.isEnabled())}
    nameless = [repr(one) for one in seen if not called(one).strip()]
    assert "\n".join(nameless) == ""


def _alternative(button: QAbstractButton, stops: list[QWidget]) -> bool:
    """Of buttons that exclude each other, Tab stops at one, and arrows choose among them."""
    group = button.group()
    mates = group.buttons() if group is not None else []
    if not mates and button.autoExclusive():
        parent = button.parentWidget()
        mates = parent.findChildren(type(button)) if parent is not None else []
    return any(mate in stops for mate in mates)
