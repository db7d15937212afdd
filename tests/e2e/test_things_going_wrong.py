"""Cancel, a killed job, bad input: the window says what happened and lives on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.importing.dialog import NewProjectDialog
from app.reports.predictions_page import PredictionsPage
from app.shell.main_window import MainWindow
from core.models.plan import QuantizationPlan
from tests.support import user
from tests.support.images import write_image
from tests.support.jobs import job_processes
from tests.support.models import embedding, save
from tests.support.window import (
    Material,
    import_project,
    make_material,
    open_imported,
    open_window,
    show_tab,
    wait_for_jobs,
    wait_for_stage,
)


@pytest.fixture
def material(tmp_path: Path) -> Material:
    return make_material(tmp_path)


@pytest.fixture
def window(
    qtbot: QtBot, tmp_path: Path, material: Material, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    given = material.model, material.validation
    return open_imported(qtbot, tmp_path / "workspace", monkeypatch, *given)


def test_cancel_in_the_middle_of_an_optimization_leaves_nothing(
    qtbot: QtBot, window: MainWindow, material: Material
) -> None:
    selected = window.parts.session.selected
    assert selected is not None
    show_tab(qtbot, window, "optimize")
    assert window.parts.optimize.optimize(material.calibration, QuantizationPlan())
    wait_for_stage(qtbot, window, "Collecting statistics")
    QTest.mouseClick(window.job_bar.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.parts.queue.state.title, timeout=5000)
    workspace = window.parts.workspace
    assert [project.id for project in workspace.projects()] == [selected]
    assert not list(workspace.root.rglob(".job-*"))
    assert not window.notices.isVisible(), window.notices.said
    assert window.tree.view.model().rowCount(window.tree.view.model().index(0, 0)) == 0
    window.close()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_job_fails_with_a_sentence_and_the_next_one_works(
    qtbot: QtBot, window: MainWindow, material: Material
) -> None:
    selected = window.parts.session.selected
    assert selected is not None
    show_tab(qtbot, window, "optimize")
    window.parts.optimize.optimize(material.calibration, QuantizationPlan())
    wait_for_stage(qtbot, window, "Collecting statistics")
    for process in job_processes():
        process.send_signal(signal.SIGSEGV)
    wait_for_jobs(qtbot, window)
    assert "SIGSEGV" in window.notices.said
    assert user.find(window.notices, QPushButton, "Log").isVisible()
    failed = window.parts.workspace.projects()[-1]
    assert failed.state == "failed"
    assert "ended unexpectedly" in failed.message
    window.parts.project.run_benchmark(selected, 0.5)
    wait_for_jobs(qtbot, window)
    benchmarks = window.parts.workspace.artifacts(selected, "benchmark")
    assert len(benchmarks) == 1
    window.close()


def test_closing_the_window_ends_its_job(
    qtbot: QtBot, window: MainWindow, material: Material
) -> None:
    selected = window.parts.session.selected
    assert selected is not None
    show_tab(qtbot, window, "optimize")
    window.parts.optimize.optimize(material.calibration, QuantizationPlan())
    wait_for_stage(qtbot, window, "Loading NNCF")
    window.close()
    assert not job_processes()
    projects = window.parts.workspace.projects()
    assert [project.id for project in projects] == [selected]


def test_what_is_no_detector_is_refused_with_its_cause(
    qtbot: QtBot, window: MainWindow, material: Material, tmp_path: Path
) -> None:
    model = save(embedding(), tmp_path / "other", "embedding")
    import_project(window, model, material.validation)
    wait_for_jobs(qtbot, window)
    assert "No known detector" in window.notices.said
    assert len(window.parts.workspace.projects()) == 1
    user.press(window.notices, "Close")
    assert not window.notices.isVisible()
    window.close()


def _drop(window: MainWindow, path: Path) -> NewProjectDialog:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    dialog = window.findChild(NewProjectDialog)
    assert dialog is not None
    return dialog


def test_a_dropped_model_and_a_dropped_folder_open_the_dialog(
    qtbot: QtBot, tmp_path: Path, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    dialog = _drop(window, material.model)
    assert (dialog.model.path, dialog.dataset.path) == (material.model, None)
    dialog.close()
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is None)
    dialog = _drop(window, material.model.parent)
    assert dialog.model.path == material.model.parent
    dialog.close()
    qtbot.waitUntil(lambda: window.findChild(NewProjectDialog) is None)
    dialog = _drop(window, material.validation)
    assert (dialog.model.path, dialog.dataset.path) == (None, material.validation)
    window.close()


def test_images_that_cannot_be_read_are_told_and_left_out(
    qtbot: QtBot, tmp_path: Path, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = material.validation / "cut short.jpg"
    write_image(cut)
    cut.write_bytes(cut.read_bytes()[:200])
    given = material.model, material.validation
    window = open_imported(qtbot, tmp_path / "workspace", monkeypatch, *given)
    show_tab(qtbot, window, "optimize")
    window.parts.optimize.optimize(material.calibration, QuantizationPlan(subset_size=4))
    wait_for_jobs(qtbot, window)
    window.parts.project.compare(window.parts.session.selected or 0)
    wait_for_jobs(qtbot, window)
    assert "cut short.jpg is cut short" in window.notices.said
    tables = window.tabs.report.page_of("predictions")
    assert isinstance(tables, PredictionsPage)
    qtbot.waitUntil(lambda: window.tabs.report.currentWidget() is tables, timeout=10_000)
    assert tables.table.model().rowCount() == 12
    assert "cut short.jpg is cut short" in window.tabs.project.dataset_card.problems.text()
    window.close()
