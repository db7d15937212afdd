"""The wheel scrolls the page: what it passes over on its way is not changed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.kit.fields import Slider
from tests.support.checkout import ROOT
from tests.support.window import open_window

_DOWN = QPoint(0, -120)
FIELDS = (QComboBox, QAbstractSpinBox, QAbstractSlider, QTabBar)


def turned(field: QWidget) -> bool:
    """Whether a field takes a turn of the wheel that comes over it."""
    here = QPointF(field.rect().center())
    event = QWheelEvent(
        here,
        field.mapToGlobal(here),
        QPoint(),
        _DOWN,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)
    return event.isAccepted()


def on_a_page(field: QWidget) -> bool:
    """Whether the wheel scrolls what it lies on."""
    above = field.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            return True
        above = above.parentWidget()
    return False


def test_no_field_takes_the_wheel_from_its_page(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path)
    window = open_window(qtbot, tmp_path, monkeypatch)
    for _ in window.tabs.make_all():
        QApplication.processEvents()
    fields = [one for kind in FIELDS for one in window.tabs.findChildren(kind)]
    scrolled = [
        one
        for one in fields
        if isinstance(one, QWidget) and not isinstance(one, QScrollBar) and on_a_page(one)
    ]
    assert len(scrolled) > 30
    assert [one.accessibleName() for one in scrolled if turned(one)] == []


def test_a_field_with_the_focus_takes_it(qtbot: QtBot) -> None:
    slider = Slider()
    slider.setRange(0, 10)
    slider.setValue(5)
    qtbot.addWidget(slider)
    slider.show()
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    assert turned(slider)
