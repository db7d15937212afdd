"""Drops on the window: what they mean, said while they are over it, and done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from pytestqt.qtbot import QtBot

from app.importing.dialog import NewProjectDialog
from app.shell.dropping import meaning
from app.shell.main_window import MainWindow
from tests.support.images import write_images
from tests.support.models import CLASSES, save, ssd
from tests.support.window import open_stored

_USUAL = (Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    return open_stored(qtbot, tmp_path / "workspace", monkeypatch)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of two."""
    for name in ("one", "two"):
        save(ssd(), tmp_path / "models", name, CLASSES)
    return tmp_path / "models"


def data(paths: Sequence[Path]) -> QMimeData:
    made = QMimeData()
    made.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return made


def drag_and_drop(window: MainWindow, *paths: Path) -> str:
    """Drop these; gives what the highlight said before."""
    held = data(paths)
    window.dragEnterEvent(QDragEnterEvent(QPoint(9, 9), _USUAL[0], held, *_USUAL[1:]))
    assert window.drop_hint.isVisible()
    said = window.drop_hint.text.text()
    window.dropEvent(QDropEvent(QPointF(9, 9), _USUAL[0], held, *_USUAL[1:]))
    assert not window.drop_hint.isVisible()
    return said


def asked_for(window: MainWindow) -> list[str]:
    """The models that import dialogs are open for."""
    dialogs = [one for one in window.findChildren(NewProjectDialog) if one.isVisible()]
    return [one.model.path.name for one in dialogs if one.model.path is not None]


def test_a_highlight_goes_with_what_is_dragged(window: MainWindow, models: Path) -> None:
    held = data([models / "one.xml"])
    window.dragEnterEvent(QDragEnterEvent(QPoint(9, 9), _USUAL[0], held, *_USUAL[1:]))
    assert window.drop_hint.text.text() == "Make a project of the model one.xml"
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window.drop_hint.isVisible()
    window.close()


def test_a_folder_of_models_is_imported_one_after_the_other(
    qtbot: QtBot, window: MainWindow, models: Path
) -> None:
    said = drag_and_drop(window, models)
    assert said == "Make projects of 2 models, one after the other"
    assert asked_for(window) == ["one.xml"]
    (dialog,) = (one for one in window.findChildren(NewProjectDialog) if one.isVisible())
    dialog.reject()
    qtbot.waitUntil(lambda: asked_for(window) == ["two.xml"])
    window.close()


def test_models_in_a_folder_each_are_imported_one_after_the_other(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """As a model zoo lays them out."""
    for name in ("one", "two"):
        save(ssd(), tmp_path / "zoo" / name, name, CLASSES)
    said = drag_and_drop(window, tmp_path / "zoo")
    assert said == "Make projects of 2 models, one after the other"
    assert asked_for(window) == ["one"]
    (dialog,) = (one for one in window.findChildren(NewProjectDialog) if one.isVisible())
    assert dialog.windowTitle() == "New project (1 more model follows)"
    dialog.reject()
    qtbot.waitUntil(lambda: asked_for(window) == ["two"])
    (last,) = (one for one in window.findChildren(NewProjectDialog) if one.isVisible())
    assert last.windowTitle() == "New project"
    window.close()


def test_a_folder_with_a_model_and_images_in_folders_is_a_dataset(tmp_path: Path) -> None:
    save(ssd(), tmp_path / "all" / "model", "one", CLASSES)
    write_images(tmp_path / "all" / "images", 2)
    drop = meaning([tmp_path / "all"], calibrates=False)
    assert (drop.kind, drop.paths) == ("dataset", (tmp_path / "all",))


def test_images_on_optimize_are_calibrated_on(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    images = write_images(tmp_path / "street", 3)
    window.parts.session.select_project(window.parts.session.rows[0].id)
    window.tabs.show_tab("optimize")
    qtbot.waitUntil(lambda: window.tabs.current_made, timeout=30_000)
    assert drag_and_drop(window, images) == "Calibrate on the images of street"
    assert window.tabs.optimize.calibration.path == images
    window.close()


def test_our_own_project_files_are_imported(window: MainWindow, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.dwproject" for name in ("a", "b")]
    for path in paths:
        path.write_bytes(b"no archive")
    assert drag_and_drop(window, *paths) == "Import 2 projects"
    assert len(window.parts.queue.jobs) == 2
    window.close()


def test_a_model_comes_with_its_weights_and_images(
    window: MainWindow, models: Path, tmp_path: Path
) -> None:
    images = write_images(tmp_path / "street", 2)
    one = models / "one.xml"
    said = drag_and_drop(window, models / "one.bin", one)
    assert said == "Make a project of the model one.xml"
    window.asking.close()
    said = drag_and_drop(window, images, one, models / "one.bin")
    assert said == "Make a project of the model one.xml, with street"
    (dialog,) = (one for one in window.findChildren(NewProjectDialog) if one.isVisible())
    assert dialog.dataset.path == images
    window.close()


def test_nothing_is_made_of_what_does_not_belong_together(
    window: MainWindow, models: Path, tmp_path: Path
) -> None:
    images = sorted(write_images(tmp_path / "street", 2).iterdir())
    said = drag_and_drop(window, models / "one.xml", *images)
    assert said == "Drop models, project files or images, one kind at a time"
    assert drag_and_drop(window, tmp_path / "a.dwproject", models / "one.xml") == said
    assert asked_for(window) == []
    assert window.parts.queue.jobs == ()
    window.close()


def test_what_else_a_drop_means(tmp_path: Path) -> None:
    images = write_images(tmp_path / "street", 2)
    files = sorted(images.iterdir())
    assert meaning([images], calibrates=False).sentence == "Make a project on the images of street"
    assert meaning(files, calibrates=True).sentence == "Make a dataset of 2 files"
    odd = tmp_path / "notes.odd"
    odd.write_text("?")
    assert meaning([odd], calibrates=True).kind == "models"
