"""Calibration images are looked at while they are chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.support.images import write_images
from tests.support.models import CLASSES, save, ssd
from tests.support.window import open_imported


def test_what_is_told_of_calibration_images(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = write_images(tmp_path / "val", 4)
    model = save(ssd(), tmp_path / "mine", "mine", CLASSES)
    window = open_imported(qtbot, tmp_path / "workspace", monkeypatch, model, images)
    tab = window.tabs.optimize

    def said() -> str:
        return tab.calibration_note.whole_text

    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: "All the 4 images" in said(), timeout=30_000)  # the project's own
    tab.calibration.set_path(write_images(tmp_path / "others", 3))  # the same images again
    assert not said()
    qtbot.waitUntil(lambda: "3 of the 4 images" in said(), timeout=30_000)
    assert "3 images in others." in said()
    assert "3 of the 4 images" in said().splitlines()[1], "what spoils a comparison comes first"
    assert "only 3 images; calibration is more stable" in said()
    (tmp_path / "empty").mkdir()
    tab.calibration.set_path(tmp_path / "empty")
    qtbot.waitUntil(lambda: "There are no images in" in said(), timeout=30_000)
    assert not list((window.parts.workspace.root / "datasets").iterdir())
    window.close()


def test_many_warnings_move_nothing_and_say_how_many_more_there_are(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = write_images(tmp_path / "val", 4)
    model = save(ssd(), tmp_path / "mine", "mine", CLASSES)
    window = open_imported(qtbot, tmp_path / "workspace", monkeypatch, model, images)
    tab = window.tabs.optimize
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: "All the 4 images" in tab.calibration_note.whole_text, timeout=30_000)
    note = tab.calibration_note

    def top_of_the_next(sentences: tuple[str, ...]) -> int:
        note.show_sentences(sentences)
        QApplication.processEvents()
        return tab.start.mapTo(tab, QPoint()).y()

    place = top_of_the_next(("20 images in others.",))
    facts, *warnings = ("20 images in others.", *(f"Warning {n} is short." for n in range(5)))
    assert top_of_the_next((facts, *warnings)) == place
    assert "Warning 1 is short. – 3 more" in note.text()
    assert "Warning 4" not in note.text()
    assert "Warning 4" in note.toolTip()
    long = tuple(f"Warning {n} {'is of many words ' * 7}" for n in range(5))
    assert top_of_the_next((facts, *long)) == place
    assert "4 more" in note.text()
    assert top_of_the_next((facts, *warnings[:2])) == place
    assert "more" not in note.text()
    assert not note.toolTip()
    window.close()
