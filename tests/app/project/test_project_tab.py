"""The Project tab: the dataset's images and warnings, its classes, and corrections."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.importing.dialog import NewProjectDialog
from app.reports.class_mapping import MODEL, ClassMappingDialog
from app.shell.main_window import MainWindow
from core.remarks.remark import remark
from tests.support.datasets import write_coco
from tests.support.models import CLASSES, save, ssd
from tests.support.user import choose, choose_in_cell
from tests.support.window import open_imported, shown_project


def opened(qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window on a project with annotated images."""
    model = save(ssd(), folder / "mine", "mine", CLASSES)
    images = write_coco(folder / "coco")
    return open_imported(qtbot, folder / "workspace", monkeypatch, model, images)


def test_what_the_project_tab_says_of_a_dataset(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(qtbot, tmp_path, monkeypatch)
    card = window.tabs.project.dataset_card
    assert "only 3 images" in card.warnings.text()
    assert "1 of the 3 images has no boxes" in card.warnings.text()
    assert not card.problems.isVisible()
    assert card.strip is not None
    assert len(card.strip.items) == 3

    # classes: corrected, kept, and shown again
    QTest.mouseClick(card.mapping, Qt.MouseButton.LeftButton)
    dialog = window.findChild(ClassMappingDialog)
    assert dialog is not None
    assert [one.model_class for one in dialog.mapping.classes] == ["cat", "dog"]
    choose_in_cell(qtbot, dialog.table, 1, MODEL, "bird")
    QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    kept = window.parts.reports.keeping.class_mapping(window.parts.session.selected or 0)
    assert kept is not None
    assert [one.model_class for one in kept.classes] == ["cat", "bird"]

    QTest.mouseClick(window.tabs.project.edit_settings, Qt.MouseButton.LeftButton)
    editing = window.findChild(NewProjectDialog)
    assert editing is not None
    qtbot.waitUntil(editing.ok.isEnabled, timeout=60_000)
    window.close()  # with the dialog open


def test_images_that_a_report_left_out_are_listed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(qtbot, tmp_path, monkeypatch)
    view = shown_project(window)
    card = window.tabs.project.dataset_card
    card.show_project(
        replace(view, problems=tuple(remark("image_empty", image=f"{n}.jpg") for n in range(7)))
    )
    assert "7 images could not be used" in card.problems.text()
    assert "6.jpg" not in card.problems.text()
    QTest.mouseClick(card.all_problems, Qt.MouseButton.LeftButton)
    assert "6.jpg" in card.problems.text()
    assert not card.all_problems.isVisible()
    window.close()


def test_a_target_is_stored_with_the_project_and_taken_over_where_it_is_optimized(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(qtbot, tmp_path, monkeypatch)
    card = window.tabs.project.target_card
    assert card.target.currentText() == "This machine"

    choose(card.target, "CPU without VNNI")
    assert "saturate" in card.meaning.text()
    assert shown_project(window).project.target == "cpu"
    assert card.target.currentText() == "CPU without VNNI"
    window.tabs.show_tab("optimize")
    assert window.tabs.optimize.plan().target == "cpu"
    assert window.tabs.search.form.target.currentText() == "CPU without VNNI"

    choose(card.target, "Any")
    assert window.tabs.optimize.plan().target == "any", "of the same project"
    assert window.tabs.search.form.target.currentText() == "Any"
    window.close()


def test_the_processor_is_named_with_what_follows(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(qtbot, tmp_path, monkeypatch)
    here = window.tabs.project.target_card.processor
    qtbot.waitUntil(lambda: bool(here.text()), timeout=60_000)
    assert "INT8" in here.text()
    assert "the default precision is" in here.text()
    window.tabs.show_tab("optimize")
    assert here.text() == f"Here: {window.tabs.optimize.processor.text()}"
    window.close()
