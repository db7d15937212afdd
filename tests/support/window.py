"""Driving the real window: waiting for its jobs, and a small project to start from."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.checkout import ROOT
from tests.support.images import write_images
from tests.support.models import CLASSES, save, ssd

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.project.navigation import Tab
    from app.project_views import ProjectView
    from app.shell.main_window import MainWindow

JOB_TIMEOUT_MS = 90_000


@dataclass(frozen=True)
class Material:
    """What a user would bring along."""

    model: Path
    calibration: Path
    validation: Path


def make_material(folder: Path) -> Material:
    """A tiny real SSD, calibration images and others, so many that nobody warns."""
    return Material(
        save(ssd(), folder / "a model", "tiny ssd", CLASSES),
        write_images(folder / "photos" / "train", 32, first=100),
        write_images(folder / "photos" / "val", 12),
    )


def open_window(qtbot: QtBot, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window as a user gets it, with short measurements."""
    from app.project import presenter
    from app.shell.composition import compose

    monkeypatch.setattr(presenter, "BASELINE_SECONDS", 0.1)
    monkeypatch.setattr(presenter, "COMPARISON_SECONDS", 0.2)
    window = compose(workspace)
    window.closing.ask = lambda titles: "stop"  # nobody is there to be asked
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


def open_imported(
    qtbot: QtBot, workspace: Path, monkeypatch: pytest.MonkeyPatch, model: Path, images: Path
) -> MainWindow:
    """The window on a project that was imported before, and of which nothing is measured."""
    from core.importing.service import plan_import
    from core.workspace.store import Workspace
    from tests.support.jobs import run

    there = Workspace(workspace)
    end = run(there, plan_import(there, model, images)).end
    assert end.project_id is not None, end.outcome.error
    window = open_window(qtbot, workspace, monkeypatch)
    window.parts.session.select_project(end.project_id)
    qtbot.waitUntil(lambda: window.isActiveWindow() and window.tabs.current_made)
    return window


def open_stored(qtbot: QtBot, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window on a copy of the stored workspace: projects, benchmarks and reports."""
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(workspace)
    return open_window(qtbot, workspace, monkeypatch)


def import_project(window: MainWindow, model: Path, images: Path) -> bool:
    """Have a model imported as the dialog proposes it; False where it is refused at once."""
    from core.importing.service import plan_import

    return window.parts.queue.start(lambda: plan_import(window.parts.workspace, model, images))


def show_tab(qtbot: QtBot, window: MainWindow, tab: Tab) -> None:
    """Bring a tab to the front, and wait until its page is there."""
    window.tabs.show_tab(tab)
    qtbot.waitUntil(lambda: window.tabs.current_made)


def shown_project(window: MainWindow) -> ProjectView:
    """What there is of the project that is selected."""
    from app.project_views import project_view

    selected = window.parts.session.selected
    assert selected is not None
    return project_view(window.parts.workspace, selected)


def wait_for_jobs(qtbot: QtBot, window: MainWindow) -> None:
    """Until nothing runs and nothing waits."""
    qtbot.waitUntil(lambda: not window.parts.queue.state.title, timeout=JOB_TIMEOUT_MS)


def wait_for_stage(qtbot: QtBot, window: MainWindow, stage: str) -> None:
    """Until the running job reports this stage."""

    def there() -> bool:
        progress = window.parts.queue.state.progress
        return progress is not None and progress.stage == stage

    qtbot.waitUntil(there, timeout=JOB_TIMEOUT_MS)
