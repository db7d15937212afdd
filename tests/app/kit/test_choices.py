"""Lists to choose from."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QStyleOptionComboBox
from pytestqt.qtbot import QtBot

from app.kit.fields import Choice, combo
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


def test_a_text_that_has_no_room_ends_in_dots(qtbot: QtBot) -> None:
    field = combo("Run", widest=120)
    field.addItems(["short", "a benchmark of sample-ssd, INT8 performance, of 2026-01-02 11:00"])
    qtbot.addWidget(field)
    field.resize(120, 28)
    field.show()
    assert isinstance(field, Choice)
    seen = []
    for place in (0, 1):
        field.setCurrentIndex(place)
        option = QStyleOptionComboBox()
        field.initStyleOption(option)
        seen.append(field.shown_text(option))
        field.grab()
    assert seen[0] == "short"
    assert seen[1].startswith("a bench") and seen[1].endswith("…")
