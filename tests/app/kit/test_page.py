"""A page that scrolls."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.kit.page import Page


def test_a_closed_dialog_leaves_the_page_where_it_was(qtbot: QtBot) -> None:
    """Who read a table below lost it, for the field that had the focus."""
    page, field, below = Page(), QLineEdit(), QLineEdit()
    page.box.addWidget(field)
    page.box.addSpacing(3000)
    page.box.addWidget(below)
    qtbot.addWidget(page)
    page.resize(300, 300)
    with qtbot.waitActive(page):
        page.show()
    field.setFocus()
    bar = page.verticalScrollBar()
    bar.setValue(bar.maximum())
    dialog = QDialog(page)
    asked = QLineEdit(dialog)
    dialog.open()
    qtbot.waitUntil(asked.hasFocus)
    dialog.reject()
    qtbot.waitUntil(lambda: not asked.hasFocus())
    page.activateWindow()  # as a desktop does
    qtbot.waitUntil(field.hasFocus)
    assert bar.value() == bar.maximum()
    below.setFocus()
    bar.setValue(0)
    field.setFocus()
    below.setFocus()
    assert bar.value() == bar.maximum(), "what Tab leads to is brought into view"
