"""Lists to choose from."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.kit.fields import combo
from app.kit.theme import apply_theme


def test_names_that_are_longer_than_the_field_are_whole_in_its_list(qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style = application.styleSheet()
    apply_theme(application, "light")
    field = combo("Run", widest=120)
    field.addItems(["short", "a benchmark of sample-ssd, INT8 performance, of 2026-01-02 11:00"])
    qtbot.addWidget(field)
    field.show()
    field.showPopup()
    assert field.view().viewport().width() >= field.view().sizeHintForColumn(0)
    field.hidePopup()
    application.setStyleSheet(style)
