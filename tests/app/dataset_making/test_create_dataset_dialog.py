"""A dataset is made of dropped images, with an image of its augmented images, and used at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.dataset_making.dialog import CreateDatasetDialog
from app.dataset_making.maker import DatasetMaker
from app.importing.dialog import NewProjectDialog
from app.project.own_datasets import offered_datasets
from app.project.presenting import Surroundings
from core.datasets.stored import load_dataset
from core.workspace.store import Workspace
from tests.support import user
from tests.support.images import write_image, write_images
from tests.support.queues import StandingQueue
from tests.support.window import open_window, wait_for_jobs


def drop(widget: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    widget.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def titles(dialog: CreateDatasetDialog) -> list[str]:
    return [dialog.shown.item(row).text() for row in range(dialog.shown.count())]


def test_dropped_images_become_a_dataset(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = write_image(tmp_path / "ünï 猫.jpg")
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(one.read_bytes()[:150])
    album = write_images(tmp_path / "album", 2)
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    drop(window, one, cut)  # several images: not a project, a dataset
    dialog = window.findChild(CreateDatasetDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: titles(dialog) == ["as it is"], timeout=10_000)
    drop(dialog, album, one)
    assert dialog.presenter.sources == (one, cut, album)

    dialog.flips["horizontal_flip"].click()
    dialog.kinds["noise"].click()
    dialog.strengths["noise"].setValue(0.1)
    dialog.copies.setValue(2)
    assert "3 augmented images of it" in dialog.count.text()
    wanted = ["as it is", "flipped horizontally", "noisy 1", "noisy 2"]
    qtbot.waitUntil(lambda: titles(dialog) == wanted, timeout=10_000)

    QTest.keyClicks(dialog.name, "yard")
    QTest.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    wait_for_jobs(qtbot, window)
    answer = window.notices.said
    assert "Created yard: 3 images and 9 augmented images" in answer
    assert "1 image was left out" in answer
    assert "cut.jpg" in answer

    # it is offered where images are chosen
    ((title, path),) = offered_datasets(window.parts.workspace)
    assert title == "yard (12 images)"
    assert len(load_dataset(path).images) == 12
    window.asking.for_project()
    new = window.findChild(NewProjectDialog)
    assert new is not None
    offers = user.menu(new.dataset.browse)
    assert offers[-1].text() == title
    offers[-1].trigger()
    assert new.dataset.path == path
    assert not new.problem.text()
    assert user.menu(window.tabs.optimize.calibration.browse)[-1].text() == title
    window.close()


def test_what_holds_no_image_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    dialog = CreateDatasetDialog(
        None, DatasetMaker(Surroundings(workspace, StandingQueue(workspace)))
    )
    qtbot.addWidget(dialog)
    dialog.open()
    assert not dialog.make.isEnabled()
    (tmp_path / "empty").mkdir()
    dialog.presenter.add([tmp_path / "empty"])
    qtbot.waitUntil(lambda: titles(dialog) == ["There are no images among these."], timeout=10_000)
    dialog.sources.selectAll()
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert dialog.presenter.sources == ()
    dialog.reject()
