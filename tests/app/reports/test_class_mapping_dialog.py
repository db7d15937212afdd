"""Saying which class of the model a class of the dataset is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.reports.class_mapping import MODEL, NONE, WHY, ClassMappingDialog
from core.datasets.class_mapping import ClassMapping, map_classes
from tests.support.user import choose_in_cell, column

GUESSED = map_classes(["person", "car", "lamp"], ["person", "vehicle", "bike"])


def _shown(qtbot: QtBot) -> ClassMappingDialog:
    dialog = ClassMappingDialog(None, GUESSED)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitExposed(dialog)
    return dialog


def test_the_guess_is_corrected_in_the_table(qtbot: QtBot) -> None:
    dialog = _shown(qtbot)
    chosen: list[ClassMapping] = []
    dialog.mapping_chosen.connect(chosen.append)
    assert column(dialog.table, MODEL) == ["person", "vehicle", "none (ignored)"]
    assert column(dialog.table, WHY)[1] == "a kind of vehicle"
    assert "2 of the dataset's 3 classes are mapped" in dialog.summary.text()

    choose_in_cell(qtbot, dialog.table, 2, MODEL, "bike")
    assert column(dialog.table, WHY)[2] == "chosen by you"
    assert "All 3 classes of the dataset" in dialog.summary.text()
    QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert chosen == [GUESSED.changed("lamp", "bike")]


def test_a_mapping_without_a_class_cannot_be_used_and_guessing_again_helps(qtbot: QtBot) -> None:
    dialog = _shown(qtbot)
    for row, one in enumerate(GUESSED.classes):
        choose_in_cell(qtbot, dialog.table, row, MODEL, NONE)
        assert dialog.mapping.classes[row].dataset_class == one.dataset_class
    assert not dialog.use.isEnabled()
    assert "choose at least one" in dialog.summary.text()
    QTest.mouseClick(dialog.guess, Qt.MouseButton.LeftButton)
    assert dialog.mapping == GUESSED
    assert dialog.use.isEnabled()


def test_a_class_is_found_by_typing(qtbot: QtBot) -> None:
    dialog = _shown(qtbot)
    QTest.keyClicks(dialog.search, "VEHIC")
    assert column(dialog.table) == ["car"]
    dialog.reject()
