"""A button that is hidden while it has the focus: who gets it, and what becomes of the others."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from app.kit.boxes import down
from app.kit.widgets import button, label
from tests.support.checkout import run_python
from tests.support.xvfb import PROGRAM, virtual_screen


def test_the_menus_outlive_what_is_deleted_beside_a_hidden_button(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    action = window.menuBar().addMenu("File").addAction("Open")
    page, field, start, cancel = QWidget(), QLineEdit(), button("Start"), button("Cancel")
    facts = [label(str(number)) for number in range(4)]
    down(*facts, start, cancel, field, on=page)
    window.setCentralWidget(page)
    window.show()
    window.activateWindow()
    start.setFocus()
    qtbot.waitUntil(start.hasFocus)
    start.hide()
    assert QApplication.focusWidget() is field, "no other button"
    while facts:
        facts.pop().deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    action.setEnabled(False)
    assert not action.isEnabled()


_QUESTION = """
from PySide6.QtWidgets import QApplication, QMessageBox
from app.kit.theme import apply_theme
application = QApplication([])
apply_theme(application, "light")
box = QMessageBox()
cancel = box.addButton(QMessageBox.StandardButton.Cancel)
box.show()
print(cancel.icon().isNull())
"""


@pytest.mark.skipif(PROGRAM is None, reason="Xvfb is not installed")
def test_the_answers_to_a_question_have_no_pictures() -> None:
    """Some systems put a red cross on *Cancel*, and nothing on the button beside it."""
    with virtual_screen("800x600x24") as display:
        variables = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}
        assert run_python(_QUESTION, **variables).strip() == "True"
