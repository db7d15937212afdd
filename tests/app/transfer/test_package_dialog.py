"""The dialog of a deployment package."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.transfer.package_dialog import PackageDialog


@pytest.mark.parametrize("not_safe", [False, True])
def test_a_model_that_is_not_safe_is_called_so_before_it_leaves(
    qtbot: QtBot, not_safe: bool
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = PackageDialog(window, (), not_safe=not_safe)
    dialog.open()
    assert dialog.warning.isVisible() == not_safe
    assert "calls it not safe" in dialog.warning.text()
    dialog.reject()


def test_its_buttons_stand_as_in_every_dialog(qtbot: QtBot) -> None:
    """Qt's own row of buttons has *Cancel* last, and none in colour."""
    window = QWidget()
    qtbot.addWidget(window)
    dialog = PackageDialog(window, ())
    dialog.open()
    rightmost = max(dialog.findChildren(QPushButton), key=lambda one: one.x())
    assert (rightmost, rightmost.objectName()) == (dialog.choose, "primary")
    assert rightmost.isDefault(), "Enter goes on"
    with qtbot.waitSignal(dialog.accepted):
        rightmost.click()
