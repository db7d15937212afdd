"""A model is examined, corrected with an image of the result, and only then imported."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from app.importing.dialog import NewProjectDialog
from app.shell.main_window import MainWindow
from core.models.stored import load_stored
from core.workspace.projects import model_of
from tests.support import models
from tests.support.images import write_images
from tests.support.jobs import job_processes
from tests.support.models import CLASSES, Known, save
from tests.support.window import import_project, open_window, shown_project, wait_for_jobs

FOUND = [Known((8, 10, 40, 30), 0.9, 2), Known((1, 2, 20, 60), 0.5, 0)]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    return open_window(qtbot, tmp_path / "workspace", monkeypatch)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return save(models.known_yolox(FOUND), tmp_path / "mine", "known", CLASSES)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images", 3)


def opened(window: MainWindow) -> NewProjectDialog:
    dialog = window.findChild(NewProjectDialog)
    assert dialog is not None
    return dialog


def wait_for(qtbot: QtBot, dialog: NewProjectDialog, stage: str) -> None:
    qtbot.waitUntil(lambda: dialog.presenter.view.stage == stage, timeout=60_000)


def wait_for_boxes(qtbot: QtBot, dialog: NewProjectDialog) -> tuple[str, ...]:
    """The labels on the image once the newest choices are answered."""

    def answered() -> bool:
        image = dialog.presenter.images.view
        return image is not None and image.current

    qtbot.waitUntil(answered, timeout=60_000)
    return dialog.preview.pane.overlay.labels


def choose(combo: QComboBox, data: object) -> None:
    """As a user does in the list."""
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def test_enter_after_a_path_opens_no_menu(qtbot: QtBot, window: MainWindow, model: Path) -> None:
    window.asking.for_project()
    dialog = opened(window)
    menu = dialog.model.browse.menu()
    seen: list[None] = []
    menu.aboutToShow.connect(lambda: seen.append(None))
    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, menu.close))
    QTest.keyClicks(dialog.model.edit, str(model))
    QTest.keyClick(dialog.model.edit, Qt.Key.Key_Return)
    assert not seen
    wait_for(qtbot, dialog, "known")
    assert dialog.isVisible()
    dialog.reject()
    window.close()


def test_a_model_is_corrected_on_images_and_imported(
    qtbot: QtBot, window: MainWindow, model: Path, images: Path
) -> None:
    window.asking.for_project(model=model)
    dialog = opened(window)
    wait_for(qtbot, dialog, "known")  # a model alone is examined, too
    assert not dialog.ok.isEnabled()
    assert "Choose images" in dialog.problem.text()

    QTest.keyClicks(dialog.dataset.edit, str(images))
    wait_for(qtbot, dialog, "examining")
    wait_for(qtbot, dialog, "known")
    shown = dialog.settings
    assert shown.layout_choice.currentData() == "yolox-raw"
    assert "Confidence" in shown.evidence.text()
    assert "grid offsets" in shown.evidence.text()
    assert shown.class_names.text() == "cat, dog, bird"
    assert wait_for_boxes(qtbot, dialog) == ("bird 0.90", "cat 0.50")
    assert dialog.preview.status.text() == "2 detections", "no time: outputs are remembered"

    dialog.preview.score.setValue(60)
    assert dialog.preview.pane.overlay.labels == ("bird 0.90",)
    QTest.mouseClick(dialog.preview.next, Qt.MouseButton.LeftButton)
    assert dialog.preview.position.text() == "2 / 3"
    assert wait_for_boxes(qtbot, dialog) == ("bird 0.90",)

    before = dialog.preview.pane.overlay.boxes
    grid = shown.option_fields["grid"]
    assert isinstance(grid, QCheckBox)
    grid.click()
    wait_for_boxes(qtbot, dialog)
    assert (
        dialog.preview.pane.overlay.boxes.shape != before.shape
        or (dialog.preview.pane.overlay.boxes != before).any()
    )
    choose(shown.layout_choice, "yolov8")
    assert set(shown.option_fields) == {"coordinates", "sigmoid", "nms_iou"}
    QTest.mouseClick(shown.reset, Qt.MouseButton.LeftButton)
    assert wait_for_boxes(qtbot, dialog) == ("bird 0.90",)
    assert not shown.reset.isEnabled()

    choose(shown.colors, "rgb")
    choose(shown.resize_choice, "stretch")
    assert not shown.pad_value.isVisible()
    shown.mean.setText("0")
    shown.scale.setText("1, 2, 3")
    shown.scale.editingFinished.emit()
    assert shown.values.currentText() == "Other"
    shown.scale.setText("0")
    shown.scale.editingFinished.emit()
    assert "A scale of 0" in dialog.problem.text()
    assert not dialog.ok.isEnabled()
    shown.scale.setText("255")
    shown.scale.editingFinished.emit()
    assert shown.values.currentText() == "0..1"
    wait_for_boxes(qtbot, dialog)

    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.parts.session.selected is not None, timeout=20_000)
    wait_for_jobs(qtbot, window)
    (project,) = window.parts.workspace.projects()
    assert window.parts.session.selected == project.id
    detector = load_stored(model_of(project)).card.detector
    assert detector.preprocessing.describe() == "RGB 0..1, 64x64, stretch"
    assert shown_project(window).benchmark is not None  # measured at once
    window.close()


def test_what_cannot_be_used_is_told_with_the_way_out(
    qtbot: QtBot,
    window: MainWindow,
    images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_detector = save(models.embedding(), tmp_path / "a", "embedding")
    window.asking.for_project(model=no_detector, dataset=images)
    dialog = opened(window)
    wait_for(qtbot, dialog, "refused")
    assert "No known detector has the outputs [1,256]" in dialog.refused.what.text()
    assert dialog.refused.way_out.text() == "Choose the model of an object detector."
    assert not dialog.refused.names.isVisible()

    torch = tmp_path / "yolo.pt"
    torch.write_bytes(b"PK")
    dialog.model.set_path(torch)
    wait_for(qtbot, dialog, "refused")
    assert "a PyTorch file" in dialog.refused.what.text()
    assert "Export it to ONNX" in dialog.refused.way_out.text()

    untold = save(models.known_ssd(FOUND), tmp_path / "b", "untold")
    dialog.model.set_path(untold)
    wait_for(qtbot, dialog, "refused")
    assert "how many classes" in dialog.refused.what.text()
    names = tmp_path / "names.txt"
    names.write_text("fox\nwolf\nhare\n", "utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(names), ""))
    QTest.mouseClick(dialog.refused.names, Qt.MouseButton.LeftButton)
    wait_for(qtbot, dialog, "known")
    assert wait_for_boxes(qtbot, dialog) == ("hare 0.90", "fox 0.50")

    dialog.model.set_path(tmp_path / "gone.onnx")
    assert "There is no file" in dialog.problem.text()
    dialog.reject()
    window.close()


def test_examining_can_be_stopped_and_leaves_nothing(
    qtbot: QtBot, window: MainWindow, model: Path, images: Path
) -> None:
    window.asking.for_project(model=model, dataset=images)
    dialog = opened(window)
    wait_for(qtbot, dialog, "examining")
    QTest.mouseClick(dialog.examining.stop, Qt.MouseButton.LeftButton)
    assert dialog.pages.currentWidget() is dialog.stopped
    QTest.mouseClick(dialog.stopped.action, Qt.MouseButton.LeftButton)
    wait_for(qtbot, dialog, "known")
    with qtbot.waitSignal(dialog.presenter.ended, timeout=20_000):
        dialog.reject()
    assert not job_processes()
    assert not list((window.parts.workspace.root / "imports").iterdir())
    window.close()


def test_a_project_is_corrected_later(
    qtbot: QtBot, window: MainWindow, model: Path, images: Path
) -> None:
    import_project(window, model, images)
    wait_for_jobs(qtbot, window)  # it is measured, too
    project = window.parts.session.selected
    assert project is not None
    window.asking.for_editing(project)
    dialog = opened(window)
    assert wait_for_boxes(qtbot, dialog) == ("bird 0.90", "cat 0.50")
    choose(dialog.settings.colors, "rgb")
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "RGB" in _preprocessing(window), timeout=20_000)
    assert not window.parts.queue.jobs  # nothing to be measured anew
    assert len(list((window.parts.workspace.root / "imports").iterdir())) == 1

    # a model that is alike can become a version of it, and needs no images of its own
    again = save(models.known_yolox(FOUND[:1]), model.parent / "b", "smaller", CLASSES)
    window.asking.for_project(model=again)
    dialog = window.findChildren(NewProjectDialog)[-1]
    wait_for(qtbot, dialog, "known")
    assert not dialog.ok.isEnabled()
    choose(dialog.role, project)
    assert dialog.ok.isEnabled()
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.parts.session.selected not in (None, project), timeout=20_000)
    wait_for_jobs(qtbot, window)
    version = window.parts.workspace.project(window.parts.session.selected or 0)
    assert (version.parent_id, version.name) == (project, "smaller")

    window.asking.for_editing(project)
    dialog = window.findChildren(NewProjectDialog)[-1]
    wait_for_boxes(qtbot, dialog)
    choose(dialog.settings.colors, "bgr")
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "was optimized already" in dialog.problem.text(), timeout=20_000)
    choose(dialog.settings.colors, "rgb")
    assert not dialog.problem.text()
    dialog.reject()
    window.close()


def _preprocessing(window: MainWindow) -> str:
    card = shown_project(window).card
    assert card is not None
    return card.detector.preprocessing.describe()
