"""Saying which class of the model a class of the dataset is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from app.reports.class_mapping import MODEL, WHY, ClassMappingDialog
from core.datasets.class_mapping import ClassMapping, map_classes

GUESSED = map_classes(["person", "car", "lamp"], ["person", "vehicle", "bike"])


def _shown(qtbot: QtBot) -> ClassMappingDialog:
    dialog = ClassMappingDialog(None, GUESSED)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitExposed(dialog)
    return dialog


def _choose(qtbot: QtBot, dialog: ClassMappingDialog, row: int, name: str) -> None:
    """Click into the cell and choose in the list that opens."""
    index = dialog.table.model().index(row, MODEL)
    place = dialog.table.visualRect(index).center()
    QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: dialog.table.viewport().findChild(QComboBox) is not None)
    combo = dialog.table.viewport().findChild(QComboBox)
    assert combo is not None
    qtbot.waitUntil(combo.view().isVisible)
    item = combo.model().index(combo.findText(name), 0)
    combo.view().setCurrentIndex(item)
    QTest.keyClick(combo.view(), Qt.Key.Key_Return)


def test_the_guess_is_corrected_in_the_table(qtbot: QtBot) -> None:
    dialog = _shown(qtbot)
    chosen: list[ClassMapping] = []
    dialog.mapping_chosen.connect(chosen.append)
    cells = dialog.table.model()
    assert [cells.index(row, MODEL).data() for row in range(3)] == [
        "person",
        "vehicle",
        "none: left out",
    ]
    assert cells.index(1, WHY).data() == "a kind of vehicle"
    assert "knows 2 of the dataset's 3" in dialog.summary.text()

    _choose(qtbot, dialog, 2, "bike")
    assert cells.index(2, WHY).data() == "chosen by you"
    assert "all of the dataset's 3" in dialog.summary.text()
    QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert chosen == [GUESSED.changed("lamp", "bike")]


def test_a_mapping_without_a_class_cannot_be_used_and_guessing_again_helps(qtbot: QtBot) -> None:
    dialog = _shown(qtbot)
    for row, one in enumerate(GUESSED.classes):
        dialog.rows.setData(dialog.rows.index(row, MODEL), None)
        assert dialog.mapping.classes[row].dataset_class == one.dataset_class
    assert not dialog.use.isEnabled()
    assert "choose at least one" in dialog.summary.text()
    QTest.mouseClick(dialog.guess, Qt.MouseButton.LeftButton)
    assert dialog.mapping == GUESSED
    assert dialog.use.isEnabled()


def test_a_class_is_found_by_typing(qtbot: QtBot) -> None:
    dialog = _shown(qtbot)
    QTest.keyClicks(dialog.search, "VEHIC")
    cells = dialog.table.model()
    assert [cells.index(row, 0).data() for row in range(cells.rowCount())] == ["car"]
    dialog.reject()
