"""A double click on what starts a job makes one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.shell.main_window import MainWindow
from app.workers.job_queue import JobQueue
from core.folders import machine_lock
from core.importing.service import plan_import
from core.jobs.planned import PlannedJob
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.workspace.store import Workspace
from tests.support.jobs import run
from tests.support.window import make_material, open_window, show_tab


@pytest.fixture
def busy() -> Iterator[None]:
    """Another program of ours works: jobs that are started wait."""
    with filelock.FileLock(machine_lock()):
        yield


@pytest.fixture
def window(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: None
) -> Iterator[MainWindow]:
    yield open_window(qtbot, tmp_path / "workspace", monkeypatch)


@pytest.fixture
def optimized(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window that shows an optimized project."""
    material = make_material(tmp_path)
    workspace = Workspace(tmp_path / "workspace")
    parent = run(workspace, plan_import(workspace, material.model, material.validation))
    assert parent.end.project_id is not None
    plan = QuantizationPlan(subset_size=2)
    made = plan_optimize(workspace, parent.end.project_id, material.calibration, plan)
    child = run(workspace, made).end.project_id
    shown = open_window(qtbot, workspace.root, monkeypatch)
    shown.parts.session.select_project(child)
    return shown


def twice(button: QAbstractButton) -> None:
    """What a double click is: a click, and another one at once."""
    assert button.isVisible() and button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)  # which the one before leaves out


def submitted(queue: JobQueue) -> list[str]:
    titles: list[str] = []

    def note(job: PlannedJob) -> None:
        titles.append(job.title)

    queue.job_added.connect(note)
    return titles


def test_on_the_sample(qtbot: QtBot, window: MainWindow) -> None:
    titles = submitted(window.parts.queue)
    twice(window.start_page.sample)
    qtbot.waitUntil(lambda: bool(titles), timeout=30_000)
    qtbot.wait(300)  # for another one that there must not be
    assert len(titles) == 1


def test_on_optimize_run_benchmark_and_create_report(
    qtbot: QtBot, optimized: MainWindow, busy: None
) -> None:
    window = optimized
    titles = submitted(window.parts.queue)
    show_tab(qtbot, window, "optimize")
    twice(window.tabs.optimize.start)
    assert len(titles) == 1 and titles[0].startswith("Optimize ")
    show_tab(qtbot, window, "performance")
    twice(window.tabs.performance.speed.empty.action)
    assert len(titles) == 2 and titles[1].startswith("Benchmark ")
    show_tab(qtbot, window, "report")
    twice(window.tabs.report.library.start)
    assert len(titles) == 3, titles
    assert len(window.parts.workspace.projects()) == 3, "one more than before"
